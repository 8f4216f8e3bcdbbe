"""What the uplink writes down: an offer before it leaves, a receipt when it has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from services.regional.central_client.client import Heard
from services.regional.outbox import store as outbox
from services.regional.uplink import rules, store
from services.regional.uplink.rules import Line, Reached
from shared.contracts.envelopes import (
    BATCH_BYTES_MAX,
    MANIFEST,
    TOMBSTONE,
    TOMBSTONE_VERSION,
    Batch,
    BatchReceipt,
    Envelope,
    EnvelopeHead,
    EnvelopeKind,
    Heading,
    Tombstone,
    pack,
)
from shared.database.engine import Transaction
from shared.ids import new_id
from shared.signing import SigningKey, sign_message

BODY_TAKEN_AWAY = "body-taken-away"


@dataclass(frozen=True, slots=True)
class Offer:
    batch: Batch
    is_whole: bool
    reached: Reached
    first_sent_at: datetime


async def offer(
    transaction: Transaction, region: str, move: rules.Send, now: datetime
) -> Offer | None:
    """Make the next batch and note that it is on its way; None when nothing waits."""
    position = await store.position(transaction, region)
    envelopes = await outbox.prefix_after(
        transaction, position.acked_seq, move.items_max, move.bytes_max
    )
    if not envelopes:
        return None
    stones = await _stones(transaction, envelopes, now)
    # What was set aside keeps its place on the wire, too: always by the same bytes.
    envelopes = [
        _stone(one, stones[one.head.seq]) if one.head.seq in stones else one for one in envelopes
    ]
    batch = pack(region, position.epoch, envelopes)
    is_again = position.offered_at is not None and position.offered_seq >= batch.first_seq
    first_sent_at = position.offered_at if is_again and position.offered_at else now
    if not is_again or position.offered_seq < batch.last_seq:
        await store.save_offer(transaction, region, batch.last_seq, first_sent_at)
    return Offer(
        batch,
        is_whole(batch, [one.head for one in envelopes]),
        position.reached,
        first_sent_at,
    )


async def _stones(
    transaction: Transaction, envelopes: Sequence[Envelope], now: datetime
) -> dict[int, store.Stone]:
    """What stands in whose place: of what was refused, and of bodies whose time here was over.

    A centre older than our retention asks for what is gone here: its place is kept, and people see
    it among what was set aside.
    """
    first_seq, last_seq = envelopes[0].head.seq, envelopes[-1].head.seq
    stones = await store.tombstones(transaction, first_seq, last_seq)
    gone = [one.head.seq for one in envelopes if not one.body and one.head.seq not in stones]
    if not gone:
        return stones
    for seq in gone:
        await store.count_refusal(transaction, seq, BODY_TAKEN_AWAY, now)
        await store.set_aside(transaction, seq, new_id(), now)
    return await store.tombstones(transaction, first_seq, last_seq)


def _stone(original: Envelope, stone: store.Stone) -> Envelope:
    head = original.head
    body = TOMBSTONE.dump_json(
        Tombstone(
            envelope_id=head.envelope_id,
            sha256=head.sha256,
            reason=stone.reason,
        )
    )
    return Envelope(
        Heading(
            head.seq,
            stone.tombstone_id,
            EnvelopeKind.TOMBSTONE.value,
            TOMBSTONE_VERSION,
            stone.set_aside_at,
            sha256(body).hexdigest(),
        ),
        body,
    )


def is_whole(batch: Batch, heads: Sequence[Heading | EnvelopeHead]) -> bool:
    """Whether the bodies are those the manifest names, as far as this side can see."""
    return all(
        sha256(body).hexdigest() == head.sha256 and b"\n" not in body
        for head, body in zip(heads, batch.bodies, strict=True)
    )


async def refuse(transaction: Transaction, seq: int, code: str, now: datetime) -> bool:
    """Count that the centre's door refused this envelope alone; True once it is set aside.

    Then a tombstone takes its place, the original stays, and the person may be recorded again.
    """
    refusals = await store.count_refusal(transaction, seq, code, now)
    if not rules.is_to_be_set_aside(refusals):
        return False
    await store.set_aside(transaction, seq, new_id(), now)
    await store.free_nik(transaction, seq)
    return True


async def batch_after(
    transaction: Transaction, region: str, after_seq: int, move: rules.Send
) -> Batch | None:
    """The batch that would leave after `after_seq`, with the same bytes as on the line."""
    envelopes = await outbox.prefix_after(transaction, after_seq, move.items_max, move.bytes_max)
    if not envelopes:
        return None
    stones = await store.tombstones(transaction, envelopes[0].head.seq, envelopes[-1].head.seq)
    position = await store.position(transaction, region)
    return pack(
        region,
        position.epoch,
        [_stone(one, stones[one.head.seq]) if one.head.seq in stones else one for one in envelopes],
    )


async def note_offer(
    transaction: Transaction, region: str, first_seq: int, last_seq: int, now: datetime
) -> None:
    """Note that envelopes are on their way, by whatever road; an earlier offer keeps its time."""
    position = await store.position(transaction, region)
    if position.offered_seq < last_seq:
        is_again = position.offered_at is not None and position.offered_seq >= first_seq
        at = position.offered_at if is_again and position.offered_at else now
        await store.save_offer(transaction, region, last_seq, at)


def signature_of(key: SigningKey, region: str, batch: Batch) -> str:
    return sign_message(key, f"envelopes {region}", batch.manifest_bytes)


async def is_ours(
    transaction: Transaction, region: str, receipt: BatchReceipt, manifest_bytes: bytes
) -> bool:
    """Whether a receipt is for just these seqs, ids and bytes as they lie here."""
    if sha256(manifest_bytes).hexdigest() != receipt.manifest_sha256:
        return False
    heads = MANIFEST.validate_json(manifest_bytes).envelopes
    move = rules.Send(len(heads), BATCH_BYTES_MAX * 2)
    batch = await batch_after(transaction, region, heads[0].seq - 1, move)
    if batch is None:
        return False
    here = MANIFEST.validate_json(batch.manifest_bytes).envelopes
    return [(one.seq, one.envelope_id, one.sha256) for one in here] == [
        (one.seq, one.envelope_id, one.sha256) for one in heads
    ]


class ForeignPosition(Exception):
    """The centre's word cannot be true here: an older centre, or another sender in our name."""


