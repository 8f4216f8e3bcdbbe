"""A synthetic Singkawang: everybody who lives there and every recording taken of them.

EVERY PERSON IS INVENTED. Names come from word lists of this package, numbers, dates and biometrics
from a seed; whoever resembles one of them does so by chance. Only totals, place names, the shapes
of data and a few stated shares come from the real world.

Owns: the census of 13 October 2017 by ward, the people, their oddities, the order of recording.
Takes: a seed, and a number of recordings when a smaller or larger city is wanted.
Gives: `city`, `recordings`, `second_attempts`, `resent`, `neighbour_recordings`, `DemoPlan`,
`early_recordings`, `write_residents_csv`. The same seed gives the same bytes.
Never: a real person's data, a clock, a socket, a database.
"""

from services.simulator.population.census import AS_OF, CENSUS, Count, scaled
from services.simulator.population.city import City, city
from services.simulator.population.people import Resident
from services.simulator.population.plan import DemoPlan
from services.simulator.population.recordings import (
    PlannedRecording,
    early_recordings,
    neighbour_recordings,
    recordings,
    resent,
    second_attempts,
)
from services.simulator.population.residents_csv import HEADER, write_residents_csv

__all__ = [
    "AS_OF",
    "CENSUS",
    "HEADER",
    "City",
    "Count",
    "DemoPlan",
    "PlannedRecording",
    "Resident",
    "city",
    "early_recordings",
    "neighbour_recordings",
    "recordings",
    "resent",
    "scaled",
    "second_attempts",
    "write_residents_csv",
]
