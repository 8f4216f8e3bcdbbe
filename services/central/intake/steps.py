"""Take one batch: place it, write what is new, and say how far the centre now holds the region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from services.central.intake import rules, store
from services.central.intake.rules import Differs, Gap
from shared.contracts.envelopes import EnvelopeHead, EnvelopeNote, ReceivedBatch
from shared.database.engine import Transaction
from shared.sealed.body import content_sha256_of, is_sealed


@dataclass(frozen=True, slots=True)
class Accepted:
    accepted_seq: int
    notes: tuple[EnvelopeNote, ...]


class UnknownRegion(Exception):
    """No row for this region: it was never enrolled here."""


async def take(
    transaction: Transaction, region: str, received: ReceivedBatch, now: datetime
) -> Accepted | Gap | Differs:
    """Accept a verified batch. The same batch again changes nothing and gets the same answer."""
    accepted_seq = await store.lock_head(transaction, region)
    if accepted_seq is None:
        raise UnknownRegion
    batch, heads = received.batch, received.manifest.envelopes
    held = store.Held({}, {})
    if batch.first_seq <= accepted_seq:
        held = await store.held_between(transaction, region, batch.first_seq, batch.last_seq)
    placed = rules.fit(heads, accepted_seq, held.contents)
    if not isinstance(placed, rules.Take):
        return placed
    notes = dict(held.notes)
    fresh = list(zip(heads, batch.bodies, strict=True))[placed.held_count :]
    if not fresh:
        return Accepted(accepted_seq, _told(notes))
    same_id = await store.hashes_by_id(transaction, region, [head.envelope_id for head, _ in fresh])
    contents = await _contents(transaction, region, [head for head, _ in fresh], same_id)
    taken = []
    for head, body in fresh:
        content = content_of(body)
        held_before = contents.setdefault(head.envelope_id, set())
        note = rules.note_of(
            head, same_id.get(head.envelope_id, []), is_same_content=content in held_before
        )
        same_id.setdefault(head.envelope_id, []).append(head.sha256)
        held_before.add(content)
        taken.append((head, body, note))
        if note is not None:
            notes[head.seq] = note
    await store.save(transaction, region, taken, now)
    return Accepted(heads[-1].seq, _told(notes))


async def _contents(
    transaction: Transaction,
    region: str,
    heads: Sequence[EnvelopeHead],
    same_id: Mapping[UUID, Sequence[str]],
) -> dict[UUID, set[bytes]]:
    """What is held under those ids that come again with other bytes."""
    again = [
        head.envelope_id
        for head in heads
        if head.envelope_id in same_id and head.sha256 not in same_id[head.envelope_id]
    ]
    if not again:
        return {}
    held = await store.bodies_by_id(transaction, region, again)
    return {one: {content_of(body) for body in bodies} for one, bodies in held.items()}


def content_of(body: bytes) -> bytes:
    """The hash of what a body says: of a sealed one, what was sealed."""
    return (content_sha256_of(body) if is_sealed(body) else None) or sha256(body).digest()


def _told(notes: dict[int, str]) -> tuple[EnvelopeNote, ...]:
    """What was found at the door; what became of an envelope later is told by the feed."""
    return tuple(
        EnvelopeNote.model_validate({"seq": seq, "note": notes[seq]})
        for seq in sorted(notes)
        if notes[seq] in rules.NOTES
    )
