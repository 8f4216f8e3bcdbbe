"""Officers' own irises: enrolled at two offices, and tried under citizens' NIKs.

Singkawang's door knows its own officers and refuses them. Officers of the neighbour are known at
the centre alone: their irises climb in a citizen's recording and are found there.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import httpx

from services.simulator.irises import captures, first_captures
from services.simulator.irises.cases import OFFICERS, Planted, eyes_of_officer
from services.simulator.population import City, PlannedRecording
from services.simulator.population.people import Resident
from services.simulator.population.recordings import Dress, before_their_time
from shared.contracts.envelopes import Envelope, EnvelopeHead, EnvelopeKind
from shared.contracts.recording import Template
from shared.contracts.remedies import OPERATOR_IRISES, OPERATOR_IRISES_VERSION, OperatorIrises
from shared.ids import new_id
from shared.iris import FORMAT, Words, data_of

OWN_OFFICERS = (OFFICERS + 1, OFFICERS + 2)  # beyond those that cases are planted with
REFUSED = "operator-irises"
_ATTEMPT_DISTANCE = 0.12


class OfficersTrouble(Exception):
    """The region did not take an officer's irises."""


@dataclass(slots=True)
class OfficerSample:
    enrolled_here: int = 0
    enrolled_there: int = 0
    attempts: int = 0
    attempts_refused: int = 0


def irises_of(seed: int, officers: Iterable[int]) -> Iterator[bytes]:
    """One line for each officer: the body of an enrolment, and the officer's id."""
    for number in officers:
        left, right = first_captures(seed, eyes_of_officer(number))
        yield json.dumps({"officer": _name(number), **_eyes(left, right)}).encode() + b"\n"


def known_there(planted: Sequence[Planted]) -> list[int]:
    """Officers of the neighbour whose irises were planted here."""
    return sorted({one.officer for one in planted if one.officer is not None})


def attempts(city: City) -> Iterator[PlannedRecording]:
    """Recordings of people still to be recorded, that show the irises of who takes them."""
    return before_their_time(city, len(OWN_OFFICERS), _Lookalikes(city.seed))


class _Lookalikes:
    """Everybody shows the irises of the next officer."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._officers = iter(OWN_OFFICERS)

    def dress(self, order: int, person: Resident) -> Dress:
        _ = order
        officer = next(self._officers)
        eyes = eyes_of_officer(officer)
        left, right = captures(self._seed, eyes, 1, _ATTEMPT_DISTANCE, 3)
        shown = data_of(left), data_of(right)
        return Dress(person, FORMAT, shown, officer, has_both_irises=True)


async def enrol_here(
    region: httpx.AsyncClient, lines: Iterable[bytes], sample: OfficerSample
) -> None:
    """By the head of office, at the region's door. Raises OfficersTrouble."""
    for line in lines:
        told = json.loads(line)
        officer = told.pop("officer")
        answer = await region.put(f"/v1/operators/{officer}/irises", json=told)
        if answer.status_code != 200:
            raise OfficersTrouble(f"The region did not take irises: {answer.status_code}")
        sample.enrolled_here += 1


async def attempt(
    region: httpx.AsyncClient, token: str, bulk: bytes, sample: OfficerSample
) -> None:
    """Hand in what must be refused, as an officer's station would."""
    answer = await region.post(
        "/v1/recordings",
        content=bulk,
        headers={"content-type": "application/json", "authorization": f"Bearer {token}"},
    )
    for result in answer.json().get("results", ()):
        sample.attempts += 1
        sample.attempts_refused += (result["problem"] or {}).get("code") == REFUSED


def letters_of(lines: Iterable[bytes], now: datetime) -> list[Envelope]:
    """Enrolments at another region, as its outbox would hold them from seq 1 on."""
    envelopes = []
    for seq, line in enumerate(lines, 1):
        told: dict[str, Any] = json.loads(line)
        body = OPERATOR_IRISES.dump_json(
            OperatorIrises(
                enrolment_id=new_id(),
                officer=told["officer"],
                left=Template(**told["left"]),
                right=Template(**told["right"]),
                is_removed=False,
                head_of_office="head-1",
                happened_at=now,
            )
        )
        head = EnvelopeHead(
            seq=seq,
            envelope_id=new_id(),
            kind=EnvelopeKind.OPERATOR_IRISES,
            version=OPERATOR_IRISES_VERSION,
            happened_at=now,
            sha256=sha256(body).hexdigest(),
        )
        envelopes.append(Envelope(head, body))
    return envelopes


def _name(officer: int) -> str:
    return f"officer-{officer:02d}"


def _eyes(left: Words, right: Words) -> dict[str, dict[str, str]]:
    return {
        "left": {"format": FORMAT, "data": data_of(left)},
        "right": {"format": FORMAT, "data": data_of(right)},
    }
