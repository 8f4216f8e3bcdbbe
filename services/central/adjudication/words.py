"""What codes are called on the page: Indonesian first, the English beside it."""

from collections.abc import Mapping

from services.central.adjudication.comparison import Likeness, Nearness
from services.central.adjudication.rules import Reason, State, Verdict

Phrase = tuple[str, str]

FIELDS: Mapping[str, Phrase] = {
    "nik": ("NIK", "identity number"),
    "name": ("Nama", "name"),
    "birth_place": ("Tempat lahir", "birth place"),
    "birth_date": ("Tanggal lahir", "birth date"),
    "sex": ("Jenis kelamin", "sex"),
    "mother_name": ("Nama ibu", "mother's name"),
    "family_card": ("Nomor kartu keluarga", "family card"),
    "address": ("Alamat", "address"),
    "ward": ("Kelurahan/desa", "ward"),
    "religion": ("Agama", "religion"),
    "marital_status": ("Status perkawinan", "marital status"),
    "occupation": ("Pekerjaan", "occupation"),
    "blood_group": ("Golongan darah", "blood group"),
    "exceptions": ("Pengecualian biometrik", "biometric exceptions"),
}
VALUES: Mapping[str, Mapping[str, Phrase]] = {
    "sex": {"male": ("Laki-laki", "male"), "female": ("Perempuan", "female")},
    "religion": {
        "islam": ("Islam", "Islam"),
        "christian": ("Kristen", "Protestant"),
        "catholic": ("Katolik", "Catholic"),
        "hindu": ("Hindu", "Hindu"),
        "buddhist": ("Buddha", "Buddhist"),
        "confucian": ("Khonghucu", "Confucian"),
        "faith": ("Kepercayaan", "faith"),
    },
    "marital_status": {
        "never_married": ("Belum kawin", "never married"),
        "married": ("Kawin", "married"),
        "divorced": ("Cerai hidup", "divorced"),
        "widowed": ("Cerai mati", "widowed"),
    },
    "blood_group": {"unknown": ("Tidak tahu", "unknown")},
}
LIKENESSES: Mapping[Likeness, tuple[str, str, str]] = {
    Likeness.EQUAL: ("=", "sama", "equal"),
    Likeness.NEAR: ("≈", "mirip", "near"),
    Likeness.DIFFERENT: ("≠", "berbeda", "different"),
    Likeness.UNKNOWN: ("-", "tidak ada", "absent"),
}
NEARNESS: Mapping[Nearness, Phrase] = {
    Nearness.SAME_EYE: (
        "Sangat mirip. Dua gambar dari satu mata biasanya sedekat ini.",
        "Very alike. Two pictures of one eye are usually this near.",
    ),
    Nearness.BELOW_THRESHOLD: (
        "Mirip. Di bawah ambang pencarian, tetapi lebih jauh dari biasanya untuk satu mata.",
        "Alike. Below the search's threshold, yet farther than usual for one eye.",
    ),
    Nearness.UNUSUAL: (
        "Di atas ambang, tetapi lebih dekat daripada dua orang pada umumnya.",
        "Above the threshold, yet nearer than two people usually are.",
    ),
    Nearness.STRANGERS: (
        "Tidak mirip. Dua orang yang berbeda biasanya sejauh ini.",
        "Not alike. Two different people are usually this far apart.",
    ),
    Nearness.NOT_COMPARED: (
        "Tidak dibandingkan: tidak ada pada salah satu perekaman.",
        "Not compared: one of the recordings does not have it.",
    ),
}
CASE_REASONS: Mapping[str, Phrase] = {
    "resembling": (
        "Iris mirip dengan perekaman lain, dan mesin tidak dapat memutuskan.",
        "The irises resemble another recording's, and a machine cannot decide.",
    ),
    "biometric-exception": (
        "Iris tidak dapat diambil, sehingga tidak ada yang dapat dicari.",
        "No iris could be taken, so there was nothing to search with.",
    ),
    "audit": (
        "Pemeriksaan ulang menemukan kemiripan yang terlewat. Izin cetaknya masih berlaku.",
        "An audit found a likeness that the search had missed. The permission still stands.",
    ),
}
OTHER_CASE_REASON: Phrase = (
    "Perekaman ini memerlukan pemeriksaan orang.",
    "This recording needs people to look at it.",
)
STATES: Mapping[State, tuple[str, str, str]] = {
    State.UNSEEN: ("menunggu petugas pertama", "waits for a first officer", "calm"),
    State.SECOND: ("menunggu petugas kedua", "waits for a second officer", "calm"),
    State.DISPUTED: ("dua petugas berbeda", "two officers differ", "warn"),
    State.SETTLED: ("selesai", "settled", "good"),
    State.WITHDRAWN: ("dihentikan: tidak ada lagi yang diputuskan", "withdrawn", "calm"),
}
VERDICTS: Mapping[Verdict, Phrase] = {
    Verdict.DIFFERENT_PEOPLE: ("Orang yang berbeda", "Different people"),
    Verdict.SAME_PERSON: ("Orang yang sama", "The same person"),
}
REASONS: Mapping[Reason, Phrase] = {
    Reason.FACES_DIFFER: ("Wajah jelas berbeda", "the faces plainly differ"),
    Reason.TWINS: ("Kembar", "twins"),
    Reason.CONTACT_LENS: ("Lensa kontak menutupi iris", "contact lenses cover the irises"),
    Reason.LIVES_DIFFER: ("Data menunjukkan dua orang", "the data show two lives"),
    Reason.NO_LIKENESS_FOUND: ("Tidak ada yang mirip", "nobody resembles this person"),
    Reason.FACES_AGREE: ("Wajah sama", "the faces agree"),
    Reason.LIVES_AGREE: ("Data menunjukkan satu orang", "the data show one life"),
    Reason.RECORDED_TWICE: ("Direkam dua kali", "recorded twice"),
    Reason.WRONG_NIK: ("Direkam dengan NIK orang lain", "recorded under another's NIK"),
    Reason.OTHER: ("Lainnya (jelaskan)", "another (explain)"),
}
CONTRADICTIONS: Mapping[str, Phrase] = {
    "sex_differs": ("jenis kelamin berbeda", "the sexes differ"),
    "birth_dates_far": ("tanggal lahir jauh berbeda", "the birth dates are far apart"),
    "like_twins": (
        "seperti kembar: tanggal lahir dan ibu atau kartu keluarga sama, nama lain",
        "like twins: one birth date and one mother or family card, other names",
    ),
    "nothing_in_common": (
        "nama, nama ibu, dan tanggal lahir tidak ada yang sama",
        "neither name, mother's name nor birth date agree",
    ),
}
MODALITIES: Mapping[str, str] = {
    "face": "wajah",
    "signature": "tanda tangan",
    "iris_left": "iris kiri",
    "iris_right": "iris kanan",
    "left_thumb": "ibu jari kiri",
    "left_index": "telunjuk kiri",
    "left_middle": "jari tengah kiri",
    "left_ring": "jari manis kiri",
    "left_little": "kelingking kiri",
    "right_thumb": "ibu jari kanan",
    "right_index": "telunjuk kanan",
    "right_middle": "jari tengah kanan",
    "right_ring": "jari manis kanan",
    "right_little": "kelingking kanan",
}
EXCEPTIONS: Mapping[str, str] = {
    "missing": "tidak ada",
    "unreadable": "tidak terbaca",
    "ill": "sakit",
    "cannot_sign": "tidak dapat menulis",
}
SAVED: Mapping[str, Phrase] = {
    "second": (
        "Putusan Anda tersimpan. Petugas kedua memutuskan tanpa mengetahuinya.",
        "Your vote is kept. A second officer judges without knowing it.",
    ),
    "disputed": (
        "Putusan Anda tersimpan. Kedua petugas berbeda: petugas lain akan memutuskan.",
        "Your vote is kept. The officers differ: a further one will decide.",
    ),
    "settled": (
        "Putusan Anda tersimpan dan kasus selesai: dua petugas sepakat.",
        "Your vote is kept and the case is settled: two officers agree.",
    ),
    "released": ("Kasus dilepas.", "The case was laid down."),
}
