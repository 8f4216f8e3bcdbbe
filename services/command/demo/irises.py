"""The part of the city with irises: what was planted there, and what the centre found of it."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from services.command.demo.officers import OfficerSample
from services.simulator.irises.cases import Case, Count, Planted, count
from services.simulator.population import City, DemoPlan, PlannedRecording
from services.simulator.population.eyes import PartWithIrises
from services.simulator.population.recordings import neighbour_orders
from shared.contracts.outcomes import Outcome

# A poor capture of both eyes is missed by any threshold: one of many may be, not more.
MISSED_SHARE_MAX = 0.05
MISSED_MAX = 1
# A search may raise a false candidate in a thousand, by the model the thresholds stand on.
FALSE_ALARM_RATE_MAX = 0.005
FALSE_ALARMS_MAX = 1


def part_of(city: City, irises: int) -> PartWithIrises:
    """Whoever the neighbour recorded, too, is left out: their NIK decides."""
    neighbours = neighbour_orders(city, DemoPlan.of(city).neighbours)
    return PartWithIrises(city, irises, frozenset(neighbours))


@dataclass(slots=True)
class Truth:
    """What nobody but the plan knows. Places are those in the city's order of capture."""

    recording_ids: dict[int, UUID]
    planted: tuple[Planted, ...]

    @classmethod
    def of(cls, part: PartWithIrises) -> "Truth":
        """Before anybody has an id; `noting` learns them."""
        return cls({}, part.planted)

    def noting(
        self, proper: Iterator[PlannedRecording], part: PartWithIrises
    ) -> Iterator[PlannedRecording]:
        """The city's recordings as they come, whole and in order."""
        places = set(part.orders)
        for place, one in enumerate(proper):
            if place in places:
                self.recording_ids[place] = one.recording_id
            yield one

    def write(self, file: Path) -> None:
        cases = [(one.case, one.later, one.earlier, one.officer) for one in self.planted]
        ids = [(place, str(one)) for place, one in self.recording_ids.items()]
        file.write_bytes(orjson.dumps({"recording_ids": ids, "planted": cases}))

    @classmethod
    def read(cls, file: Path) -> "Truth":
        told = orjson.loads(file.read_bytes())
        planted = (
            Planted(Case(case), later, earlier, officer, {})
            for case, later, earlier, officer in told["planted"]
        )
        ids = {place: UUID(one) for place, one in told["recording_ids"]}
        return cls(ids, tuple(planted))

    def count(self, outcomes: Mapping[UUID, Outcome]) -> Count:
        """outcomes: the last one of each recording."""
        return count(
            self.planted,
            {place: outcomes[one] for place, one in self.recording_ids.items() if one in outcomes},
        )


def told(
    truth: Truth, counted: Count, waiting: Mapping[str, int], officers: OfficerSample
) -> dict[str, Any]:
    """The report's part. waiting: open cases for officers, and recordings for their regions."""
    return {
        "searched": len(truth.recording_ids),
        "planted": {
            case.value: {"planted": tally.planted, "found": tally.found}
            for case, tally in counted.by_case.items()
        },
        "twins": sum(one.case is Case.TWINS for one in truth.planted),
        "planted_recall": round(counted.recall, 4),
        "honest": counted.honest,
        "false_alarms": counted.false_alarms,
        "false_alarm_rate": round(counted.false_alarm_rate, 6),
        "cases_waiting": waiting.get(Outcome.ADJUDICATE_RECORD, 0),
        "validations_waiting": waiting.get(Outcome.REQUEST_VALIDATION, 0),
        "officers": asdict(officers),
    }


def are_found(counted: Count) -> bool:
    """As many of what was planted as thresholds can find, of every kind."""
    return all(
        tally.planted - tally.found <= max(MISSED_MAX, MISSED_SHARE_MAX * tally.planted)
        for tally in counted.by_case.values()
    )


def are_alarms_rare(counted: Count) -> bool:
    return counted.false_alarms <= max(FALSE_ALARMS_MAX, FALSE_ALARM_RATE_MAX * counted.honest)
