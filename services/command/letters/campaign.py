"""Who gets which letter on which day: the city's unrecorded in the order letters are carried."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from itertools import groupby

from services.regional.outreach import rules
from services.regional.outreach.typesetting import Letter, Route
from services.simulator.population import City, Resident
from shared.nik import Sex
from shared.pages.moments import day as told
from shared.wilayah import Wilayah


@dataclass(frozen=True, slots=True)
class Bundle:
    """A week of one ward: what one PDF and its delivery list hold."""

    ward: str
    monday: date
    last: date
    letters: tuple[Letter, ...]

    @property
    def name(self) -> str:
        return f"{self.ward}/{self.monday:%Y-%m-%d}"


def unrecorded(city: City) -> list[Resident]:
    """Everybody obliged and not recorded, in the order letters are carried."""
    found = [one for one in city.residents() if one.obliged and not one.recorded]
    return sorted(
        found,
        key=lambda one: (one.ward, one.rw, one.rt, one.street, one.family_card, one.name, one.nik),
    )


def bundles(
    in_order: Sequence[Resident], seed: int, first: date, per_day: int, address: str
) -> Iterator[Bundle]:
    """Ward by ward and week by week, each day of a ward at most `per_day` letters."""
    wilayah = Wilayah.builtin()
    for ward, people in groupby(in_order, lambda one: one.ward):
        days = rules.spread_over_days([*people], first, per_day)
        for monday, week in groupby(days, lambda one: _monday(one[0])):
            letters: list[Letter] = []
            last = monday
            for last, portion in week:
                letters += _letters(portion, last, seed, address, wilayah)
            yield Bundle(ward, monday, last, tuple(letters))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _letters(
    people: Sequence[Resident], day: date, seed: int, address: str, wilayah: Wilayah
) -> Iterator[Letter]:
    on, until = told(day), told(rules.answer_until(day))
    for place, one in enumerate(people, 1):
        yield Letter(
            number=rules.letter_number(day, one.ward, place),
            title="Sdri." if one.sex is Sex.FEMALE else "Sdr.",
            name=one.name,
            street=one.street,
            route=Route(wilayah.name(one.district), wilayah.name(one.ward), one.rw, one.rt),
            nik_end=one.nik[-4:],
            address=f"{address}/letters/{_token(seed, one.nik)}",
            day=on,
            until=until,
            turn=f"{place} dari {len(people)}",
        )


def _token(seed: int, nik: str) -> str:
    """As unguessable as its seed: for a synthetic city, where the same seed gives the same."""
    return rules.token_of(blake2b(nik.encode(), key=str(seed).encode(), digest_size=16).digest())
