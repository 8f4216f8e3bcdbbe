"""May this request be queued, by what this office knows? Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from shared.amendment import law
from shared.amendment.law import Objected
from shared.amendment.objections import Objection
from shared.contracts.amendments import (
    AMENDMENT,
    AMENDMENT_VERSION,
    REPRINT,
    REPRINT_VERSION,
    Amendment,
    AmendmentContent,
    Identity,
    Reprint,
    ReprintContent,
)
from shared.contracts.envelopes import EnvelopeKind
from shared.contracts.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request at the desk, validated, with the bytes that will be sent."""

    request: Amendment | Reprint
    body: bytes
    sha256: bytes

    @classmethod
    def of(cls, request_id: UUID, content: AmendmentContent | ReprintContent) -> "Arrival":
        """Equal content under one id gives equal bytes."""
        members = {name: getattr(content, name) for name in type(content).model_fields}
        members["request_id"] = request_id
        if isinstance(content, ReprintContent):
            reprint = Reprint.model_validate(members)
            return cls._made(reprint, REPRINT.dump_json(reprint))
        amendment = Amendment.model_validate(members)
        return cls._made(amendment, AMENDMENT.dump_json(amendment))

    @classmethod
    def _made(cls, request: Amendment | Reprint, body: bytes) -> "Arrival":
        return cls(request, body, sha256(body).digest())

    @property
    def kind(self) -> EnvelopeKind:
        is_reprint = isinstance(self.request, Reprint)
        return EnvelopeKind.REPRINT if is_reprint else EnvelopeKind.AMENDMENT

    @property
    def version(self) -> int:
        return REPRINT_VERSION if isinstance(self.request, Reprint) else AMENDMENT_VERSION


class State(StrEnum):
    """How a request stands: waiting for the centre, or answered."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Person:
    """What this office knows of whom a request is about.

    outcome: the newest decision; None while there is none. is_card_out: the newest permission made
    a card that was printed or handed over; `blank_serial` is that card's. has_moved_away: another
    office prints the card now.
    """

    recording_id: UUID
    identity: Identity
    outcome: Outcome | None
    is_card_out: bool
    blank_serial: str | None
    has_moved_away: bool = False


@dataclass(frozen=True, slots=True)
class Queue:
    """Nothing stands against it here; the centre judges again."""

    changes_card: bool


def admit(request: Amendment | Reprint, person: Person | None, today: date) -> Queue | Objected:
    """Judge a request before it is queued. `today` is the office's date.

    A recording without a decision may be amended: its envelope is before this one in the queue, so
    the centre has decided it by then.
    """
    if person is None or person.has_moved_away:
        return Objected(Objection.ELSEWHERE)
    if request.recording_id not in (None, person.recording_id):
        return Objected(Objection.OTHER_RECORDING)
    if person.outcome not in (None, Outcome.PRINT_READY_RECORD):
        return Objected(Objection.NOT_PROVEN)
    if isinstance(request, Reprint):
        if not person.is_card_out:
            return Objected(Objection.NO_CARD)
        return law.judge_reprint(request, today) or Queue(changes_card=False)
    objected = law.judge(request, person.identity, today)
    if objected is not None:
        return objected
    after = law.amended(person.identity, request.changes)
    return Queue(law.needs_a_card(person.identity, after))


@dataclass(frozen=True, slots=True)
class Kept:
    """A request this office holds; `answer` is the newest one."""

    request_id: UUID
    kind: str
    recording_id: UUID
    seq: int
    sha256: bytes
    old_blank_serial: str | None
    requested_at: datetime
    taken_at: datetime
    answer: "Answer | None" = None

    @property
    def state(self) -> State:
        return State(self.answer.outcome) if self.answer else State.WAITING


@dataclass(frozen=True, slots=True)
class Answer:
    outcome: str
    reason: str | None
    remedy: str | None
    remedy_id: str | None
    is_card_due: bool
    decided_at: datetime