async def hear(
    transaction: Transaction,
    region: str,
    heard: Heard,
    line: Line,
    *,
    asked: Reached,
    vouched_seq: int,
    payload_bytes: int,
    attempts: int,
    now: datetime,
) -> int:
    """Move to what the centre vouches for, keep its signed word; gives the new acked seq.

    asked: what was acknowledged here when the question left. vouched_seq: last seq of the batch
    this is the receipt for; 0 for a mere position.
    Raises ForeignPosition when that word takes back what was known when it was asked for, or names
    more than we ever wrote.
    """
    before = await store.position(transaction, region, to_move=True)
    here, told = before.reached, Reached(heard.epoch, heard.accepted_seq)
    last_seq = await outbox.last_seq(transaction, region)
    acked_seq = rules.position_after(here, last_seq, told, vouched_seq, asked)
    if acked_seq is None:
        raise ForeignPosition
    if rules.is_late(here, told):
        return acked_seq  # another sender knows better already, of the line as well
    if acked_seq > before.acked_seq:
        await store.save_receipt(
            transaction,
            heard,
            first_seq=before.acked_seq + 1,
            last_seq=acked_seq,
            payload_bytes=payload_bytes,
            attempts=attempts,
            first_sent_at=before.offered_at or now,
            now=now,
        )
    await store.save_position(
        transaction,
        region,
        acked_seq,
        heard.epoch,
        is_mended=vouched_seq > 0 or heard.epoch > before.epoch or acked_seq == last_seq,
    )
    await store.save_line(transaction, region, line)
    return acked_seq


async def step_back(transaction: Transaction, region: str, heard: Heard, now: datetime) -> None:
    """Go back to what a restored centre holds, unless a later word of it was heard meanwhile.

    Raises ForeignPosition as `hear` does.
    """
    before = await store.position(transaction, region, to_move=True)
    if heard.epoch > before.epoch:
        await hear(
            transaction,
            region,
            heard,
            before.line,
            asked=before.reached,
            vouched_seq=0,
            payload_bytes=0,
            attempts=0,
            now=now,
        )
