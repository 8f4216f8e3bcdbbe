"""What the store's codes are called to people, Indonesian; pages translate them."""

from shared.pages.language import N_

FAULTS = {
    "failed-encode": N_("Gagal menulis cip"),
    "failed-print": N_("Gagal cetak"),
    "no-chip": N_("Tanpa cip"),
    "damaged": N_("Rusak fisik"),
}
CAUSES = FAULTS | {
    "power-cut": N_("Listrik padam"),
    "misprint": N_("Salah cetak"),
    "jam": N_("Macet di mesin"),
    "withdrawn": N_("Kartu ditarik"),
    "not-told": N_("Tidak disebut"),
}
DAY = N_("Isi tanggal terima.")
SOURCE = N_("Isi pengirimnya, paling banyak 100 huruf.")
REFERENCE = N_("Isi nomor surat atau berita acara penerimaan.")
FIRST = N_("Isi nomor seri pertama: huruf, angka, titik, atau garis, tanpa spasi.")
LAST = N_("Isi nomor seri terakhir: huruf, angka, titik, atau garis, tanpa spasi.")
SERIAL = N_("Isi nomor seri blangko: huruf, angka, titik, atau garis, tanpa spasi.")
CAUSE = N_("Pilih sebab rusaknya.")
PLACE = N_("Isi tempat pemusnahan.")
SERIALS = N_("Isi nomor seri, satu pada setiap baris, paling banyak 500 dan masing-masing sekali.")
UNKNOWN = N_("Tidak ada penerimaan yang membawa blangko dengan nomor seri itu.")
SAVED = {
    "received": N_("Penerimaan dicatat; setiap blangko dihitung mulai sekarang."),
    "aside": N_("Blangko dicatat rusak dan menunggu pemusnahan."),
    "written": N_("Berita acara ditulis. Petugas kedua masuk dan mengesahkannya."),
    "burnt": N_("Pemusnahan disahkan oleh dua petugas."),
}
