"""Names as a Singkawang family card has them, put together from our own lists and syllables.

Hakka and Teochew names in Indonesian spelling, Indonesian names taken up by habit, Dayak, Malay,
Javanese and Madurese names, many of one word. In capitals, as population registers write them.
No list was taken from real people; a full name that exists somewhere exists there by chance.
"""

from dataclasses import dataclass
from enum import StrEnum

from services.simulator.population.draws import pick, weighted
from shared.contracts.recording import Religion
from shared.nik import Sex


class Community(StrEnum):
    CHINESE = "chinese"
    MALAY = "malay"
    DAYAK = "dayak"
    JAVANESE = "javanese"
    MADURESE = "madurese"


@dataclass(frozen=True, slots=True)
class NameStock:
    """What names of a community are made of; a family name is carried by father and children."""

    men: tuple[str, ...]
    women: tuple[str, ...]
    family: tuple[str, ...]  # empty where families carry no name
    forms: tuple[str, ...]  # for `pick`: "one", "two", "family" or "family first"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _combined(stems: str, endings: str) -> tuple[str, ...]:
    return tuple(stem + ending for stem in stems.split() for ending in endings.split())


_HAKKA = _words("KHIUN MIAU SUI NYIT KIM LIONG FUI BUI JUN SIU TET THIAM")
_HAKKA_PAIRS_MEN = tuple(
    f"{first} {second}"
    for first in (*_HAKKA, "KON", "HIN", "KUET", "CHUN")
    for second in _words("FA FUI KHIONG LIONG SIN HIUNG MIN THIN NAM CHOI KIONG PO")
)
_HAKKA_PAIRS_WOMEN = tuple(
    f"{first} {second}"
    for first in (*_HAKKA, "MUI", "LIE", "ET", "NGET")
    for second in _words("LAN JIN MOI KHIM FONG NGO HA TJU LIAN FA KIAU NYUK")
)
_HAKKA_FAMILIES = _words(
    "BONG TJHIA LIE LIU JONG NG PHANG LAI TJHAI SIM KHO THEN HIU FUNG CHIN LO CU TJONG"
)
_HABIT_MEN = _combined("HENDR RUD EFEND ANT HERM SUND BUD SUSANT JOH FERR", "I IANTO AN AWAN")
_HABIT_WOMEN = _combined("SUS LIL MEL LUS YUL ERN VER NOV FEL RES", "ANTI IANA INA ITA")
_HABIT_FAMILIES = _combined("TANU LIMA GUNA DARMA SANTO KURNIA LEO SURYA WIBA HARTA", "WAN DI")

CHINESE_HAKKA = NameStock(_HAKKA_PAIRS_MEN, _HAKKA_PAIRS_WOMEN, _HAKKA_FAMILIES, ("family first",))
CHINESE_HABIT = NameStock(
    _HABIT_MEN,
    _HABIT_WOMEN,
    _HABIT_FAMILIES,
    weighted({"family": 0.85, "two": 0.1, "one": 0.05}),
)
_STOCKS = {
    Community.MALAY: NameStock(
        _combined("HAM RAS SYAM JUN SAB ZUL FAH MAR", "DAN IDI RIAN SYAH LI RIN"),
        _combined("NUR SIT MAR HAL ROS JAM ZUR FAT", "LELA IAH DIANA IMAH NAWATI LINA"),
        ("URAY", "BUJANG", "DAYANG"),
        weighted({"two": 0.82, "one": 0.13, "family first": 0.05}),
    ),
    Community.DAYAK: NameStock(
        _combined("YUL MARS DOM FLOR KRIST LEON PAT STEF", "IUS IANUS ELINUS ENSIUS"),
        _combined("YUL MARS DOM FLOR KRIST LEON VER AGN", "ITA IANA ELINA ESIA"),
        _combined("NYANG LING SANG DUN BAL KED JAM TAP", "KONG GI KAI AN"),
        weighted({"family": 0.87, "one": 0.13}),
    ),
    Community.JAVANESE: NameStock(
        _combined("SU PAR TU NGAD WAG SLA KAS PON SAR", "MIN JO IMAN IYONO GIMAN TONO"),
        _combined("SU PAR TU NGAD WAG SLA KAS PON SAR", "MINI JIYEM TINAH IYAH GIYEM TINI"),
        (),
        weighted({"one": 0.42, "two": 0.58}),
    ),
    Community.MADURESE: NameStock(
        _combined("MAT SA BUS HAS NA MUS RAH SUB", "SANI RI LEH DIN IB NAWI"),
        _combined("HOS MAT SA BUS RUS NA SUB MUS", "NIYAH TIJAH RIYA LIMAH NIMAH SINAH"),
        (),
        weighted({"one": 0.4, "two": 0.6}),
    ),
}
_HABIT_SHARE_OF_CHINESE = 0.4  # invented share; whole families do, so the family's draw decides
_CHINESE_STOCKS = weighted(
    {CHINESE_HABIT: _HABIT_SHARE_OF_CHINESE, CHINESE_HAKKA: 1 - _HABIT_SHARE_OF_CHINESE}
)

# Invented shares, by district: the south and centre Hakka, the north Malay, the east Dayak.
COMMUNITIES: dict[str, tuple[Community, ...]] = {
    district: weighted(dict(zip(Community, shares, strict=True)))
    for district, shares in {
        "61.72.01": (0.42, 0.24, 0.10, 0.16, 0.08),
        "61.72.02": (0.58, 0.20, 0.06, 0.11, 0.05),
        "61.72.03": (0.22, 0.10, 0.50, 0.14, 0.04),
        "61.72.04": (0.24, 0.42, 0.08, 0.12, 0.14),
        "61.72.05": (0.48, 0.12, 0.16, 0.18, 0.06),
    }.items()
}

# Invented shares.
RELIGIONS: dict[Community, tuple[Religion, ...]] = {
    Community.CHINESE: weighted(
        {
            Religion.BUDDHIST: 0.66,
            Religion.CATHOLIC: 0.16,
            Religion.CHRISTIAN: 0.12,
            Religion.CONFUCIAN: 0.05,
            Religion.ISLAM: 0.01,
        }
    ),
    Community.MALAY: (Religion.ISLAM,),
    Community.DAYAK: weighted(
        {
            Religion.CATHOLIC: 0.62,
            Religion.CHRISTIAN: 0.33,
            Religion.ISLAM: 0.03,
            Religion.FAITH: 0.02,
        }
    ),
    Community.JAVANESE: weighted(
        {Religion.ISLAM: 0.96, Religion.CATHOLIC: 0.03, Religion.HINDU: 0.01}
    ),
    Community.MADURESE: (Religion.ISLAM,),
}


def full_name(
    community: Community, sex: Sex, family: int, first: int, second: int, form: int
) -> str:
    """Put a name together from draws; the same `family` draw gives the same family name."""
    stock = pick(_CHINESE_STOCKS, family) if community is Community.CHINESE else _STOCKS[community]
    given = stock.men if sex is Sex.MALE else stock.women
    name = pick(given, first)
    match pick(stock.forms, form):
        case "one":
            return name
        case "two":
            return f"{name} {pick(given, second)}"
        case "family first":
            return f"{_family_name(stock, family)} {name}"
        case _:
            return f"{name} {_family_name(stock, family)}"


def _family_name(stock: NameStock, family: int) -> str:
    # The draw's high part has chosen the stock already; its low part is still free.
    return stock.family[family % len(stock.family)]
