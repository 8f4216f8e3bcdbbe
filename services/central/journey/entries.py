"""The bytes of feed entries, made once and never again.

They are put together from plain values: building and dumping the contract's models would cost as
much as the signature inside. A test reads every kind back with the contract.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from shared.contracts.feed import FEED_VERSION, Rival
from shared.contracts.outcomes import DuplicateKind, Outcome

_FORMAT = orjson.OPT_UTC_Z
DECISION = "decision"
FRESH_PERMISSION = "print_authorization"
REVOCATION = "revocation"


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry before it has its pos; `body` is what the region will read."""

    kind: str
    recording_id: UUID
    outcome: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class SignedPermission:
    """A print authorization as it was signed, before it is written into an entry."""

    authorization_id: UUID
    jws: str
    expires_at: datetime


def decision(
    *,
    seq: int,
    recording_id: UUID,
    outcome: Outcome,
    reason: str | None,
    duplicate: DuplicateKind | None,
    rival: Rival | None,
    permission: SignedPermission | None,
    now: datetime,
) -> NewEntry:
    """The `Decision` of shared.contracts.feed."""
    body = {
        "version": FEED_VERSION,
        "kind": DECISION,
        "recording_id": str(recording_id),
        "seq": seq,
        "outcome": outcome.value,
        "decided_at": now,
        "reason": reason,
        "duplicate": duplicate.value if duplicate else None,
        "rival": rival.model_dump(mode="json") if rival else None,
        "permission": _permission(permission) if permission else None,
    }
    return NewEntry(DECISION, recording_id, outcome.value, orjson.dumps(body, option=_FORMAT))


def fresh_permission(
    recording_id: UUID, replaces: UUID, permission: SignedPermission, now: datetime
) -> NewEntry:
    """The `FreshPermission` of shared.contracts.feed."""
    body = {
        "version": FEED_VERSION,
        "kind": FRESH_PERMISSION,
        "recording_id": str(recording_id),
        "issued_at": now,
        "replaces": str(replaces),
        "permission": _permission(permission),
    }
    return NewEntry(FRESH_PERMISSION, recording_id, None, orjson.dumps(body, option=_FORMAT))


def revocation(
    *,
    recording_id: UUID,
    authorization_id: UUID,
    reason: str,
    replaced_by: UUID | None,
    now: datetime,
) -> NewEntry:
    """The `Revocation` of shared.contracts.revocation."""
    body = {
        "version": FEED_VERSION,
        "kind": REVOCATION,
        "recording_id": str(recording_id),
        "authorization_id": str(authorization_id),
        "reason": reason,
        "revoked_at": now,
        "replaced_by": str(replaced_by) if replaced_by else None,
    }
    return NewEntry(REVOCATION, recording_id, None, orjson.dumps(body, option=_FORMAT))


def _permission(permission: SignedPermission) -> dict[str, object]:
    return {
        "authorization_id": str(permission.authorization_id),
        "jws": permission.jws,
        "expires_at": permission.expires_at,
    }


def outcome_in(body: bytes) -> Outcome | None:
    """The outcome in a decision's bytes; None where this program knows no such."""
    told = orjson.loads(body).get("outcome")
    return Outcome(told) if told in set(Outcome) else None
