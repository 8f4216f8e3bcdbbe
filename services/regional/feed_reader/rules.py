"""What a page means for this region: pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from shared.contracts.feed import Decision, FeedPage, FreshPermission
from shared.contracts.outcomes import REMEDIES


@dataclass(frozen=True, slots=True)
class Sorted:
    """A page's entries by what is to be done with them; each with its pos, in order."""

    decisions: list[tuple[int, Decision]] = field(default_factory=list)
    fresh_permissions: list[tuple[int, FreshPermission]] = field(default_factory=list)
    held: list[tuple[int, bytes]] = field(default_factory=list)


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
            case unknown:
                found.held.append((item.pos, unknown.model_dump_json().encode()))
    return found


def freed_recordings(decisions: Sequence[tuple[int, Decision]]) -> list[UUID]:
    """Recordings whose outcome lets the same NIK be recorded again."""
    return [
        decision.recording_id
        for _, decision in decisions
        if REMEDIES[decision.outcome].nik_may_record_again
    ]
