"""Residents: who somebody is in a household, when born, under which NIK, and what a card shows."""

from datetime import date
from enum import Enum
from typing import NamedTuple

from services.simulator.population import oddities
from services.simulator.population.census import AS_OF
from services.simulator.population.draws import below, chance, draws, pick, weighted
from services.simulator.population.households import Household
from services.simulator.population.names import full_name
from services.simulator.population.wards import Member
from shared.contracts.recording import BloodGroup, MaritalStatus, Religion
from shared.nik import WOMAN_DAY_OFFSET, Sex

_TODAY = AS_OF.toordinal()
LATEST_ADULT_BIRTH = AS_OF.replace(year=AS_OF.year - 17).toordinal()
_YOUNG_DAYS = _TODAY - LATEST_ADULT_BIRTH  # 17 years
_MARRIED_YOUNG_DAYS = 500  # the youngest of the early married is 15 and a half
# Recorded at 17 and a month at the earliest: the recordings of 16-year-olds are not in the census.
_CAPTURE_AGE_DAYS = 17 * 365 + 5 + 30
_YEAR_DAYS = 365.25


class Role(Enum):
    HEAD = "head"
    SPOUSE = "spouse"
    GROWN_CHILD = "grown child"
    PARENT = "parent"
    SIBLING = "sibling"
    CHILD = "child"


class Resident(NamedTuple):
    """One synthetic person."""

    number: int  # 0 to population-1
    nik: str
    family_card: str
    name: str
    mother_name: str
    birth_place: str
    birth_date: date
    sex: Sex
    religion: Religion
    marital_status: MaritalStatus
    blood_group: BloodGroup
    occupation: str
    street: str
    rt: str
    rw: str
    ward: str
    obliged: bool
    recorded: bool

    @property
    def district(self) -> str:
        return self.ward[:8]


class Lot(NamedTuple):
    """The draws of one resident."""

    kin: int
    spread: int
    custom: int
    origin: int
    origin_detail: int
    disagreement: int
    disagreement_detail: int
    first_name: int
    second_name: int
    name_form: int
    mother_first: int
    mother_second: int
    mother_form: int
    blood: int
    occupation: int
    sex: int

    @staticmethod
    def of(key: bytes, number: int) -> "Lot":
        return Lot._make(draws(key, number))


class Birth(NamedTuple):
    """A registered birth day (ordinal), and the NIK made of it but for its serial."""

    born: int
    nik_stem: int  # twelve digits


_GROWN_CHILDREN_FROM = 42  # the head's age
_PARENTS_UPTO = 60


def role_of(home: Household, member: Member, lot: Lot) -> Role:
    if member.rank is None:
        return Role.CHILD
    if member.rank == 0:
        return Role.HEAD
    if member.rank == 1 and home.is_couple:
        return Role.SPOUSE
    grown = home.head_age >= _GROWN_CHILDREN_FROM
    if grown and (lot.kin < 49_152 or home.head_age >= _PARENTS_UPTO):
        return Role.GROWN_CHILD
    return Role.PARENT if lot.kin & 1 else Role.SIBLING


def sex_of(home: Household, role: Role, lot: Lot) -> Sex:
    if role is Role.HEAD:
        return home.head_sex
    if role is Role.SPOUSE:
        return Sex.FEMALE
    return Sex.FEMALE if lot.sex & 1 else Sex.MALE


def birth_of(home: Household, member: Member, lot: Lot, captured_day: int | None) -> Birth:
    """When somebody was born; old enough on the day of capture, if there was one."""
    role = role_of(home, member, lot)
    latest = LATEST_ADULT_BIRTH if captured_day is None else captured_day - _CAPTURE_AGE_DAYS
    if role is Role.CHILD:
        born = _TODAY - below(min(_YOUNG_DAYS, (home.head_age - 18) * 365), lot.spread)
    elif _is_married_young(role, member, lot):
        born = LATEST_ADULT_BIRTH + 1 + below(_MARRIED_YOUNG_DAYS, lot.spread)
    else:
        born = min(_adult_birth(home, role, lot, latest), latest - (lot.spread & 255))
        born = oddities.custom_birth_day(born, lot.custom)
    return Birth(born, _nik_stem(home, role, lot, born))


def _adult_birth(home: Household, role: Role, lot: Lot, latest: int) -> int:
    if role is Role.GROWN_CHILD:
        oldest = _TODAY - int((home.head_age - 18) * _YEAR_DAYS)
        return latest - below(max(365, latest - oldest), lot.spread)
    age_days = int(home.head_age * _YEAR_DAYS) + below(365, lot.spread)
    if role is Role.SPOUSE:
        return _TODAY - age_days + below(3_200, lot.kin) - 730
    if role is Role.PARENT:
        return _TODAY - age_days - 20 * 365 - below(3_650, lot.kin)
    if role is Role.SIBLING:
        return _TODAY - age_days + below(2_500, lot.kin)
    return _TODAY - age_days


_MARRIED_YOUNG = chance(oddities.MARRIED_BEFORE_17)


def _is_married_young(role: Role, member: Member, lot: Lot) -> bool:
    return (
        role is Role.GROWN_CHILD
        and member.recorded_rank is None
        and lot.custom >= 65_536 - _MARRIED_YOUNG
    )


