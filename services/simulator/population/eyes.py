"""A part of the city with irises that can be searched, and cases planted among its people.

Apart from the rest of the package, because it brings numpy and a compiler along.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

import numpy as np

from services.simulator.irises import TURN_MAX, captures
from services.simulator.irises.cases import (
    SHARES,
    Case,
    Look,
    Planted,
    eyes_of_person,
    plan_cases,
)
from services.simulator.population.city import City
from services.simulator.population.draws import below, draws
from services.simulator.population.oddities import written_differently
from services.simulator.population.people import Resident
from services.simulator.population.recordings import Dress
from shared.iris import FORMAT, data_of

_MADE_AT_ONCE = 128
_TILTS = TURN_MAX  # -6 to 6 columns


class PartWithIrises:
    """`count` of the city's recordings, spread evenly over the years, with readable irises.

    without: places in the order of capture to pass over, as those of people who are recorded
    elsewhere, too. shares: what is planted, as shares of `count`. All follows from the city's seed.
    """

    def __init__(
        self,
        city: City,
        count: int,
        without: Collection[int] = (),
        shares: Mapping[Case, float] = SHARES,
    ) -> None:
        self._city = city
        self._shares = shares
        self.orders: Sequence[int] = _spread(city.count.recorded, count, frozenset(without))
        self._places = {order: place for place, order in enumerate(self.orders)}
        self._made: dict[int, tuple[str, str]] = {}

    @cached_property
    def planted(self) -> tuple[Planted, ...]:
        """The truth; places are places in the city's order of capture."""
        return plan_cases(self._city.seed, self._persons, self._shares)

    def dress(self, order: int, person: Resident) -> Dress | None:
        """How somebody's recording looks; None outside this part. In order it is cheapest."""
        if order not in self._places:
            return None
        templates = self._templates(order)
        one = self._case_of.get(order)
        if one is None:
            return Dress(person, FORMAT, templates)
        if one.earlier is not None and order == one.later:
            other = self._city.recorded_resident(one.earlier)
            if one.case is Case.TWO_NIKS:
                person = _once_more(other, person, self._city.seed)
            elif one.case is Case.TWINS:
                person = _twin(other, person)
        return Dress(person, FORMAT, templates, one.officer, has_both_irises=True)

    @cached_property
    def _persons(self) -> dict[int, int]:
        return {order: self._city.recorded_resident(order).number for order in self.orders}

    @cached_property
    def _case_of(self) -> dict[int, Planted]:
        return {
            place: one
            for one in self.planted
            for place in (one.later, one.earlier)
            if place is not None
        }

    def _templates(self, order: int) -> tuple[str, str]:
        if order not in self._made:
            place = self._places[order]
            wanted = self.orders[place : place + _MADE_AT_ONCE]
            self._made = dict(zip(wanted, self._make(wanted), strict=True))
        return self._made[order]

    def _make(self, orders: Sequence[int]) -> list[tuple[str, str]]:
        looks = [self._look(order) for order in orders]
        turns = [_turns(self._city.seed, order) for order in orders]
        made = captures(
            self._city.seed,
            np.array([one.eyes for one in looks]),
            np.array([[one.session] for one in looks]),
            np.array([one.distances for one in looks]),
            np.array(turns),
        )
        return [(data_of(left), data_of(right)) for left, right in made]

    def _look(self, order: int) -> Look:
        planted = self._case_of.get(order)
        shown = planted.looks.get(order) if planted is not None else None
        return shown or Look(eyes_of_person(self._persons[order]))


def _spread(places: int, count: int, without: frozenset[int]) -> tuple[int, ...]:
    free = [order for order in range(places) if order not in without]
    if not 0 <= count <= len(free):
        raise ValueError("the city has fewer recordings")
    return tuple(free[(2 * item + 1) * len(free) // (2 * count)] for item in range(count))


def _turns(seed: int, order: int) -> tuple[int, int]:
    """A head that is tilted turns both eyes alike, give or take a column.

    No two captures are turned by more than TURN_MAX against one another.
    """
    drawn = draws(b"turns:%d:" % seed, order)
    both = below(_TILTS, drawn[0]) - _TILTS // 2
    return both + (drawn[1] & 1), both + (drawn[2] & 1)


def _once_more(other: Resident, own: Resident, seed: int) -> Resident:
    """`other` under the NIK and at the address of `own`."""
    draw = draws(b"clerk:%d:" % seed, own.number)[0]
    return other._replace(
        number=own.number,
        nik=own.nik,
        name=written_differently(other.name, draw),
        family_card=own.family_card,
        street=own.street,
        rt=own.rt,
        rw=own.rw,
        ward=own.ward,
        obliged=own.obliged,
        recorded=own.recorded,
    )


def _twin(other: Resident, own: Resident) -> Resident:
    """`own` as the twin of `other`, living elsewhere: one birth, one mother, one family name."""
    given, family = own.name.split(" ")[0], other.name.rpartition(" ")[2]
    return own._replace(
        name=f"{given} {family}",
        mother_name=other.mother_name,
        birth_place=other.birth_place,
        birth_date=other.birth_date,
        sex=other.sex,
    )
