"""What a demonstration hands in beside the proper recordings, and what must come of it."""

from dataclasses import dataclass

from services.simulator.population.city import City

# Invented shares of the proper recordings.
SECOND_ATTEMPTS = 0.002
RESENT = 0.003
NEIGHBOURS = 0.0013


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """How many recordings of each kind; at least one of each where the city has any."""

    recordings: int  # each person of the census's recorded once
    second_attempts: int  # same NIK, other id: the region refuses each
    resent: int  # same id, same bytes: the same receipt again
    neighbours: int  # the neighbour had the person first: the centre finds a duplicate

    @classmethod
    def of(cls, city: City) -> "DemoPlan":
        recorded = city.count.recorded
        return cls(
            recordings=recorded,
            second_attempts=max(1, round(recorded * SECOND_ATTEMPTS)),
            resent=max(1, round(recorded * RESENT)),
            neighbours=max(1, round(recorded * NEIGHBOURS)),
        )

    @property
    def authorized(self) -> int:
        """Print permissions the city's own recordings must end with."""
        return self.recordings - self.neighbours
