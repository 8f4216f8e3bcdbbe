"""Feed entries as the centre writes them, for tests of the region that reads them."""

from uuid import UUID

from services.central.journey import entries
from services.central.journey.amendments import acceptance, entry_of, refusal
from services.central.journey.entries import SignedPermission
from services.regional.amendments.rules import Arrival as Asked
from services.regional.recording.rules import Arrival
from shared.amendment.law import amended
from shared.amendment.objections import Objection
from shared.contracts.amendments import Amendment, Identity
from shared.contracts.feed import Rival
from shared.contracts.outcomes import DuplicateKind, Outcome
from shared.contracts.recording import RECORDING
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


def answer(asked: Asked, about: Arrival, outcome: str = "accepted") -> bytes:
    """The centre's word on an amendment of a recording, or on a reprint of its card."""
    request, recording_id = asked.request, about.recording_id
    if outcome == "refused":
        return entry_of(
            refusal(request.request_id, 2, recording_id, Objection.NOT_PROVEN, NOON)
        ).body
    identity = Identity.of(RECORDING.validate_json(about.body).card)
    if isinstance(request, Amendment):
        identity = amended(identity, request.changes)
    return entry_of(
        acceptance(request.request_id, 2, recording_id, identity, NOON, is_card_due=True)
    ).body
