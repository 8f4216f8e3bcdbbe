"""Where a page that comes back belongs, and what becomes of what stands in its place. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from shared.contracts.authorization import AuthorizationClaims
from shared.contracts.remedies import DeletionDecision


@dataclass(frozen=True, slots=True)
class Same:
    """All of it is here already, word for word."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Not to be judged before the page that holds this pos came."""

    pos: int


@dataclass(frozen=True, slots=True)
class Lost:
    """From this pos on the centre holds nothing, or others than the region applied."""

    from_pos: int
    is_forked: bool


Place = Same | Wanted | Lost


def place(
    first_pos: int,
    bodies: Sequence[bytes],
    last_pos: int,
    held: Mapping[int, bytes],
    compared_pos: int,
) -> Place:
    """Lay a page the centre signed beside its feed as it is now.

    bodies: entries from `first_pos` on, one at least. held: pos → body of those that are here.
    compared_pos: up to here a page was found to be the same.
    Two lives of a centre agree up to the restore and differ in every entry after it, so a page
    whose first entry differs may not be the first that does, unless all before it is the same.
    """
    if first_pos > last_pos + 1:
        return Wanted(last_pos + 1)
    for pos, body in enumerate(bodies, first_pos):
        if pos > last_pos:
            return Lost(pos, is_forked=False)
        if held.get(pos) != body:
            if pos == first_pos and pos > compared_pos + 1:
                return Wanted(pos - 1)
            return Lost(pos, is_forked=True)
    return Same()


def is_all_here(last_pos: int, accepted_seq: int, applied_pos: int, acked_seq: int) -> bool:
    """Whether the centre holds again what a region applied, and what it was receipted for."""
    return last_pos >= applied_pos and accepted_seq >= acked_seq


@dataclass(frozen=True, slots=True)
class Return:
    """A recording's permission as a page that came back tells it, the newest if there are more."""

    nik: int
    recording_id: UUID
    authorization_id: UUID
    expires_at: datetime
    admitted_at: datetime
    given: int  # how many permissions the page holds for it


def returns(permissions: Sequence[tuple[AuthorizationClaims, datetime, datetime]]) -> list[Return]:
    """Fold a page's permissions, given in order with (expires_at, issued_at), by recording.

    Sorted by NIK: pages of two regions that come back at once then never wait for each other.
    """
    found: dict[UUID, Return] = {}
    for claims, expires_at, issued_at in permissions:
        before = found.get(claims.sub)
        found[claims.sub] = Return(
            int(claims.nik),
            claims.sub,
            claims.jti,
            expires_at,
            before.admitted_at if before else issued_at,
            before.given + 1 if before else 1,
        )
    return sorted(found.values(), key=lambda one: (one.nik, one.recording_id))


def fits(body: bytes | None, told_sha256: str) -> bool:
    """Whether the entry a region applied last is the one that stands here."""
    return body is not None and sha256(body).hexdigest() == told_sha256


def deleted_by(entries: Iterable[object]) -> set[UUID]:
    """Recordings whose deletion these entries tell."""
    return {
        at.recording_id
        for one in entries
        if isinstance(one, DeletionDecision) and one.verdict == "confirmed"
        for at in one.recordings
    }
