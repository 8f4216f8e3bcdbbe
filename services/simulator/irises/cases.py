"""Planted cases: people and eyes that are not what a recording says, with the truth told.

Everybody of a crowd has a place, 0 to count-1, in the order of recording. A case takes two places,
or one; the truth is kept beside it, so that what a centre finds can be counted against it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from services.simulator.irises.profiles import Numbers, drawn_pairs
from shared.contracts.outcomes import Outcome


class Case(StrEnum):
    TWO_NIKS = "two_niks"  # one person, recorded under a second NIK
    LENSES = "lenses"  # two people who wear lenses of one printed pattern
    OFFICER = "officer"  # an officer's own irises under a citizen's NIK
    SWAPPED = "swapped"  # irises of somebody recorded before, filed under another's NIK
    TWINS = "twins"  # two people of one birth, mother and family name; their irises are strangers'


# Invented shares of a crowd, far above life's so that a short run counts enough of them.
SHARES: Mapping[Case, float] = {
    Case.TWO_NIKS: 0.02,
    Case.LENSES: 0.004,
    Case.OFFICER: 0.002,
    Case.SWAPPED: 0.004,
    Case.TWINS: 0.01,
}

# What must become of the later recording. Those that people look at may not be decided without.
FOUND: Mapping[Case, frozenset[Outcome]] = {
    Case.TWO_NIKS: frozenset({Outcome.DUPLICATE_RECORD, Outcome.ADJUDICATE_RECORD}),
    Case.LENSES: frozenset({Outcome.ADJUDICATE_RECORD}),
    Case.OFFICER: frozenset({Outcome.REQUEST_VALIDATION}),
    Case.SWAPPED: frozenset({Outcome.ADJUDICATE_RECORD}),
}

HELD_UP = frozenset(
    {Outcome.DUPLICATE_RECORD, Outcome.ADJUDICATE_RECORD, Outcome.REQUEST_VALIDATION}
)

# Two wearers of one pattern: what a lens shows of itself each time. Invented.
_LENS_DISTANCE, _LENS_SPREAD = 0.12, 0.03
OFFICERS = 24  # who carry the stations' ids officer-01 to officer-24

_PERSON_EYES, _OFFICER_EYES, _LENS_EYES = 0, 1 << 40, 1 << 41


@dataclass(frozen=True, slots=True)
class Look:
    """The irises one recording shows: left and right eye by number, as a session saw them."""

    eyes: tuple[int, int]
    session: int = 0
    distances: tuple[float, float] = (0.0, 0.0)  # from the eyes' own first captures


@dataclass(frozen=True, slots=True)
class Planted:
    """The truth of one case: the later recording's place, and whose eyes it shows beside its own.

    earlier: the other recording's place; officer: 1 to OFFICERS. Of twins both show their own.
    """

    case: Case
    later: int
    earlier: int | None
    officer: int | None
    looks: Mapping[int, Look]  # by place; whoever is not in it shows the eyes of its person

    @property
    def is_same_person(self) -> bool:
        return self.case is Case.TWO_NIKS


def eyes_of_person(number: int) -> tuple[int, int]:
    """Numbers of a person's own eyes."""
    return _PERSON_EYES + 2 * number, _PERSON_EYES + 2 * number + 1


def eyes_of_officer(number: int) -> tuple[int, int]:
    """Numbers of an officer's own eyes. number: 1 to OFFICERS."""
    return _OFFICER_EYES + 2 * number, _OFFICER_EYES + 2 * number + 1


def plan_cases(
    seed: int, persons: Mapping[int, int], shares: Mapping[Case, float] = SHARES
) -> tuple[Planted, ...]:
    """Draw cases, no place twice, at least one of each kind where there is room.

    persons: the person recorded at each place. Earlier and later are any two of the crowd.
    """
    chance = np.random.default_rng([seed, len(persons)])
    places = list(persons)
    drawn = [places[at] for at in chance.permutation(len(places))]
    planted: list[Planted] = []
    for case, share in shares.items():
        for _ in range(max(1, round(share * len(places)))):
            needed = 1 if case is Case.OFFICER else 2
            if len(drawn) < needed:
                return tuple(planted)
            taken = sorted(drawn.pop() for _ in range(needed))
            (pair,) = drawn_pairs(chance, 1)
            planted.append(_planted(case, taken, persons, pair, len(planted), chance))
    return tuple(planted)


def _planted(
    case: Case,
    taken: list[int],
    persons: Mapping[int, int],
    pair: Numbers,
    number: int,
    chance: np.random.Generator,
) -> Planted:
    later, earlier = taken[-1], taken[0] if len(taken) > 1 else None
    distances = float(pair[0]), float(pair[1])
    officer: int | None = None
    looks: dict[int, Look] = {}
    if case is Case.OFFICER:
        officer = int(chance.integers(1, OFFICERS + 1))
        looks[later] = Look(eyes_of_officer(officer), 1, distances)
    elif case is Case.LENSES:
        pattern = _LENS_EYES + 2 * number, _LENS_EYES + 2 * number + 1
        for session, place in enumerate(taken, 1):
            shown = np.clip(chance.normal(_LENS_DISTANCE, _LENS_SPREAD, 2), 0.02, 0.2)
            looks[place] = Look(pattern, session, (float(shown[0]), float(shown[1])))
    elif case is not Case.TWINS and earlier is not None:
        looks[later] = Look(eyes_of_person(persons[earlier]), 1, distances)
    return Planted(case, later, earlier, officer, looks)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of a kind there were, and of how many the right thing became."""

    planted: int
    found: int


@dataclass(frozen=True, slots=True)
class Count:
    """What a centre found, counted against the truth.

    recall: found duplicates (one person under two NIKs) of all planted. false_alarms: recordings
    that nothing is wrong with, twins included, and that were held up for their irises; the rate is
    of all such recordings.
    """

    by_case: Mapping[Case, Tally]
    honest: int
    false_alarms: int

    @property
    def recall(self) -> float:
        """1.0 where nothing was planted."""
        tally = self.by_case[Case.TWO_NIKS]
        return tally.found / tally.planted if tally.planted else 1.0

    @property
    def false_alarm_rate(self) -> float:
        return self.false_alarms / self.honest if self.honest else 0.0


def count(planted: Iterable[Planted], outcomes: Mapping[int, Outcome]) -> Count:
    """Count against the truth. outcomes: the last one of each place, of all that were searched.

    Whoever of two came to the centre first passes, and the other is found: so either counts.
    """
    tallies = {case: [0, 0] for case in FOUND}
    involved: set[int] = set()
    for one in planted:
        if one.case is Case.TWINS:
            continue
        places = [place for place in (one.later, one.earlier) if place is not None]
        involved.update(places)
        tallies[one.case][0] += 1
        tallies[one.case][1] += any(outcomes.get(at) in FOUND[one.case] for at in places)
    honest = [outcome for place, outcome in outcomes.items() if place not in involved]
    return Count(
        {case: Tally(*numbers) for case, numbers in tallies.items()},
        len(honest),
        sum(outcome in HELD_UP for outcome in honest),
    )
