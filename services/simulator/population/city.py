"""The city: wards, residents in ward order, recordings in order of capture, by one seed."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from services.simulator.population.captures import CaptureCalendar
from services.simulator.population.census import CITY, Count, by_district, scaled, total
from services.simulator.population.draws import Shuffle
from services.simulator.population.households import household
from services.simulator.population.people import Lot, Resident, birth_of, resident_of
from services.simulator.population.wards import Member, Ward, wards_of

_SERIAL_MAX = 9_999


class Register(NamedTuple):
    """The NIK and birth day (ordinal) of every resident, by number."""

    niks: "array[int]"
    births: "array[int]"


class City:
    """A city of the census's proportions; everything about it follows from seed and census."""

    def __init__(self, seed: int, census: Mapping[str, Count]) -> None:
        self.seed = seed
        self.by_ward = dict(census)
        self.by_district = by_district(census)
        self.count = total(census.values())
        self.calendar = CaptureCalendar(self.count.recorded)
        self._wards = wards_of(census)
        self._first_recorded = [ward.first_recorded for ward in self._wards]
        self._capture_order = Shuffle(self.count.recorded)
        self._household_key = b"household:%d:" % seed
        self._resident_key = b"resident:%d:" % seed

    def residents(self) -> Iterator[Resident]:
        """Everybody, ward by ward and household by household."""
        niks, births = self.register
        for ward, number in self._households():
            home = household(self._household_key, ward, number)
            for member in ward.members(number):
                lot = Lot.of(self._resident_key, member.number)
                yield resident_of(home, member, lot, niks[member.number], births[member.number])

    def recorded_resident(self, order: int) -> Resident:
        """Who was recorded at this place in the order of capture, 0 to recorded-1."""
        ward = self.ward_recorded(order)
        member = ward.recorded_member(self._capture_order.item_at(order) - ward.first_recorded)
        home = household(self._household_key, ward, member.household)
        lot = Lot.of(self._resident_key, member.number)
        niks, births = self.register
        return resident_of(home, member, lot, niks[member.number], births[member.number])

    def ward_recorded(self, order: int) -> Ward:
        """The ward of whoever was recorded at this place in the order of capture."""
        item = self._capture_order.item_at(order)
        return self._wards[bisect_right(self._first_recorded, item) - 1]

    @cached_property
    def register(self) -> Register:
        """Issued once, household by household, as SIAK does: serials rise from 0001.

        The one pass that must see everybody: a NIK is unique because of those before it.
        """
        niks = array("Q", bytes(8 * self.count.population))
        births = array("i", bytes(4 * self.count.population))
        serials: dict[int, int] = {}
        for ward, number in self._households():
            home = household(self._household_key, ward, number)
            for member in ward.members(number):
                lot = Lot.of(self._resident_key, member.number)
                birth = birth_of(home, member, lot, self._captured_day(ward, member))
                serial = serials.get(birth.nik_stem, 0) + 1
                if serial > _SERIAL_MAX:
                    raise OverflowError("more people of one birth day than a NIK can tell apart")
                serials[birth.nik_stem] = serial
                niks[member.number] = birth.nik_stem * 10_000 + serial
                births[member.number] = birth.born
        return Register(niks, births)

    def _households(self) -> Iterator[tuple[Ward, int]]:
        for ward in self._wards:
            for number in range(ward.households):
                yield ward, number

    def _captured_day(self, ward: Ward, member: Member) -> int | None:
        if member.recorded_rank is None:
            return None
        item = ward.first_recorded + member.recorded_rank
        return self.calendar.moment(self._capture_order.place_of(item)).day


def city(seed: int, recorded: int = CITY.recorded) -> City:
    """The source's city, or one of its proportions in which exactly `recorded` are recorded.

    Raises ValueError unless 1 <= recorded <= RECORDINGS_MAX.
    """
    return City(seed, scaled(recorded))
