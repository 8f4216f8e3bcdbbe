"""The bytes of entries about remedies, as `entries` makes those about decisions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.central.journey.entries import NewEntry
from shared.contracts.remedies import (
    DELETION_DECISION as WRITE_DELETION,
)
from shared.contracts.remedies import (
    DeletionDecision,
    RecordingAt,
)

DELETION_DECISION = "deletion_decision"


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
