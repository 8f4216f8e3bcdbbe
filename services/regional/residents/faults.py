"""What is wrong with a line of a residents' list, and what to do about it, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """wrong, do: English; wrong_id, do_id: Indonesian."""

    wrong: str
    do: str
    wrong_id: str
    do_id: str


_AS_TEXT = (
    "Export again as CSV and open it in no spreadsheet, or with the NIK column as text.",
    "Ekspor ulang sebagai CSV, jangan dibuka di Excel, atau buka dengan kolom NIK bertipe teks.",
)
_BY_HAND = (
    "Look the person up in the registry and correct this line.",
    "Cari orangnya di SIAK, lalu perbaiki baris ini.",
)

FAULTS: Mapping[str, Advice] = {
    code: Advice(wrong, do[0], wrong_id, do[1])
    for code, wrong, wrong_id, do in (
        ("nik-empty", "There is no NIK.", "NIK kosong.", _BY_HAND),
        (
            "nik-scientific",
            "A spreadsheet wrote the NIK as a rounded number (6.17E+15): its digits are lost.",
            "Excel menulis NIK sebagai angka bulat (6,17E+15): angkanya hilang.",
            _AS_TEXT,
        ),
        (
            "nik-decimal",
            "The NIK was turned into a number with decimals.",
            "NIK berubah menjadi angka desimal.",
            _AS_TEXT,
        ),
        (
            "nik-trailing-zeros",
            "The NIK ends in 0000, which no serial is: its last digits were lost.",
            "NIK berakhir 0000, padahal nomor urut tidak pernah 0000: angka akhirnya hilang.",
            _AS_TEXT,
        ),
        (
            "nik-too-short",
            "The NIK has fewer than 16 digits: leading zeros or other digits were lost.",
            "NIK kurang dari 16 angka: nol di depan atau angka lain hilang.",
            _AS_TEXT,
        ),
        ("nik-too-long", "The NIK has more than 16 digits.", "NIK lebih dari 16 angka.", _BY_HAND),
        (
            "nik-apostrophe",
            "A spreadsheet's apostrophe stands before the NIK.",
            "Ada tanda petik Excel di depan NIK.",
            _AS_TEXT,
        ),
        (
            "nik-not-digits",
            "The NIK has something else than digits in it.",
            "NIK berisi selain angka.",
            _BY_HAND,
        ),
        (
            "nik-twice",
            "An earlier line of the file has this NIK; this one was left out.",
            "Baris sebelumnya sudah memakai NIK ini; baris ini tidak diambil.",
            (
                "If many are: NIKs were rounded. Else keep the right line of the two.",
                "Bila banyak: NIK telah dibulatkan. Bila tidak, simpan baris yang benar.",
            ),
        ),
        (
            "ward-not-a-code",
            "The ward is no code such as 61.72.02.1001.",
            "Kelurahan bukan kode seperti 61.72.02.1001.",
            _BY_HAND,
        ),
        (
            "too-few-columns",
            "The line has fewer columns than the header.",
            "Kolom baris ini kurang dari judulnya.",
            _BY_HAND,
        ),
        (
            "too-many-columns",
            "The line has more columns than the header: a field holds the separator unquoted.",
            "Kolom baris ini lebih dari judulnya: ada isi yang memuat tanda pemisah.",
            _BY_HAND,
        ),
        (
            "line-not-csv",
            "The line is no CSV: a quote is not closed on it.",
            "Baris ini bukan CSV: ada tanda kutip yang tidak ditutup.",
            _BY_HAND,
        ),
        (
            "sex-unreadable",
            "The sex is neither male nor female.",
            "Jenis kelamin bukan male/laki-laki atau female/perempuan.",
            _BY_HAND,
        ),
        (
            "birth-date-unreadable",
            "The birth date is no day written as 1990-07-12.",
            "Tanggal lahir bukan tanggal seperti 1990-07-12.",
            _BY_HAND,
        ),
        (
            "obliged-unreadable",
            "Obliged is neither yes nor no.",
            "Wajib KTP bukan ya atau tidak.",
            _BY_HAND,
        ),
        (
            "residency-unreadable",
            "Residency is none of active, moved, dead, blocked.",
            "Status penduduk bukan active, moved, dead, atau blocked.",
            _BY_HAND,
        ),
        (
            "arrived-on-unreadable",
            "The day of arrival is no day written as 2017-07-12.",
            "Tanggal datang bukan tanggal seperti 2017-07-12.",
            _BY_HAND,
        ),
        (
            "left-on-unreadable",
            "The day of leaving is no day written as 2017-07-12.",
            "Tanggal pergi bukan tanggal seperti 2017-07-12.",
            _BY_HAND,
        ),
    )
}
