"""Feed entries as the centre writes them, for tests of the region that reads them."""

from uuid import UUID

from services.central.journey import entries
from services.central.journey.entries import SignedPermission
from shared.contracts.feed import Rival
from shared.contracts.outcomes import DuplicateKind, Outcome
from shared.ids import new_id
from tests.recordings import NOON

RIVAL = Rival(recording_id=UUID(int=99), region="61.07", captured_at=NOON)


def permission(authorization_id: UUID | None = None, jws: str = "signed") -> SignedPermission:
    return SignedPermission(authorization_id or new_id(), jws, NOON.replace(year=NOON.year + 2))


def decision(
    recording_id: UUID,
    outcome: Outcome = Outcome.PRINT_READY_RECORD,
    seq: int = 1,
    signed: SignedPermission | None = None,
) -> bytes:
    is_ready = outcome is Outcome.PRINT_READY_RECORD
    is_duplicate = outcome is Outcome.DUPLICATE_RECORD
    return entries.decision(
        seq=seq,
        recording_id=recording_id,
        outcome=outcome,
        reason="same-nik" if is_duplicate else None,
        duplicate=DuplicateKind.ONE_TO_ONE if is_duplicate else None,
        rival=RIVAL if is_duplicate else None,
        permission=(signed or permission()) if is_ready else None,
        now=NOON,
    ).body


def fresh_permission(
    recording_id: UUID, replaces: UUID | None = None, signed: SignedPermission | None = None
) -> bytes:
    return entries.fresh_permission(
        recording_id, replaces or new_id(), signed or permission(), NOON
    ).body


def revocation(
    recording_id: UUID, authorization_id: UUID, replaced_by: UUID | None = None
) -> bytes:
    return entries.revocation(
        recording_id=recording_id,
        authorization_id=authorization_id,
        reason="amended" if replaced_by else "same-person",
        replaced_by=replaced_by,
        now=NOON,
    ).body
