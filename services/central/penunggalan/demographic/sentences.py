"""What a level of agreement means, as officers read it. Never a value: only how two compare."""

SENTENCES: dict[tuple[str, str], tuple[str, str]] = {
    # (field, level): (Indonesian, English)
    ("name", "same"): (
        "Nama sama; urutan kata dan gelar tidak dihitung.",
        "The names are the same; order of words and titles do not count.",
    ),
    ("name", "sounds_same"): (
        "Nama sama dalam ejaan, singkatan, atau bentuk marga lain.",
        "The names are the same in another spelling, abbreviation or form of a family name.",
    ),
    ("name", "slip"): (
        "Nama hanya berbeda karena kemungkinan salah tulis.",
        "The names differ only as by a slip of the pen.",
    ),
    ("name", "words_missing"): (
        "Semua kata dari nama yang satu ada dalam nama yang lain.",
        "All words of one name are in the other.",
    ),
    ("name", "some_words"): (
        "Sebagian kata dari kedua nama sama.",
        "Some words of the names are the same.",
    ),
    ("name", "different"): ("Nama berbeda.", "The names are different."),
    ("birth_date", "same"): ("Tanggal lahir sama.", "The birth dates are the same."),
    ("birth_date", "same_custom_day"): (
        "Tanggal lahir sama, tetapi tanggal itu dipakai bila hari lahir tidak diketahui.",
        "The birth dates are the same, but it is a day written where none is known.",
    ),
    ("birth_date", "day_and_month_swapped"): (
        "Hari dan bulan lahir tertukar.",
        "Day and month of birth are swapped.",
    ),
    ("birth_date", "one_part_differs"): (
        "Tanggal lahir berbeda pada satu bagian saja.",
        "The birth dates differ in one part only.",
    ),
    ("birth_date", "guessed_day"): (
        "Tahun lahir sama; hari lahir pada salah satu data tidak diketahui.",
        "The same year of birth; one side did not know the day.",
    ),
    ("birth_date", "near"): ("Tanggal lahir berdekatan.", "The birth dates are near each other."),
    ("birth_date", "far"): ("Tanggal lahir jauh berbeda.", "The birth dates are far apart."),
    ("birth_place", "same"): ("Tempat lahir sama.", "The birth places are the same."),
    ("birth_place", "related"): (
        "Tempat lahir termasuk daerah yang dahulu satu.",
        "The birth places were once one regency.",
    ),
    ("birth_place", "different"): ("Tempat lahir berbeda.", "The birth places are different."),
    ("mother_name", "same"): ("Nama ibu sama.", "The mothers' names are the same."),
    ("mother_name", "sounds_same"): (
        "Nama ibu sama dalam ejaan, singkatan, atau bentuk marga lain.",
        "The mothers' names are the same in another spelling, abbreviation or form.",
    ),
    ("mother_name", "slip"): (
        "Nama ibu hanya berbeda karena kemungkinan salah tulis.",
        "The mothers' names differ only as by a slip of the pen.",
    ),
    ("mother_name", "words_missing"): (
        "Semua kata dari nama ibu yang satu ada dalam nama yang lain.",
        "All words of one mother's name are in the other.",
    ),
    ("mother_name", "some_words"): (
        "Sebagian kata dari nama ibu sama.",
        "Some words of the mothers' names are the same.",
    ),
    ("mother_name", "different"): ("Nama ibu berbeda.", "The mothers' names are different."),
    ("mother_name", "same_household"): (
        "Nama ibu sama, tetapi sudah diterangkan oleh kartu keluarga yang sama.",
        "The mothers' names agree, as expected on one family card.",
    ),
    ("sex", "same"): ("Jenis kelamin sama.", "The sexes are the same."),
    ("sex", "different"): ("Jenis kelamin berbeda.", "The sexes are different."),
    ("family_card", "same"): ("Kartu keluarga sama.", "The family cards are the same."),
    ("family_card", "different"): ("Kartu keluarga berbeda.", "The family cards are different."),
    ("ward", "same"): ("Kelurahan atau desa sama.", "The wards are the same."),
    ("ward", "same_household"): (
        "Kelurahan sama, tetapi sudah diterangkan oleh kartu keluarga yang sama.",
        "The wards agree, as expected on one family card.",
    ),
    ("ward", "same_district"): ("Kecamatan sama.", "The districts are the same."),
    ("ward", "different"): ("Alamat di kecamatan lain.", "The districts are different."),
}
