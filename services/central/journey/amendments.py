"""Entries that answer amendment and reprint requests: whoever ends a request tells it so."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from services.central.journey.entries import NewEntry
from shared.amendment.objections import TOLD, Objection
from shared.contracts.amendments import AMENDMENT_DECISION, AmendmentDecision, Identity

KIND: Literal["amendment_decision"] = "amendment_decision"


def refusal(
    request_id: UUID, seq: int, recording_id: UUID | None, objection: Objection, now: datetime
) -> AmendmentDecision:
    """recording_id: None when nobody is known to be proven."""
    told = TOLD[objection]
    return AmendmentDecision(
        version=1,
        kind=KIND,
        request_id=request_id,
        seq=seq,
        recording_id=recording_id,
        outcome="refused",
        decided_at=now,
        reason=objection.value,
        remedy=told.next_action,
        remedy_id=told.next_action_id,
        is_card_due=False,
        identity=None,
    )


def acceptance(
    request_id: UUID,
    seq: int,
    recording_id: UUID,
    identity: Identity,
    now: datetime,
    *,
    is_card_due: bool,
) -> AmendmentDecision:
    return AmendmentDecision(
        version=1,
        kind=KIND,
        request_id=request_id,
        seq=seq,
        recording_id=recording_id,
        outcome="accepted",
        decided_at=now,
        reason=None,
        remedy=None,
        remedy_id=None,
        is_card_due=is_card_due,
        identity=identity,
    )


def entry_of(decision: AmendmentDecision) -> NewEntry:
    """Filed under the recording; under the request where none is known."""
    about = decision.recording_id or decision.request_id
    return NewEntry(KIND, about, decision.outcome, AMENDMENT_DECISION.dump_json(decision))
