"""What the desk's codes are called to people, Indonesian; pages translate them."""

from shared.pages.language import N_

GROUNDS = {
    "first-card": N_("Belum pernah punya kartu"),
    "suket-expiring": N_("Suketnya segera berakhir"),
    "medical": N_("Berobat atau operasi"),
    "exam": N_("Ujian atau pendaftaran sekolah"),
    "work": N_("Melamar atau memulai kerja"),
    "travel": N_("Perjalanan yang tidak dapat ditunda"),
    "court": N_("Sidang atau urusan hukum"),
    "disability": N_("Lanjut usia atau penyandang disabilitas"),
    "far-away": N_("Datang dari tempat yang jauh"),
    "office-error": N_("Kekeliruan kantor"),
}
SPOILED = {
    "failed-encode": N_("Gagal menulis cip"),
    "failed-print": N_("Gagal cetak"),
    "no-chip": N_("Tanpa cip"),
    "damaged": N_("Rusak fisik"),
    "power-cut": N_("Listrik padam"),
}
STATES = {
    "printing": (N_("di mesin cetak"), "warn"),
    "printed": (N_("tercetak"), "good"),
    "spoiled": (N_("rusak"), "bad"),
    "issued": (N_("sudah diserahkan"), "calm"),
}
COLLECTORS = {
    "self": N_("pemilik kartu"),
    "family": N_("anggota kartu keluarga yang sama"),
    "not_told": N_("tidak dicatat"),
}
WHY_NOT_FAMILY = {
    "same-person": N_("NIK itu milik pemegang kartu sendiri: pilih pemilik kartu."),
    "holders-family-card-unknown": N_(
        "Kartu keluarga pemegang tidak dikenal di kantor ini: serahkan kepada pemiliknya."
    ),
    "other-family-card": N_("Nomor kartu keluarga itu bukan kartu keluarga pemegang."),
    "relative-on-another-family-card": N_(
        "Orang ini tercatat pada kartu keluarga lain: serahkan kepada pemiliknya."
    ),
}
CARD_WORDS = {
    "male": N_("laki-laki"),
    "female": N_("perempuan"),
    "never_married": N_("belum kawin"),
    "married": N_("kawin"),
    "divorced": N_("cerai hidup"),
    "widowed": N_("cerai mati"),
    "islam": N_("Islam"),
    "christian": N_("Kristen"),
    "catholic": N_("Katolik"),
    "hindu": N_("Hindu"),
    "buddhist": N_("Buddha"),
    "confucian": N_("Khonghucu"),
    "faith": N_("Kepercayaan"),
    "indonesian": N_("WNI"),
    "permanent_resident": N_("orang asing dengan izin tinggal tetap"),
    "unknown": N_("tidak diketahui"),
}
SERIAL = N_("Isi nomor seri blangko: huruf, angka, titik, atau garis, tanpa spasi.")
RESULT = N_("Pilih hasil cetaknya.")
CAUSE = N_("Pilih sebab rusaknya.")
GROUND = N_("Pilih alasan.")
WORDS = N_("Jelaskan dengan 10 sampai 300 huruf, tanpa nama dan NIK.")
COLLECTOR = N_("Pilih siapa yang mengambil.")
NIK = N_("NIK terdiri dari 16 angka.")
FAMILY_CARD = N_("Nomor kartu keluarga terdiri dari 16 angka.")
NOT_FOUND = N_("Tidak ada kartu tercetak yang menunggu dengan nomor seri atau NIK itu.")
EXCEPTION_KEPT = N_("Pengecualian dicatat atas nama Anda. Kartu ini boleh dicetak sekarang.")
SPOILED_KEPT = N_("Blangko rusak dicatat. Izin cetak baru datang dari pusat; gilirannya tetap.")
HANDED = N_("Penyerahan dicatat.")
