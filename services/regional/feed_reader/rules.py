"""What a page means for this region: pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from pydantic import BaseModel

from shared.contracts.amendments import AmendmentDecision
from shared.contracts.feed import Decision, FeedPage, FreshPermission, UnknownEntry
from shared.contracts.outcomes import REMEDIES
from shared.contracts.remedies import DeletionDecision, MoveDecision
from shared.contracts.revocation import Revocation

STRIKES_MAX = 3
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Held:
    """An entry that is kept and not acted on; `reason` is a code, never data."""

    pos: int
    body: bytes
    recording_id: UUID | None
    reason: str


@dataclass(frozen=True, slots=True)
class Sorted:
    """A page's entries by what is to be done with them; each with its pos, in order."""

    decisions: list[tuple[int, Decision]] = field(default_factory=list)
    fresh_permissions: list[tuple[int, FreshPermission]] = field(default_factory=list)
    revocations: list[tuple[int, Revocation]] = field(default_factory=list)
    deletions: list[tuple[int, DeletionDecision]] = field(default_factory=list)
    moves: list[tuple[int, MoveDecision]] = field(default_factory=list)
    amendment_decisions: list[tuple[int, AmendmentDecision]] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)


class PageDoesNotFit(Exception):
    """The page is of another region, cursor or older epoch, or has a hole: not to be applied."""


def check_page(page: FeedPage, region: str, applied_pos: int, epoch_known: int) -> None:
    """Raises PageDoesNotFit. The centre's feed has no hole: somebody lost an entry on the way."""
    if page.region != region or page.after != applied_pos:
        raise PageDoesNotFit
    if page.epoch < epoch_known:
        raise PageDoesNotFit
    for expected_pos, item in enumerate(page.entries, applied_pos + 1):
        if item.pos != expected_pos:
            raise PageDoesNotFit


def sort(page: FeedPage) -> Sorted:
    """Unknown versions and kinds are held: kept, shown, never acted on."""
    found = Sorted()
    for item in page.entries:
        match item.entry:
            case Decision() as decision:
                found.decisions.append((item.pos, decision))
            case FreshPermission() as fresh:
                found.fresh_permissions.append((item.pos, fresh))
            case Revocation() as revoked:
                found.revocations.append((item.pos, revoked))
            case DeletionDecision() as deletion:
                found.deletions.append((item.pos, deletion))
            case MoveDecision() as moved:
                found.moves.append((item.pos, moved))
            case AmendmentDecision() as answer:
                found.amendment_decisions.append((item.pos, answer))
            case unknown:
                found.held.append(hold(item.pos, unknown, UNKNOWN))
    return found


def hold(pos: int, entry: BaseModel, reason: str) -> Held:
    return Held(pos, entry.model_dump_json().encode(), recording_of(entry), reason)


def recording_of(entry: BaseModel) -> UUID | None:
    """Whom an entry is about, where even one from the future says so in our words."""
    told = getattr(entry, "recording_id", None)
    if isinstance(told, UUID):
        return told
    try:
        return UUID(told) if isinstance(told, str) else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Standing:
    """What failed before the cursor could pass it.

    suspect_pos: last pos of the shortest stretch that failed. strikes: of `struck_pos`, alone.
    """

    applied_pos: int
    suspect_pos: int | None = None
    struck_pos: int | None = None
    strikes: int = 0


@dataclass(frozen=True, slots=True)
class Apply:
    """Apply the next `count` entries together; 1 or more."""

    count: int


@dataclass(frozen=True, slots=True)
class Hold:
    """The next entry failed alone too often: keep it, and go on behind it."""


def plan(standing: Standing, count: int) -> Apply | Hold:
    """The next move for a page that has `count` entries left, 1 or more."""
    if standing.struck_pos == standing.applied_pos + 1 and standing.strikes >= STRIKES_MAX:
        return Hold()
    suspects = (standing.suspect_pos or 0) - standing.applied_pos
    return Apply(count if suspects <= 0 else min(count, max(1, suspects // 2)))


def after_failure(standing: Standing, count: int) -> Standing:
    failed = replace(standing, suspect_pos=standing.applied_pos + count)
    if count > 1:
        return failed
    front = standing.applied_pos + 1
    before = standing.strikes if standing.struck_pos == front else 0
    return replace(failed, struck_pos=front, strikes=before + 1)


def front_of(page: FeedPage, count: int) -> FeedPage:
    """The page as if it had ended after its first `count` entries."""
    return page.model_copy(update={"entries": page.entries[:count]})


def rest_of(page: FeedPage, count: int) -> FeedPage:
    """The page as if its first `count` entries had been applied before."""
    return page.model_copy(update={"after": page.after + count, "entries": page.entries[count:]})


def is_known(page: FeedPage) -> bool:
    return not any(isinstance(item.entry, UnknownEntry) for item in page.entries)


def freed_recordings(decisions: Sequence[tuple[int, Decision]]) -> list[UUID]:
    """Recordings whose outcome lets the same NIK be recorded again."""
    return [
        decision.recording_id
        for _, decision in decisions
        if REMEDIES[decision.outcome].nik_may_record_again
    ]
