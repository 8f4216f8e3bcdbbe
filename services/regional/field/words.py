"""Words of the pages; templates translate them."""

from services.regional.field.batches import Flag, ItemOutcome
from services.regional.field.checks import VisitFound
from services.regional.field.rules import (
    Act,
    AskedBy,
    ClosingReason,
    Condition,
    Kind,
    NotToday,
    SessionState,
    VisitState,
)
from shared.pages.language import N_

KINDS = {
    Kind.SCHOOL: N_("Sekolah"),
    Kind.VILLAGE: N_("Desa atau kelurahan"),
    Kind.PRISON: N_("Lapas atau rutan"),
    Kind.MARKET: N_("Pasar"),
    Kind.FACTORY: N_("Pabrik"),
    Kind.PESANTREN: N_("Pesantren"),
    Kind.HOSPITAL: N_("Rumah sakit"),
    Kind.EVENING: N_("Layanan malam"),
}
# Places a stranger does not walk into: the team comes for those inside.
FOR_THOSE_INSIDE = frozenset({Kind.SCHOOL, Kind.PRISON, Kind.FACTORY, Kind.PESANTREN})
SESSION_STATES = {
    SessionState.PLANNED: (N_("Direncanakan"), "calm"),
    SessionState.DONE: (N_("Selesai"), "good"),
    SessionState.CANCELLED: (N_("Dibatalkan"), "warn"),
}
CONDITIONS = {
    Condition.ILL: N_("Sakit"),
    Condition.ELDERLY: N_("Lanjut usia"),
    Condition.DISABLED: N_("Penyandang disabilitas"),
    Condition.MENTAL_ILLNESS: N_("Orang dengan gangguan jiwa (ODGJ)"),
    Condition.OTHER: N_("Sebab lain"),
}
ASKED_BY = {
    AskedBy.FAMILY: N_("Keluarga"),
    AskedBy.NEIGHBOURHOOD: N_("Ketua RT atau RW"),
    AskedBy.CITIZEN: N_("Yang bersangkutan"),
}
VISIT_STATES = {
    VisitState.ASKED: (N_("Menunggu persetujuan"), "warn"),
    VisitState.PLANNED: (N_("Terjadwal"), "calm"),
    VisitState.RECORDED: (N_("Sudah direkam"), "good"),
    VisitState.CLOSED: (N_("Ditutup"), "calm"),
}
ACTS = {
    Act.ASKED: N_("Diajukan"),
    Act.PLANNED: N_("Disetujui dan dijadwalkan"),
    Act.RECORDED: N_("Direkam"),
    Act.NOT_TODAY: N_("Belum bisa hari itu"),
    Act.CLOSED: N_("Ditutup"),
}
REASONS: dict[str, str] = {
    NotToday.NOT_AT_HOME: N_("Tidak ada di rumah"),
    NotToday.TOO_ILL: N_("Terlalu sakit hari itu"),
    NotToday.NOT_WILLING: N_("Belum bersedia"),
    NotToday.NO_WAY_THERE: N_("Jalan tidak dapat dilalui"),
    NotToday.EQUIPMENT_FAILED: N_("Alat rekam bermasalah"),
    ClosingReason.CAME_TO_OFFICE: N_("Sudah datang ke kantor"),
    ClosingReason.WITHDRAWN: N_("Permintaan ditarik"),
    ClosingReason.DEAD: N_("Meninggal"),
    ClosingReason.MOVED: N_("Pindah"),
    ClosingReason.RECORDED_ELSEWHERE: N_("Sudah merekam di daerah lain"),
    ClosingReason.NOT_APPROVED: N_("Tidak disetujui"),
}
NOT_TODAY = [*NotToday]
CLOSING = [*ClosingReason]
FOUND = {
    VisitFound.RECORDED: N_("Sudah direkam"),
    VisitFound.REMEDY_OPEN: N_("Perekamannya belum beres"),
    VisitFound.DELETION_OPEN: N_("Penghapusan menunggu pusat"),
    VisitFound.AMENDMENT_OPEN: N_("Perubahan data menunggu pusat"),
    VisitFound.VISIT_OPEN: N_("Kunjungan sudah diajukan"),
    VisitFound.LISTED_AS_DEAD: N_("Tercatat meninggal"),
    VisitFound.LISTED_AS_MOVED: N_("Tercatat pindah"),
    VisitFound.TOO_YOUNG: N_("Belum cukup umur"),
    VisitFound.NOT_LISTED: N_("Tidak ada di daftar penduduk"),
    VisitFound.BLOCKED: N_("Diblokir"),
}
SOURCES = {
    "citizen": N_("Yang bersangkutan"),
    "family": N_("Keluarga"),
    "neighbourhood": N_("Ketua RT atau RW"),
    "visit": N_("Kunjungan petugas"),
    "desk": N_("Meja layanan"),
}
NO_PLACE = N_("Isi nama tempat, misalnya SMA Negeri 1.")
NO_WARD = N_("Pilih kelurahan.")
NO_DAY = N_("Isi tanggal, misalnya 2017-10-16.")
NO_HOURS = N_("Isi jam mulai dan jam selesai pada hari yang sama, paling lama 12 jam.")
NO_PEOPLE = N_("Isi perkiraan jumlah orang dengan angka, atau kosongkan.")
NO_TEAM = N_("Tulis tim dengan huruf kecil, angka, dan tanda hubung, misalnya tim-1.")
NO_NIK = N_("NIK terdiri dari 16 angka.")
NO_CHOICE = N_("Pilih salah satu.")
NO_RECORDING = N_("Isi nomor perekaman seperti pada tanda terimanya.")
NO_KEY = N_("Tempel seluruh baris yang dicetak `tunggal field key` di stasiun.")
OTHER_KEY = N_("Nomor kunci ini sudah dipakai atau sudah diakhiri; buat kunci baru di stasiun.")
ODD_RECORDING = (
    "Isi baris ini bukan perekaman yang disebut; kemas ulang dari stasiun.",
    "This line is not the recording it is named as; pack it again on the station.",
)
OUTCOMES = {
    ItemOutcome.TAKEN: (N_("Diambil"), "good"),
    ItemOutcome.HELD: (N_("Sudah ada di sini"), "calm"),
    ItemOutcome.REFUSED: (N_("Ditolak"), "bad"),
}
FLAGS = {
    Flag.CAPTURED_IN_FUTURE: N_("Jam rekam di masa depan"),
    Flag.CAPTURED_BEFORE_ENROLMENT: N_("Direkam sebelum kunci stasiun didaftarkan"),
    Flag.CAPTURED_AFTER_PACKING: N_("Direkam setelah dikemas"),
    Flag.OTHER_STATION: N_("Direkam oleh stasiun lain"),
}
MODALITIES = {
    "face": N_("Wajah"),
    "signature": N_("Tanda tangan"),
    "iris_left": N_("Iris kiri"),
    "iris_right": N_("Iris kanan"),
    "left_thumb": N_("Ibu jari kiri"),
    "left_index": N_("Telunjuk kiri"),
    "left_middle": N_("Jari tengah kiri"),
    "left_ring": N_("Jari manis kiri"),
    "left_little": N_("Kelingking kiri"),
    "right_thumb": N_("Ibu jari kanan"),
    "right_index": N_("Telunjuk kanan"),
    "right_middle": N_("Jari tengah kanan"),
    "right_ring": N_("Jari manis kanan"),
    "right_little": N_("Kelingking kanan"),
}
LACKS = {
    "missing": N_("Tidak ada"),
    "unreadable": N_("Tidak terbaca"),
    "ill": N_("Sakit"),
    "cannot_sign": N_("Tidak dapat menandatangani"),
}
