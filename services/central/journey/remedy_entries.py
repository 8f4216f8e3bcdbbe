"""The bytes of entries about remedies, as `entries` makes those about decisions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.central.journey.entries import NewEntry
from shared.contracts.amendments import Identity
from shared.contracts.remedies import (
    DELETION_DECISION as WRITE_DELETION,
)
from shared.contracts.remedies import (
    MOVE_DECISION as WRITE_MOVE,
)
from shared.contracts.remedies import (
    DeletionDecision,
    MoveDecision,
    RecordingAt,
)

DELETION_DECISION = "deletion_decision"
MOVE_DECISION = "move_decision"


def deletion_decision(
    about: UUID,
    request: tuple[str, UUID],
    *,
    reason: str | None,
    recordings: Sequence[RecordingAt],
    may_record_again: Sequence[UUID],
    now: datetime,
) -> NewEntry:
    """request: the region that asked, and the request's id. reason: of a refusal, else None."""
    verdict: Literal["confirmed", "refused"] = "confirmed" if reason is None else "refused"
    entry = DeletionDecision(
        version=1,
        kind="deletion_decision",
        recording_id=about,
        request_id=request[1],
        request_region=request[0],
        verdict=verdict,
        reason=reason,
        recordings=tuple(recordings),
        may_record_again=tuple(may_record_again),
        decided_at=now,
    )
    return NewEntry(DELETION_DECISION, about, verdict, WRITE_DELETION.dump_json(entry))


def move_decision(
    about: UUID,
    move_id: UUID,
    *,
    reason: str | None,
    from_region: str | None,
    identity: Identity | None,
    now: datetime,
) -> NewEntry:
    """about: the recording, or the move itself where none is known. reason: of a refusal."""
    verdict: Literal["moved", "refused"] = "moved" if reason is None else "refused"
    entry = MoveDecision(
        version=1,
        kind="move_decision",
        recording_id=about,
        move_id=move_id,
        verdict=verdict,
        reason=reason,
        from_region=from_region,
        identity=identity,
        decided_at=now,
    )
    return NewEntry(MOVE_DECISION, about, verdict, WRITE_MOVE.dump_json(entry))
