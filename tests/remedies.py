"""Requests of regions for tests of remedies. Every person in them is invented."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson

from shared.contracts.envelopes import Envelope, EnvelopeKind
from shared.contracts.recording import Template
from shared.contracts.remedies import (
    DELETION_REQUEST,
    MOVE_IN,
    OPERATOR_IRISES,
    VALIDATION_REPLY,
    Consent,
    ConsentHow,
    DeletionReason,
    DeletionRequest,
    MoveIn,
    OperatorIrises,
    RecordingAt,
    Requester,
    ValidationChecks,
    ValidationReply,
    ValidationResult,
)
from shared.ids import new_id
from shared.iris import FORMAT, data_of
from tests.eyes import an_eye
from tests.recordings import NOON, envelope, nik

CONSENT = Consent(letter_sha256="9f" * 32, given_on=NOON.date(), how=ConsentHow.SIGNED)
ALL_CHECKED = ValidationChecks(
    person_present=True, fingers_rechecked=True, photo_compared=True, sex_compared=True
)


def at(recording_id: UUID, region: str) -> RecordingAt:
    return RecordingAt(recording_id=recording_id, region=region)


def a_request(
    recordings: Sequence[RecordingAt],
    keeps: RecordingAt | None = None,
    number: int = 1,
    request_id: UUID | None = None,
    **changes: Any,
) -> DeletionRequest:
    """Of person `number`, who keeps that NIK."""
    said: dict[str, Any] = {
        "recordings": tuple(recordings),
        "keeps_nik": nik(number),
        "keeps_recording": keeps,
        "requester": Requester.CITIZEN,
        "consent": CONSENT,
        "reason": DeletionReason.MOVED,
        "request_id": request_id or new_id(),
        "officer": "officer-12",
        "requested_at": NOON,
    }
    return DeletionRequest(**said | changes)


def request_envelope(seq: int, request: DeletionRequest) -> Envelope:
    return envelope(seq, DELETION_REQUEST.dump_json(request), kind=EnvelopeKind.DELETION_REQUEST)


def a_reply(recording_id: UUID, result: ValidationResult) -> ValidationReply:
    return ValidationReply(
        result=result,
        checks=ALL_CHECKED,
        remark=None,
        recording_id=recording_id,
        officer="officer-7",
        checked_at=NOON,
    )


def reply_envelope(seq: int, reply: ValidationReply) -> Envelope:
    return envelope(seq, VALIDATION_REPLY.dump_json(reply), kind=EnvelopeKind.VALIDATION_REPLY)


def an_enrolment(eyes: int, officer: str = "officer-7") -> OperatorIrises:
    """An officer with the irises of person `eyes`."""
    return OperatorIrises(
        enrolment_id=new_id(),
        officer=officer,
        left=Template(format=FORMAT, data=data_of(an_eye(2 * eyes))),
        right=Template(format=FORMAT, data=data_of(an_eye(2 * eyes + 1))),
        is_removed=False,
        head_of_office="kepala-1",
        happened_at=NOON,
    )


def operator_envelope(seq: int, told: OperatorIrises) -> Envelope:
    return envelope(seq, OPERATOR_IRISES.dump_json(told), kind=EnvelopeKind.OPERATOR_IRISES)


def deletion_body(
    recordings: Sequence[RecordingAt], keeps: RecordingAt | None = None, number: int = 1
) -> dict[str, Any]:
    """What an officer sends to the region's door."""
    return {
        "recordings": [one.model_dump(mode="json") for one in recordings],
        "keeps_nik": nik(number),
        "keeps_recording": keeps.model_dump(mode="json") if keeps else None,
        "requester": "citizen",
        "consent": CONSENT.model_dump(mode="json"),
        "reason": "moved_and_recorded_again",
    }


ADDRESS = {"street": "JALAN BARU 1", "rt": "001", "rw": "002", "ward": "61.72.02.1001"}


def move_body(number: int, rival: RecordingAt | None, **changes: Any) -> dict[str, Any]:
    """Person `number` moved into REGION, as an officer sends it to the door."""
    said: dict[str, Any] = {
        "nik": nik(number),
        "recording": rival.model_dump(mode="json") if rival else None,
        "letter_number": "SKPWNI/6107/13102017/0001",
        "letter_sha256": "9e" * 32,
        "moved_on": NOON.date().isoformat(),
        "address": ADDRESS,
    }
    return said | changes


def a_move(number: int, rival: RecordingAt | None = None, **changes: Any) -> MoveIn:
    said = move_body(number, rival, **changes)
    said |= {"move_id": str(new_id()), "officer": "officer-12", "moved_at": NOON.isoformat()}
    return MOVE_IN.validate_json(orjson.dumps(said))


def move_envelope(seq: int, asked: MoveIn) -> Envelope:
    return envelope(seq, MOVE_IN.dump_json(asked), kind=EnvelopeKind.MOVE_IN)


VALIDATION_BODY: dict[str, Any] = {
    "result": "confirmed",
    "checks": ALL_CHECKED.model_dump(mode="json"),
    "remark": None,
}
