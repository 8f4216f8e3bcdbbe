"""Households: what its members share, from the family card to the street."""

from typing import NamedTuple

from services.simulator.population.census import AS_OF
from services.simulator.population.draws import below, chance, draws, pick
from services.simulator.population.names import COMMUNITIES, RELIGIONS, Community, full_name
from services.simulator.population.wards import Ward
from shared.contracts.recording import Religion
from shared.nik import Sex

YOUNGEST_HEAD = 24
_COUPLES = chance(0.82)  # invented share
_SINGLE_WOMEN = _COUPLES + (65_536 - _COUPLES) * 3 // 5
_FIRST_CARD_DAY = AS_OF.replace(year=2005, month=1, day=3).toordinal()
_CARD_DAYS = 113  # prime, so that two households of a ward never share a day and a serial
_SERIALS = 9_999

_STREETS = tuple(
    f"{kind} {name}"
    for kind in ("JALAN", "GANG", "JALAN RAYA", "DUSUN")
    for name in (
        *("MELATI", "KENANGA", "CEMPAKA", "ANGGREK", "TERATAI", "DAHLIA", "SERUNI", "FLAMBOYAN"),
        *("PASAR LAMA", "PELABUHAN", "BUKIT INDAH", "SUNGAI JERNIH", "PANTAI BARU", "TANJUNG"),
        *("MERDEKA", "BAHAGIA", "HARAPAN", "KARYA", "SEJAHTERA", "MANDIRI", "PEMBANGUNAN"),
    )
)
_THREE_DIGITS = tuple(f"{number:03d}" for number in range(1, 41))
_RW_PER_WARD, _RT_PER_RW = 14, 9  # invented


class _Lot(NamedTuple):
    """The draws of one household."""

    community: int
    religion: int
    family: int
    age: int
    more_age: int
    couple: int
    head_first: int
    head_second: int
    head_form: int
    wife_first: int
    wife_second: int
    wife_form: int
    wife_family: int
    street: int
    house: int
    neighbourhood: int


class Household(NamedTuple):
    ward: Ward
    community: Community
    religion: Religion
    family: int  # the draw that fixes the family name
    family_card: str
    is_couple: bool
    head_age: int  # years at the census
    head_sex: Sex
    head_name: str
    wife_name: str  # empty unless a couple
    street: str
    rt: str
    rw: str


def household(key: bytes, ward: Ward, number: int) -> Household:
    """The household of this number in the ward."""
    lot = _Lot._make(draws(key, ward.index << 32 | number))
    community = pick(COMMUNITIES[ward.code[:8]], lot.community)
    is_couple = lot.couple < _COUPLES
    head_sex = Sex.FEMALE if _COUPLES <= lot.couple < _SINGLE_WOMEN else Sex.MALE
    wife_name = ""
    if is_couple:
        wife_name = full_name(
            community, Sex.FEMALE, lot.wife_family, lot.wife_first, lot.wife_second, lot.wife_form
        )
    return Household(
        ward=ward,
        community=community,
        religion=pick(RELIGIONS[community], lot.religion),
        family=lot.family,
        family_card=_family_card(ward, number),
        is_couple=is_couple,
        head_age=YOUNGEST_HEAD + below(26, lot.age) + below(24, lot.more_age),
        head_sex=head_sex,
        head_name=full_name(
            community, head_sex, lot.family, lot.head_first, lot.head_second, lot.head_form
        ),
        wife_name=wife_name,
        street=f"{pick(_STREETS, lot.street)} NO. {1 + below(180, lot.house)}",
        rt=_THREE_DIGITS[lot.neighbourhood % _RT_PER_RW],
        rw=_THREE_DIGITS[lot.neighbourhood // _RT_PER_RW % _RW_PER_WARD],
    )


def _family_card(ward: Ward, number: int) -> str:
    """District, day of issue and serial, as on a family card; unlike any other in the city."""
    wards = 26
    day = _FIRST_CARD_DAY + ward.index + wards * (number * 37 % _CARD_DAYS)
    issued = AS_OF.fromordinal(day)
    district = ward.code[:8].replace(".", "")
    serial = 1 + number % _SERIALS
    return f"{district}{issued.day:02d}{issued.month:02d}{issued.year % 100:02d}{serial:04d}"