def _nik_stem(home: Household, role: Role, lot: Lot, born: int) -> int:
    sex = sex_of(home, role, lot)
    prefix = oddities.nik_prefix(home.ward.code[:8], born, lot.origin, lot.origin_detail)
    shown_born, is_other_sex = oddities.nik_disagreement(
        born, lot.disagreement, lot.disagreement_detail
    )
    shown = date.fromordinal(shown_born)
    offset = WOMAN_DAY_OFFSET if (sex is Sex.FEMALE) is not is_other_sex else 0
    return prefix * 10**6 + (shown.day + offset) * 10**4 + shown.month * 100 + shown.year % 100


def resident_of(home: Household, member: Member, lot: Lot, nik: int, born: int) -> Resident:
    """Put a resident together from a household, draws, and what the register gave."""
    role = role_of(home, member, lot)
    sex = sex_of(home, role, lot)
    age = int((_TODAY - born) / _YEAR_DAYS)
    prefix = nik // 10**12
    return Resident(
        member.number,
        f"{nik:016d}",
        home.family_card,
        _name(home, role, sex, lot),
        _mother_name(home, role, lot),
        _BIRTH_PLACES.get(prefix) or pick(_OTHER_PLACES, lot.origin_detail),
        date.fromordinal(born),
        sex,
        home.religion,
        _marital_status(home, role, member, lot),
        pick(_BLOOD_GROUPS, lot.blood),
        _occupation(role, sex, age, lot.occupation),
        home.street,
        home.rt,
        home.rw,
        home.ward.code,
        member.rank is not None,
        member.recorded_rank is not None,
    )


def _name(home: Household, role: Role, sex: Sex, lot: Lot) -> str:
    if role is Role.HEAD:
        return home.head_name
    if role is Role.SPOUSE:
        return home.wife_name
    # A parent in the house may be the wife's: then the family name is another.
    family = lot.mother_first if role is Role.PARENT else home.family
    return full_name(home.community, sex, family, lot.first_name, lot.second_name, lot.name_form)


def _mother_name(home: Household, role: Role, lot: Lot) -> str:
    if role is Role.GROWN_CHILD or (role is Role.CHILD and home.head_age < _GRANDCHILDREN_FROM):
        if home.is_couple:
            return home.wife_name
        if home.head_sex is Sex.FEMALE:
            return home.head_name
    return full_name(
        home.community,
        Sex.FEMALE,
        lot.mother_second,
        lot.mother_first,
        lot.mother_second,
        lot.mother_form,
    )


_GRANDCHILDREN_FROM = 58  # the head's age from which a child in the house is a grandchild

# Invented shares.
_BLOOD_GROUPS = weighted(
    {
        BloodGroup.UNKNOWN: 0.62,
        BloodGroup.O: 0.15,
        BloodGroup.A: 0.10,
        BloodGroup.B: 0.10,
        BloodGroup.AB: 0.03,
    }
)
_SINGLE_HEADS = weighted(
    {MaritalStatus.WIDOWED: 0.6, MaritalStatus.DIVORCED: 0.2, MaritalStatus.NEVER_MARRIED: 0.2}
)
_SIBLINGS = weighted(
    {MaritalStatus.NEVER_MARRIED: 0.7, MaritalStatus.MARRIED: 0.2, MaritalStatus.DIVORCED: 0.1}
)


def _marital_status(home: Household, role: Role, member: Member, lot: Lot) -> MaritalStatus:
    if role is Role.SPOUSE or (role is Role.HEAD and home.is_couple):
        return MaritalStatus.MARRIED
    if role is Role.HEAD:
        return pick(_SINGLE_HEADS, lot.kin)
    if role is Role.PARENT:
        return MaritalStatus.WIDOWED
    if role is Role.SIBLING:
        return pick(_SIBLINGS, lot.blood)
    if _is_married_young(role, member, lot):
        return MaritalStatus.MARRIED
    return MaritalStatus.NEVER_MARRIED


_BIRTH_PLACES = {6172: "SINGKAWANG", 6107: "BENGKAYANG", 6101: "SAMBAS", 6171: "PONTIANAK"}
_OTHER_PLACES = ("JAKARTA", "SURABAYA", "BANGKALAN", "SAMPANG", "WONOSOBO", "MEDAN", "LANDAK")

# As registers word them; invented shares.
_WORK = weighted(
    {
        "PETANI/PEKEBUN": 0.2,
        "WIRASWASTA": 0.24,
        "KARYAWAN SWASTA": 0.16,
        "BURUH HARIAN LEPAS": 0.14,
        "PEDAGANG": 0.1,
        "NELAYAN/PERIKANAN": 0.05,
        "PEGAWAI NEGERI SIPIL": 0.05,
        "GURU": 0.03,
        "SOPIR": 0.03,
    }
)
_WORK_OF_WOMEN = weighted(
    {
        "MENGURUS RUMAH TANGGA": 0.6,
        "WIRASWASTA": 0.1,
        "PEDAGANG": 0.08,
        "PETANI/PEKEBUN": 0.1,
        "KARYAWAN SWASTA": 0.07,
        "GURU": 0.05,
    }
)
_SCHOOL_AGE, _WORKING_AGE, _RETIREMENT_AGE = 6, 19, 65


def _occupation(role: Role, sex: Sex, age: int, draw: int) -> str:
    if age < _SCHOOL_AGE:
        return "BELUM/TIDAK BEKERJA"
    if age < _WORKING_AGE and role is not Role.SPOUSE:
        return "PELAJAR/MAHASISWA"
    if age >= _RETIREMENT_AGE:
        return "PENSIUNAN" if draw < chance(0.2) else "BELUM/TIDAK BEKERJA"
    return pick(_WORK_OF_WOMEN if sex is Sex.FEMALE else _WORK, draw)
