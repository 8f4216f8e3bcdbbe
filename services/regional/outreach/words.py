"""What codes of outreach are called on pages; the templates translate."""

from services.regional.outreach.rules import Need, Reason, Source, Whereabouts
from shared.pages.language import N_

WHEREABOUTS = {
    Whereabouts.IN_TOWN: N_("Ada di rumah"),
    Whereabouts.AWAY: N_("Di luar kota"),
    Whereabouts.ILL: N_("Sakit atau tidak dapat keluar rumah"),
    Whereabouts.ABROAD: N_("Di luar negeri"),
    Whereabouts.DEAD: N_("Meninggal"),
    Whereabouts.MOVED: N_("Pindah"),
    Whereabouts.RECORDED_ELSEWHERE: N_("Sudah merekam di tempat lain"),
    Whereabouts.UNKNOWN: N_("Tidak dikenal di alamat ini"),
}
SOURCES = {
    Source.CITIZEN: N_("Penduduk sendiri"),
    Source.FAMILY: N_("Keluarga"),
    Source.NEIGHBOURHOOD: N_("Ketua RT atau RW"),
    Source.VISIT: N_("Kunjungan petugas"),
    Source.DESK: N_("Datang ke loket"),
}
# A citizen's own word comes by the letter's page alone.
OFFICERS_SOURCES = {one: name for one, name in SOURCES.items() if one is not Source.CITIZEN}
REASONS = {
    Reason.DEAD: N_("Meninggal"),
    Reason.MOVED: N_("Pindah"),
    Reason.RECORDED_ELSEWHERE: N_("Sudah merekam di tempat lain"),
    Reason.ABROAD: N_("Menetap di luar negeri"),
    Reason.LISTED_WRONGLY: N_("Salah tercantum dalam daftar"),
    Reason.NOT_FOUND: N_("Tidak ditemukan"),
}
NEEDS = {
    Need.LETTER: (N_("Dikirimi surat"), "warn"),
    Need.WAIT: (N_("Menunggu jawaban"), "calm"),
    Need.HOME_VISIT: (N_("Direkam di rumah"), "warn"),
    Need.CHECK: (N_("Diperiksa petugas"), "bad"),
    Need.VISIT: (N_("Dikunjungi: surat tidak dijawab"), "bad"),
    Need.ADDRESS: (N_("Alamat belum lengkap"), "bad"),
    Need.NOTHING: (N_("Pencarian ditutup"), "good"),
}
ACTS = {
    "heard": N_("Keadaan dicatat"),
    "closed": N_("Pencarian ditutup"),
    "reopened": N_("Pencarian dibuka kembali"),
}
# What the page of a letter offers; the others are an officer's business.
REPLIES = {
    Whereabouts.IN_TOWN: N_("Saya di kota ini dan akan datang"),
    Whereabouts.AWAY: N_("Saya sedang di luar kota"),
    Whereabouts.ILL: N_("Saya sakit atau tidak dapat keluar rumah: minta direkam di rumah"),
    Whereabouts.ABROAD: N_("Saya di luar negeri"),
    Whereabouts.RECORDED_ELSEWHERE: N_("Saya sudah merekam KTP-el di tempat lain"),
    Whereabouts.MOVED: N_("Saya sudah pindah dari kota ini"),
    Whereabouts.DEAD: N_("Orang ini sudah meninggal; saya keluarganya"),
}
NO_DAY = N_("Isi tanggal.")
NO_SOURCE = N_("Pilih sumber berita.")
NO_WHEREABOUTS = N_("Pilih salah satu keadaan.")
NO_REASON = N_("Pilih alasan penutupan.")
NO_ADDRESS = N_("Tulis alamat tujuan dengan 5 sampai 160 huruf.")
NO_REMARK = N_("Tulis alasannya dengan 5 sampai 160 huruf.")
NO_NIK = N_("NIK terdiri dari 16 angka.")
NO_BIRTH_DATE = N_("Isi tanggal lahir dengan hari, bulan, dan tahun, misalnya 12 7 1990.")
NOT_TAKEN = N_(
    "Tanggal lahir tidak cocok dengan surat ini. Setelah sepuluh kali salah, sampaikan jawaban "
    "kepada Ketua RT atau ke kantor."
)
NOTHING_CHOSEN = N_("Belum ada keadaan yang dipilih.")
NOBODY = N_("NIK ini tidak ada dalam daftar penduduk.")
TOO_OFTEN = N_("Terlalu sering dicoba. Tunggu beberapa menit lalu coba lagi.")
TO_CHECK = N_("Perlu diperiksa: dikabarkan meninggal, pindah, atau sudah merekam")
HOME_VISITS = N_("Minta direkam di rumah")
NOT_KNOWN = N_("Tidak dikenal di alamatnya")
