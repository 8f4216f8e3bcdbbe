"""What sukets say to people, Indonesian; pages translate what they show."""

from shared.pages.language import N_

ENDS = {
    "card-issued": N_("KTP-el pemegangnya sudah diserahkan."),
    "withdrawn": N_("Kantor menarik suket ini."),
    "renewed": N_("Suket ini sudah diganti dengan yang lebih baru."),
    "recording-ended": N_("Perekaman pemegangnya tidak berlaku lagi."),
    "expired": N_("Masa berlakunya sudah lewat."),
}
NIK = N_("NIK terdiri dari 16 angka.")
GIVEN = N_("Suket dibuat. Cetak kertasnya, lalu tanda tangani.")
WITHDRAWN = N_("Suket ditarik.")
# On the paper, which is Indonesian only.
CARD_WORDS = {
    "male": "Laki-laki",
    "female": "Perempuan",
    "never_married": "Belum kawin",
    "married": "Kawin",
    "divorced": "Cerai hidup",
    "widowed": "Cerai mati",
    "islam": "Islam",
    "christian": "Kristen",
    "catholic": "Katolik",
    "hindu": "Hindu",
    "buddhist": "Buddha",
    "confucian": "Khonghucu",
    "faith": "Kepercayaan",
    "indonesian": "WNI",
    "permanent_resident": "Orang asing dengan izin tinggal tetap",
    "unknown": "Tidak diketahui",
}
