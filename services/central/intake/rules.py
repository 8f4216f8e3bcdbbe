"""Where a batch fits, and what each of its envelopes is. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.contracts.amendments import AMENDMENT_VERSION, REPRINT_VERSION
from shared.contracts.envelopes import (
    CARD_RECEIPT_VERSION,
    COVERAGE_VERSION,
    PAUSE_SECONDS_MAX,
    RECORDING_VERSION,
    SEALED_RECORDING_VERSION,
    TOMBSTONE_VERSION,
    EnvelopeHead,
    EnvelopeKind,
)
from shared.contracts.remedies import (
    DELETION_REQUEST_VERSION,
    MOVE_IN_VERSION,
    OPERATOR_IRISES_VERSION,
    VALIDATION_REPLY_VERSION,
)
from shared.contracts.revocation import RENEWAL_REQUEST_VERSION

KNOWN_VERSIONS: dict[str, int] = {
    EnvelopeKind.RECORDING: SEALED_RECORDING_VERSION,
    EnvelopeKind.CARD_RECEIPT: CARD_RECEIPT_VERSION,
    EnvelopeKind.COVERAGE_BASE: COVERAGE_VERSION,
    # Nothing is to be done for it: it keeps the place of what stayed at the region.
    EnvelopeKind.TOMBSTONE: TOMBSTONE_VERSION,
    EnvelopeKind.RENEWAL_REQUEST: RENEWAL_REQUEST_VERSION,
    EnvelopeKind.DELETION_REQUEST: DELETION_REQUEST_VERSION,
    EnvelopeKind.VALIDATION_REPLY: VALIDATION_REPLY_VERSION,
    EnvelopeKind.MOVE_IN: MOVE_IN_VERSION,
    EnvelopeKind.OPERATOR_IRISES: OPERATOR_IRISES_VERSION,
    EnvelopeKind.AMENDMENT: AMENDMENT_VERSION,
    EnvelopeKind.REPRINT: REPRINT_VERSION,
}
# Of regions that were not brought up to date yet, or have no key to seal to.
EARLIER_VERSIONS = frozenset({(EnvelopeKind.RECORDING.value, RECORDING_VERSION)})
NOTES = frozenset({"held", "repeat", "conflict"})


@dataclass(frozen=True, slots=True)
class Gap:
    """The batch starts beyond what is held: something before it is missing."""

    expected_seq: int


@dataclass(frozen=True, slots=True)
class Differs:
    """A seq already held comes again with other content: two senders under one name."""

    seq: int


@dataclass(frozen=True, slots=True)
class Take:
    """How many envelopes at the front are held already; the rest is new."""

    held_count: int


def fit(
    heads: Sequence[EnvelopeHead], accepted_seq: int, held: Mapping[int, tuple[UUID, str]]
) -> Gap | Differs | Take:
    """Place a batch of gapless seqs after what is held.

    held: seq → (envelope id, SHA-256 hex) for those seqs of the batch that are held.
    """
    if heads[0].seq > accepted_seq + 1:
        return Gap(accepted_seq + 1)
    for head in heads:
        if head.seq <= accepted_seq and held.get(head.seq) != (head.envelope_id, head.sha256):
            return Differs(head.seq)
    return Take(min(len(heads), accepted_seq + 1 - heads[0].seq))


def note_of(
    head: EnvelopeHead, same_id: Sequence[str], *, is_same_content: bool = False
) -> str | None:
    """held, repeat, conflict, or None for an envelope to be settled.

    same_id: SHA-256 hex of envelopes held under this id at earlier seqs. is_same_content: one of
    them says the same, sealed another time: a station handed it in again after its region was
    restored from a backup.
    """
    if same_id:
        return "repeat" if is_same_content or head.sha256 in same_id else "conflict"
    if (head.kind, head.version) in EARLIER_VERSIONS:
        return None
    return "held" if KNOWN_VERSIONS.get(head.kind) != head.version else None


@dataclass(frozen=True, slots=True)
class Queue:
    """One region's waiting envelopes: how many, and when the first was captured (sortable)."""

    region: str
    waiting: int
    oldest_at: float


def share_out(queues: Sequence[Queue], places: int) -> dict[str, int]:
    """Divide `places` among regions: everybody a share, what is left to the oldest capture.

    Oldest first alone would let one backlog of years starve every other region; equal shares alone
    would keep the oldest waiting longest. Half of the places are shared, half go by age. Regions
    come out with the oldest first.
    """
    waiting = sorted((q for q in queues if q.waiting > 0), key=lambda q: (q.oldest_at, q.region))
    if not waiting:
        return {}
    share = max(1, places // 2 // len(waiting))
    given = {q.region: min(q.waiting, share) for q in waiting}
    left = places - sum(given.values())
    for queue in waiting:
        more = min(queue.waiting - given[queue.region], max(left, 0))
        given[queue.region] += more
        left -= more
    return given


FIRST_TURN_ENVELOPES = 50
REQUEST_COST_ENVELOPES = 50  # two commits and a signature cost as much as this many more in a batch


@dataclass(frozen=True, slots=True)
class Diary:
    """Until when the centre is booked (seconds on any clock that never goes back)."""

    booked_until: float = 0.0


def appointment(
    diary: Diary, waiting: int, sent: int, now: float, envelopes_per_second: float
) -> tuple[Diary, float]:
    """When a region may send next: the diary after it, and the seconds to wait.

    waiting: how many envelopes it still has, as it says. sent: how many it just sent, 0 for a
    probe; the next batch is booked as long. Every answer carries an appointment, so that hundreds
    of regions that come back from one storm arrive one after another, and no line carries a batch
    in vain.
    """
    if waiting <= 0 or envelopes_per_second <= 0:
        return diary, 0.0
    starts_at = max(diary.booked_until, now)
    if starts_at - now > PAUSE_SECONDS_MAX:  # fully booked: whoever comes then is told again
        return diary, PAUSE_SECONDS_MAX
    turn = min(waiting, max(sent, FIRST_TURN_ENVELOPES)) + REQUEST_COST_ENVELOPES
    return Diary(starts_at + turn / envelopes_per_second), starts_at - now
