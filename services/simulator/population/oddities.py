"""What the real world does to clean data, in stated shares.

A share with a source says so; every other one is INVENTED, large enough to be met in a short run
and small enough to leave the city believable.
"""

from datetime import date

from services.simulator.population.draws import below, chance, pick, weighted
from shared.contracts.recording import BiometricException, Modality, Place

# 9.8 million voters were born on "1 July" (detik.com, 2019) of about 192 million: SIAK writes that
# day since 2004 where only the year is known.
BORN_1_JULY = 0.051
BORN_31_DECEMBER = 0.012  # the same custom before 2004; invented share
BORN_ON_DAY_15 = 0.005  # where only the month is known; invented share, beside honest 15ths

NIK_OF_ANOTHER_BIRTH_DATE = 0.006  # the date was corrected, the NIK stays (art. 15); invented share
NIK_OF_THE_OTHER_SEX = 0.001  # invented share

# Where adults got their NIK. Singkawang left Bengkayang in 2001, which left Sambas in 1999.
# Invented shares; "dead" are prefixes no table of today has, such as East Timor's 54.
NIK_ORIGINS = weighted(
    {"home": 0.77, "city": 0.06, "bengkayang": 0.085, "sambas": 0.055, "far": 0.028, "dead": 0.002}
)
FIRST_CITY_DAY = date(2001, 6, 21).toordinal()  # law 12/2001 made Singkawang a city

MARRIED_BEFORE_17 = 0.004  # of unrecorded grown children at home; invented share

_1_JULY = chance(BORN_1_JULY)
_31_DECEMBER = _1_JULY + chance(BORN_31_DECEMBER)
_DAY_15 = _31_DECEMBER + chance(BORN_ON_DAY_15)
_OTHER_DATE = chance(NIK_OF_ANOTHER_BIRTH_DATE)
_OTHER_SEX = _OTHER_DATE + chance(NIK_OF_THE_OTHER_SEX)

_FAR_REGENCIES = (
    *("6171", "6112", "6102", "6108"),  # the province
    *("3171", "3173", "3515", "3526", "3528", "3307", "3310"),  # Java and Madura
    *("1271", "2171", "7371"),
)
_DEAD_REGENCIES = ("5401", "5403", "9117", "9212")  # as they were before regions split or left


def custom_birth_day(born: int, draw: int) -> int:
    """The registered birth day of somebody born on `born` or soon after: often a custom's day.

    Ordinals; the answer is never later than `born`.
    """
    if draw >= _DAY_15:
        return born
    day = date.fromordinal(born)
    if draw < _1_JULY:
        custom = date(day.year, 7, 1)
    elif draw < _31_DECEMBER:
        custom = date(day.year, 12, 31)
    else:
        custom = day.replace(day=15)
    if custom > day:
        custom = custom.replace(year=day.year - 1)
    return custom.toordinal()


def nik_prefix(district: str, born: int, origin: int, detail: int) -> int:
    """Province, regency and district of first registration as six digits: 617201."""
    kind = pick(NIK_ORIGINS, origin)
    if kind == "home" or born >= FIRST_CITY_DAY:
        return int(district.replace(".", ""))
    if kind == "city":
        return 617_201 + below(5, detail)
    if kind == "bengkayang":
        return 610_701 + below(17, detail)
    if kind == "sambas":
        return 610_101 + below(19, detail)
    regencies = _FAR_REGENCIES if kind == "far" else _DEAD_REGENCIES
    return int(pick(regencies, detail)) * 100 + 1 + detail % 12


def nik_disagreement(born: int, draw: int, detail: int) -> tuple[int, bool]:
    """The birth day a NIK was made from, and whether it was made for the other sex."""
    if draw < _OTHER_DATE:
        return born - 1 - below(1_500, detail), False
    return born, draw < _OTHER_SEX


# How the same name is written at another desk, as register clerks tell it: invented list.
_SPELLINGS = (
    ("IANTO", "IYANTO"),
    ("YULI", "JULI"),
    ("FAH", "PAH"),
    ("SYAM", "SAM"),
    ("ZUL", "JUL"),
    ("TJH", "CH"),
    ("KH", "K"),
    ("Y", "I"),
    ("SU", "SOE"),
    ("I", "IE"),
)


def written_differently(name: str, draw: int) -> str:
    """The name as another clerk writes it: mostly the same, at times one sound or word less."""
    if draw < chance(0.5):
        return name
    first, _, rest = name.rpartition(" ")
    if first and draw < chance(0.6):
        return first
    for sound, other in _SPELLINGS:
        if sound in rest:
            return f"{first} {rest.replace(sound, other, 1)}".strip()
    return name


# Invented shares by age at capture. The elderly lose ridges and clear lenses; some never wrote.
_ELDERLY_AGE, _VERY_OLD_AGE = 60, 75
_WORN_FINGERS = chance(0.03)
_CLOUDED_IRIS = _WORN_FINGERS + chance(0.015)
_CANNOT_SIGN = _CLOUDED_IRIS + chance(0.05)
_MISSING_FINGER = 65_536 - chance(0.001)  # at any age
_FINGERS = tuple(m for m in Modality if m.name.startswith(("LEFT_", "RIGHT_")))


def exceptions(age: int, draw: int, detail: int) -> dict[Modality, BiometricException]:
    """Which modalities could not be taken, and why; for most people none."""
    if draw >= _MISSING_FINGER:
        return {pick(_FINGERS, detail): BiometricException.MISSING}
    if age < _ELDERLY_AGE or draw >= _CANNOT_SIGN:
        return {}
    if draw < _WORN_FINGERS:
        first = below(len(_FINGERS) - 2, detail)
        worn = _FINGERS[first : first + 1 + detail % 3]
        return dict.fromkeys(worn, BiometricException.UNREADABLE)
    if draw < _CLOUDED_IRIS:
        eye = Modality.IRIS_LEFT if detail & 1 else Modality.IRIS_RIGHT
        return {eye: BiometricException.UNREADABLE}
    return {Modality.SIGNATURE: BiometricException.CANNOT_SIGN}


_PLACES_OF_PUPILS = weighted({Place.SCHOOL: 0.4, Place.DISTRICT_OFFICE: 0.4, Place.OFFICE: 0.2})
_PLACES_OF_ADULTS = weighted({Place.DISTRICT_OFFICE: 0.72, Place.OFFICE: 0.2, Place.FIELD: 0.08})
_PLACES_OF_THE_OLD = weighted({Place.HOME: 0.3, Place.DISTRICT_OFFICE: 0.6, Place.FIELD: 0.1})
_PUPIL_AGE_MAX = 18


def place(age: int, draw: int) -> Place:
    """Where somebody of this age at capture was recorded. Invented shares."""
    if age <= _PUPIL_AGE_MAX:
        return pick(_PLACES_OF_PUPILS, draw)
    return pick(_PLACES_OF_THE_OLD if age >= _VERY_OLD_AGE else _PLACES_OF_ADULTS, draw)
