"""What codes are called on officers' pages; templates translate them."""

from services.regional.console.history import Seen
from services.regional.console.rules import Advice
from services.regional.journey.rules import Cause, Stage
from shared.pages.language import N_

STAGES = {
    Stage.QUEUED: N_("Menunggu dikirim"),
    Stage.SENT: N_("Sedang dikirim"),
    Stage.AT_CENTRE: N_("Di pusat"),
    Stage.UNSETTLED: N_("Belum dapat dicetak"),
    Stage.PRINTABLE: N_("Siap dicetak"),
    Stage.PRINTING: N_("Sedang dicetak"),
    Stage.SPOILED: N_("Blangko rusak"),
    Stage.PRINTED: N_("Tercetak"),
    Stage.ISSUED: N_("Sudah diserahkan"),
    Stage.REVOKED: N_("Izin dicabut"),
    Stage.TO_WITHDRAW: N_("Kartu harus ditarik"),
    Stage.DELETED: N_("Dihapus"),
}
CAUSES = {
    Cause.LINE: N_("jalur ke pusat putus"),
    Cause.QUEUE: N_("antrean ke pusat"),
    Cause.PENUNGGALAN: N_("pemeriksaan ketunggalan di pusat"),
    Cause.ADJUDICATION: N_("dua petugas pusat membandingkan"),
    Cause.OFFICER: N_("petugas kantor ini"),
    Cause.CITIZEN: N_("penduduk datang ke kantor"),
    Cause.AGE: N_("hari pemegang genap 17 tahun"),
    Cause.BLANK_CARD: N_("blangko dan pencetak"),
    Cause.NEW_PERMISSION: N_("izin cetak baru"),
    Cause.NOT_COLLECTED: N_("kartu diambil"),
    Cause.PROGRAM: N_("pembaruan program"),
    Cause.DELETION: N_("tidak menunggu: sudah dihapus"),
    Cause.NOTHING: N_("tidak menunggu apa pun"),
}
EVENTS = {
    "captured": N_("Diambil di meja rekam"),
    "recorded": N_("Tersimpan di kantor ini"),
    "sent": N_("Dikirim ke pusat"),
    "received": N_("Diterima pusat"),
    "refused": N_("Ditolak pintu pusat"),
    "decided": N_("Keputusan pusat"),
    "read_here": N_("Keputusan dibaca kantor ini"),
    "held": N_("Jawaban pusat disimpan, menunggu pembaruan program"),
    "permitted": N_("Izin cetak"),
    "renewal_asked": N_("Izin kedaluwarsa, izin baru diminta"),
    "revoked": N_("Izin dicabut pusat"),
    "print_intended": N_("Pencetakan dimulai"),
    "printed": N_("Kartu tercetak"),
    "issued": N_("Kartu diserahkan"),
    "spoiled": N_("Blangko rusak"),
    "deletion_asked": N_("Penghapusan diusulkan"),
    "deletion_decided": N_("Penghapusan diputuskan"),
    "deleted": N_("Dihapus di pusat"),
    "validated": N_("Jawaban validasi petugas"),
    "amendment_asked": N_("Perubahan data diminta"),
    "amendment_decided": N_("Perubahan data dijawab"),
    "images_here": N_("Gambar diterima kantor ini"),
    "images_at_centre": N_("Semua gambar tiba di pusat"),
}
DETAILS = {
    "attempts": N_("percobaan"),
    "blank": N_("blangko"),
    "cause": N_("sebab"),
    "count": N_("jumlah"),
    "duplicate": N_("jenis ganda"),
    "officer": N_("petugas"),
    "outcome": N_("hasil"),
    "permission": N_("izin"),
    "reason": N_("alasan"),
    "region": N_("daerah"),
    "replaced_by": N_("pengganti"),
    "request": N_("permintaan"),
    "result": N_("hasil"),
    "rival": N_("perekaman lain"),
    "seq": N_("nomor urut"),
    "state": N_("keadaan"),
    "until": N_("berlaku sampai"),
    "what": N_("jenis"),
}
PARTS = {
    "face": N_("wajah"),
    "signature": N_("tanda tangan"),
    "iris_left": N_("iris kiri"),
    "iris_right": N_("iris kanan"),
    "left_thumb": N_("jempol kiri"),
    "left_index": N_("telunjuk kiri"),
    "left_middle": N_("jari tengah kiri"),
    "left_ring": N_("jari manis kiri"),
    "left_little": N_("kelingking kiri"),
    "right_thumb": N_("jempol kanan"),
    "right_index": N_("telunjuk kanan"),
    "right_middle": N_("jari tengah kanan"),
    "right_ring": N_("jari manis kanan"),
    "right_little": N_("kelingking kanan"),
}
PLACES = {
    "office": N_("kantor"),
    "district_office": N_("kecamatan"),
    "school": N_("sekolah"),
    "field": N_("lapangan"),
    "home": N_("rumah"),
}
LINES = {
    "up": (N_("Jalur baik"), "good"),
    "slow": (N_("Jalur lambat"), "warn"),
    "down": (N_("Jalur putus"), "bad"),
    "unknown": (N_("Jalur belum dikenal"), "calm"),
    "foreign": (N_("Pusat tidak dikenal: perlu petugas operasi"), "bad"),
    "fenced": (N_("Server lain berbicara untuk daerah ini"), "bad"),
    "key": (N_("Pusat tidak menerima kunci server ini: perlu petugas operasi"), "bad"),
}
SEEN = {
    Seen.UP: N_("baik"),
    Seen.SLOW: N_("lambat"),
    Seen.DOWN: N_("putus"),
    Seen.UNSEEN: N_("tidak teramati"),
}
# What to do about whoever stands at the desk: in a word, in sentences, and how it looks.
ADVICE = {
    Advice.RECORD: (
        N_("Rekam"),
        N_("Ada di daftar penduduk dan belum direkam di sini. Rekam sekarang."),
        "good",
    ),
    Advice.RECORD_EARLY: (
        N_("Rekam, kartu menyusul"),
        N_("Sudah 16 tahun: boleh direkam. Kartu baru dicetak pada hari di bawah ini."),
        "good",
    ),
    Advice.RECORD_REVIVES: (
        N_("Rekam: membuka blokir"),
        N_("Datanya diblokir karena belum direkam. Rekam sekarang; perekaman membuka blokir."),
        "good",
    ),
    Advice.DO_NOT_RECORD_AGAIN: (
        N_("Jangan merekam ulang"),
        N_("NIK ini sudah direkam di sini. Lihat perjalanannya dan jalan keluarnya."),
        "bad",
    ),
    Advice.TOO_YOUNG: (
        N_("Belum 16 tahun"),
        N_(
            "Belum boleh direkam. Minta datang pada hari di bawah ini, kecuali sudah kawin: "
            "mintalah buku nikah dan perbaiki daftar penduduk."
        ),
        "warn",
    ),
    Advice.NOT_LISTED: (
        N_("Tidak ada di daftar penduduk"),
        N_(
            "Periksa NIK pada Kartu Keluarga. Bila penduduk daerah lain dan tidak ada data yang "
            "berubah, boleh direkam di sini; bila pindah datang, proses surat pindah dulu."
        ),
        "warn",
    ),
    Advice.LISTED_AS_MOVED: (
        N_("Terdaftar pindah"),
        N_(
            "Menurut daftar sudah pindah keluar. Tanyakan tempat tinggal sekarang; bila kembali, "
            "proses surat pindah datang dulu."
        ),
        "warn",
    ),
    Advice.LISTED_AS_DEAD: (
        N_("Terdaftar meninggal"),
        N_(
            "Menurut daftar sudah meninggal. Jangan merekam: panggil kepala kantor, cocokkan "
            "orang dan dokumennya, dan perbaiki daftar penduduk lebih dulu."
        ),
        "bad",
    ),
}
WARNINGS = {
    "nik-birth-date-differs": N_("tanggal lahir pada NIK berbeda dari daftar"),
    "nik-sex-differs": N_("jenis kelamin pada NIK berbeda dari daftar"),
    "nik-has-no-calendar-date": N_("tanggal pada NIK tidak ada di kalender"),
    "nik-serial-is-zero": N_("nomor urut NIK 0000: mungkin rusak saat disalin"),
}
# What was heard of somebody who was invited, and why a search was closed.
WHEREABOUTS = {
    "in_town": N_("ada di kota"),
    "away": N_("sedang di luar kota"),
    "ill": N_("sakit, direkam di rumah"),
    "abroad": N_("di luar negeri"),
    "dead": N_("meninggal"),
    "moved": N_("pindah"),
    "recorded_elsewhere": N_("sudah direkam di tempat lain"),
    "unknown": N_("tidak dikenal di alamatnya"),
    "listed_wrongly": N_("salah tercatat di daftar"),
    "not_found": N_("tidak ditemukan"),
}
