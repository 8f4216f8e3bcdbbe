"""Who lives where: residents of a ward by number, their households, and who of them is recorded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from services.simulator.population.census import Count
from services.simulator.population.draws import Shuffle

PEOPLE_PER_HOUSEHOLD = 3.9  # invented, near the usual size in the province


class Member(NamedTuple):
    """A place in a household: adults by rank (0 the head, 1 a spouse or other adult), children."""

    number: int  # of the resident, 0 to population-1 in the city
    household: int  # in the ward
    rank: int | None  # None for a child
    recorded_rank: int | None  # 0 to recorded-1 in the ward; None if not recorded


@dataclass(frozen=True, slots=True)
class Ward:
    """The residents `first_number` onward: first the obliged, then those too young."""

    code: str
    index: int  # in the city
    count: Count
    first_number: int
    first_recorded: int  # recordings of the wards before this one
    households: int
    shuffle: Shuffle  # over the obliged: those at the first places are recorded

    def members(self, household: int) -> Iterator[Member]:
        for item in range(household, self.count.obliged, self.households):
            yield self._obliged(item)
        young = self.count.population - self.count.obliged
        for item in range(household, young, self.households):
            yield Member(self.first_number + self.count.obliged + item, household, None, None)

    def recorded_member(self, recorded_rank: int) -> Member:
        return self._obliged(self.shuffle.item_at(recorded_rank))

    def _obliged(self, item: int) -> Member:
        place = self.shuffle.place_of(item)
        rank, household = divmod(item, self.households)
        recorded_rank = place if place < self.count.recorded else None
        return Member(self.first_number + item, household, rank, recorded_rank)


def wards_of(census: Mapping[str, Count]) -> tuple[Ward, ...]:
    wards = []
    first_number = first_recorded = 0
    for index, (code, count) in enumerate(census.items()):
        households = round(count.population / PEOPLE_PER_HOUSEHOLD)
        wards.append(
            Ward(
                code,
                index,
                count,
                first_number,
                first_recorded,
                max(1, min(households, count.obliged)),  # each household has an adult at its head
                Shuffle(count.obliged),
            )
        )
        first_number += count.population
        first_recorded += count.recorded
    return tuple(wards)
