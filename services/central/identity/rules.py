"""How a key of a region stands, folded from what was done with it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.contracts.region_keys import KeyState

APPROVALS_NEEDED = 2
PENDING_MAX = timedelta(days=14)  # a request nobody approved by then has to be handed in again


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What was done with one key; all moments are the centre's own."""

    region: str
    kid: str
    x: str
    asked_at: datetime
    days: int | None = None  # None: pinned by a file, which says itself when the key ends
    is_pinned: bool = False
    approvals: int = 0
    approved_at: datetime | None = None
    expires_at: datetime | None = None
    retires_at: datetime | None = None
    refused_at: datetime | None = None
    revoked_at: datetime | None = None


def state_of(facts: KeyFacts, now: datetime) -> KeyState:
    """An officer's word comes first, then time."""
    if facts.revoked_at is not None:
        return "revoked"
    if facts.refused_at is not None:
        return "refused"
    if facts.approved_at is None and not facts.is_pinned:
        return "pending"
    if facts.retires_at is not None and now >= facts.retires_at:
        return "retired"
    if facts.expires_at is not None and now >= facts.expires_at:
        return "expired"
    return "active"


def may_renew(facts: KeyFacts, now: datetime, grace: timedelta) -> bool:
    """Whether this key may still hand in the one after it, which is all an ended key may do."""
    state = state_of(facts, now)
    if state == "active":
        return True
    return state == "expired" and facts.expires_at is not None and now < facts.expires_at + grace
