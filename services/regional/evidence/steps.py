"""Note an image handed in, what the centre said of it, and what is overdue."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.regional.evidence import rules, store
from services.regional.evidence.rules import Kept, Part
from services.regional.outbox import store as outbox
from services.regional.outbox.copies import DataTakenAway
from shared.database.engine import Transaction
from shared.evidence.refusals import EvidenceNotNamed
from shared.refusals import NotFound

WATCH_RECORDINGS_MAX = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """A recording's images: named, and what is held of each."""

    one: store.Listed
    named: dict[str, str]
    kept: dict[str, Kept]


async def standing(transaction: Transaction, recording_id: UUID) -> Standing:
    """Refuses: NotFound, DataTakenAway."""
    one = await store.listed(transaction, recording_id)
    if one is None:
        raise NotFound("No recording with this id was taken here.")
    if one.named is None:
        raise DataTakenAway
    return Standing(one, one.named, await store.kept(transaction, recording_id))


def hash_named(found: Standing, part: str) -> bytes:
    """Refuses: EvidenceNotNamed."""
    digest = found.named.get(part)
    if digest is None:
        raise EvidenceNotNamed
    return bytes.fromhex(digest)


async def look(transaction: Transaction, region: str, now: datetime) -> store.View:
    last_seq = await outbox.last_seq(transaction, region)
    return await store.view(transaction, region, last_seq, now)


async def refuse(transaction: Transaction, part: Part, code: str, now: datetime) -> timedelta:
    """Put an image aside that the centre refuses, so that those behind it go on."""
    refusals = await store.refusals_of(transaction, part) + 1
    wait = rules.put_aside_for(refusals)
    await store.save_refused(transaction, part, code, now + wait)
    return wait


async def watch(transaction: Transaction, region: str, before: datetime) -> int:
    """Look at the next recordings taken before a moment; gives how many those were.

    Each is looked at once: one that lacks images at the centre then is listed until they are there.
    """
    watched_seq = await store.lock_watch(transaction, region)
    if watched_seq is None:
        return 0
    listed = await store.listed_after(transaction, watched_seq, before, WATCH_RECORDINGS_MAX)
    if not listed:
        return 0
    there = await store.received_counts(transaction, [one.recording_id for one in listed])
    named = [(one, len(one.named or {})) for one in listed]
    overdue = [(one, count) for one, count in named if there.get(one.recording_id, 0) < count]
    await store.save_watched(transaction, region, listed[-1].seq, overdue)
    return len(listed)
