"""What is counted, how it adds up, which days are frozen, and what the public may not see. Pure."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

FIRST_DAY = date(1990, 1, 1)  # no recording is older
OBLIGED_YEARS = 17
# 23: from then on who was unrecorded was blocked, by the end of 2018.
AGES_FROM = (0, 17, 23, 30, 40, 50, 60, 70)
AGE_GROUPS = ("0-16", "17-22", "23-29", "30-39", "40-49", "50-59", "60-69", "70+")
K = TypeVar("K", bound=Hashable)


class OfWhom(StrEnum):
    """Whose recordings were taken here. Only the first are in the numerator by domicile."""

    OBLIGED = "obliged"
    NOT_OBLIGED = "not_obliged"  # recorded at 16, and counted when they turn 17
    GONE = "gone"  # died or moved away since
    UNLISTED = "unlisted"  # of this region by their address, and not on the residents' list
    ELSEWHERE = "elsewhere"  # live in another region


@dataclass(frozen=True, slots=True)
class Figure:
    """Residents: the recorded are among the obliged, the obliged among all."""

    population: int = 0
    obliged: int = 0
    recorded: int = 0

    def __add__(self, other: "Figure") -> "Figure":
        return Figure(
            self.population + other.population,
            self.obliged + other.obliged,
            self.recorded + other.recorded,
        )

    @property
    def percent(self) -> float | None:
        return percent(self.recorded, self.obliged)

    @property
    def parts(self) -> tuple[int, int, int]:
        """The groups one can be in: recorded, unrecorded, not obliged."""
        return self.recorded, self.obliged - self.recorded, self.population - self.obliged


@dataclass(frozen=True, slots=True)
class Cell:
    ward: str
    sex: str
    age_group: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Taken:
    """Recordings taken by this office: where people live, where they were recorded, of whom."""

    ward: str  # of people of other regions, the region
    place: str
    of_whom: OfWhom
    recordings: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """One day's figures. listed_on: the day of the residents' list they were counted from."""

    at: date
    listed_on: date | None
    cells: tuple[Cell, ...]
    taken: tuple[Taken, ...]
    uncertain: int  # counted as obliged, though since when is not known

    @property
    def total(self) -> Figure:
        return sum((cell.figure for cell in self.cells), Figure())

    def by(self, key: Callable[[Cell], K]) -> dict[K, Figure]:
        """Figures added up by something of a cell, in order of it."""
        found: dict[K, Figure] = {}
        for cell in self.cells:
            found[key(cell)] = found.get(key(cell), Figure()) + cell.figure
        return {one: found[one] for one in sorted(found, key=str)}

    @property
    def by_ward(self) -> dict[str, Figure]:
        return self.by(lambda cell: cell.ward)

    @property
    def by_district(self) -> dict[str, Figure]:
        return self.by(lambda cell: cell.ward[:8])

    @property
    def by_sex(self) -> dict[str, Figure]:
        return self.by(lambda cell: cell.sex)

    @property
    def by_age(self) -> dict[str, Figure]:
        return self.by(lambda cell: cell.age_group)

    @property
    def by_place(self) -> dict[str, int]:
        """Recordings by the kind of place where they were taken."""
        return _sums((one.place, one.recordings) for one in self.taken)

    @property
    def of_whom(self) -> dict[OfWhom, int]:
        """Recordings by whose they are, in the order of `OfWhom`; all kinds, also with none."""
        found = _sums((one.of_whom, one.recordings) for one in self.taken)
        return {kind: found.get(kind, 0) for kind in OfWhom}

    @property
    def taken_here(self) -> int:
        return sum(one.recordings for one in self.taken)

    def taken_of(self, code: str) -> int:
        """Recordings taken here of people who live in a ward, a district or the region."""
        return sum(one.recordings for one in self.taken if one.ward.startswith(code))

    @property
    def percent_by_place(self) -> float | None:
        """All recordings taken here, of the obliged who live here. May well be above 100."""
        return percent(self.taken_here, self.total.obliged)


def _sums(pairs: Iterable[tuple[K, int]]) -> dict[K, int]:
    found: dict[K, int] = {}
    for key, number in pairs:
        found[key] = found.get(key, 0) + number
    return found


def percent(part: int, whole: int) -> float | None:
    """Two decimals; None of nothing. May be above 100."""
    return round(100 * part / whole, 2) if whole else None


def latest_birth(at: date, years: int) -> date:
    """The last birth date of those who have had so many birthdays by a day.

    Who was born on 29 February has theirs on 1 March of a common year.
    """
    try:
        return at.replace(year=at.year - years)
    except ValueError:
        return at.replace(year=at.year - years, day=28)


SEMESTER_ENDS = ((6, 30), (12, 31))


def is_semester_end(day: date) -> bool:
    return (day.month, day.day) in SEMESTER_ENDS


def last_semester_end(today: date) -> date:
    """The latest 30 June or 31 December that is over."""
    ends = [
        date(year, month, day)
        for year in (today.year - 1, today.year)
        for month, day in SEMESTER_ENDS
    ]
    return max(end for end in ends if end < today)


def is_small(figure: Figure, cell_min: int) -> bool:
    """Whether a figure tells of so few people that they could be told apart."""
    return any(0 < part < cell_min for part in figure.parts)


def hide_small(figures: Mapping[K, Figure], cell_min: int) -> dict[K, Figure | None]:
    """Rows whose sum is shown beside them; None for those the public may not see.

    A row alone could be worked out from the sum, so others are hidden with it, the smallest first,
    until what is hidden tells together of nobody, or of `cell_min` and more, in each group.
    """
    hidden = {key for key, figure in figures.items() if is_small(figure, cell_min)}
    others = sorted(
        (key for key, figure in figures.items() if key not in hidden and figure.population),
        key=lambda key: (figures[key].population, str(key)),
    )
    for key in others:
        together = sum((figures[one] for one in hidden), Figure())
        if not hidden or not is_small(together, cell_min):
            break
        hidden.add(key)
    return {key: None if key in hidden else figure for key, figure in figures.items()}


def hide_small_wards(
    districts: Mapping[str, Figure | None], wards: Mapping[str, Figure], cell_min: int
) -> dict[str, Figure | None]:
    """The same for wards under their districts: those of a hidden district would add up to it."""
    found: dict[str, Figure | None] = {}
    for code, district in districts.items():
        inside = {ward: figure for ward, figure in wards.items() if ward.startswith(f"{code}.")}
        found |= dict.fromkeys(inside) if district is None else hide_small(inside, cell_min)
    return found


def hide_small_counts(counts: Mapping[K, int], cell_min: int) -> dict[K, int | None]:
    """Counts whose sum is shown beside them; None for those the public may not see."""
    shown = hide_small({key: Figure(n, n, n) for key, n in counts.items()}, cell_min)
    return {key: None if one is None else one.recorded for key, one in shown.items()}


class Unknown(StrEnum):
    """What figures of this day cannot say."""

    NO_LIST = "no-list"
    BEFORE_LIST = "before-list"  # who left before the first list is on none
    AFTER_LIST = "after-list"  # who came, went or died since is not known yet
    MARRIED_WHEN = "married-when"  # obliged before 17, and since when is not known
    ELSEWHERE = "recorded-elsewhere"  # residents whom another region recorded
    TAKEN_OUT = "taken-out"  # recordings that were deleted since


def unknowns(at: date, listed_on: date | None, uncertain: int, today: date) -> Sequence[Unknown]:
    """What must be said beside figures of this day."""
    if listed_on is None:
        return (Unknown.NO_LIST,)
    found = [Unknown.ELSEWHERE]
    if at < listed_on:
        found.append(Unknown.BEFORE_LIST)
    if at > listed_on:
        found.append(Unknown.AFTER_LIST)
    if uncertain:
        found.append(Unknown.MARRIED_WHEN)
    if at < today:
        found.append(Unknown.TAKEN_OUT)
    return found
