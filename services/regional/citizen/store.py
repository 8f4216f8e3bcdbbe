"""Queries about one recording, for whoever it is of; and of the secret of receipts."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, false, func, select, true, union_all
from sqlalchemy.dialects.postgresql import insert

from services.regional.journey import domicile, identities
from services.regional.outbox.copies import COPY, opened
from services.regional.tables import (
    card,
    decision,
    feed_position,
    move_entry,
    outbox,
    print_authorization,
    receipt_generation,
    receipt_secret,
    recording,
    resident,
    uplink_position,
)
from shared.contracts.amendments import IDENTITY
from shared.contracts.envelopes import EnvelopeKind
from shared.contracts.outcomes import Outcome
from shared.contracts.recording import CardData
from shared.database.engine import Transaction

NOBODY = UUID(int=0)
# So far back the place at the centre is counted; farther back it is "at least".
COUNTED_MAX = 2_000


@dataclass(frozen=True, slots=True)
class OfNik:
    """What is known under a NIK: its recording here, and the residents' list."""

    recording_id: UUID | None
    recorded_birth_date: date | None
    listed_birth_date: date | None
    moved_in: "MovedIn | None" = None


@dataclass(frozen=True, slots=True)
class MovedIn:
    """Recorded in another region and moved here: this office prints the card."""

    birth_date: date
    is_printed: bool
    is_issued: bool


async def of_nik(transaction: Transaction, nik: int) -> OfNik:
    """The same queries whether anything is known or not."""
    # Two halves, because each has an index of its own; the live one stands first.
    halves = [
        select(recording.c.recording_id, recording.c.seq, recording.c.is_live)
        .where(recording.c.nik == nik, recording.c.is_live == is_live)
        .order_by(recording.c.recorded_at.desc())
        .limit(1)
        .subquery()
        for is_live in (true(), false())
    ]
    both = union_all(*(select(half) for half in halves)).subquery()
    row = (
        await transaction.execute(
            select(both.c.recording_id, COPY)
            .join_from(both, outbox, outbox.c.seq == both.c.seq)
            .order_by(both.c.is_live.desc())
            .limit(1)
        )
    ).one_or_none()
    recording_id = row.recording_id if row else None
    amended = await identities.newest(transaction, recording_id or NOBODY)
    listed = await transaction.scalar(select(resident.c.birth_date).where(resident.c.nik == nik))
    moved_in = await _moved_in(transaction, nik)
    if amended is not None:
        return OfNik(recording_id, amended.card.birth_date, listed, moved_in)
    copy = opened(transaction, row.recording_id, row.copy) if row else None
    recorded = copy.biodata.card.birth_date if copy else None
    return OfNik(recording_id, recorded, listed, moved_in)


async def _moved_in(transaction: Transaction, nik: int) -> MovedIn | None:
    made = card.c.recording_id == move_entry.c.recording_id
    row = (
        await transaction.execute(
            select(
                move_entry.c.identity,
                exists().where(made, card.c.state == "printed"),
                exists().where(made, card.c.state == "issued"),
            )
            .where(move_entry.c.nik == nik, domicile.STANDS_HERE)
            .order_by(move_entry.c.pos.desc())
            .limit(1)
        )
    ).one_or_none()
    return MovedIn(IDENTITY.validate_json(row[0]).card.birth_date, row[1], row[2]) if row else None


async def card_of(transaction: Transaction, recording_id: UUID) -> CardData | None:
    """What the card shows, as recorded or amended; None: not taken here, or not held any more."""
    row = (
        await transaction.execute(
            select(COPY)
            .join(recording, recording.c.seq == outbox.c.seq)
            .where(recording.c.recording_id == recording_id)
        )
    ).one_or_none()
    if row is None:
        return None
    amended = await identities.newest(transaction, recording_id)
    if amended is not None:
        return amended.card
    copy = opened(transaction, recording_id, row.copy)
    return copy.biodata.card if copy else None


@dataclass(frozen=True, slots=True)
class Basics:
    recording_id: UUID
    seq: int
    captured_at: datetime
    is_live: bool
    newer_id: UUID | None  # the live recording of the same NIK, when this one is not it


async def basics(transaction: Transaction, recording_id: UUID) -> Basics | None:
    newer = recording.alias("newer")
    row = (
        await transaction.execute(
            select(
                recording.c.recording_id,
                recording.c.seq,
                recording.c.captured_at,
                recording.c.is_live,
                newer.c.recording_id,
            )
            .outerjoin_from(
                recording,
                newer,
                (newer.c.nik == recording.c.nik)
                & newer.c.is_live
                & (newer.c.recording_id != recording.c.recording_id),
            )
            .where(recording.c.recording_id == recording_id)
        )
    ).one_or_none()
    return Basics(*row) if row else None


async def acked_seq(transaction: Transaction, region: str) -> int:
    return int(
        await transaction.scalar(
            select(uplink_position.c.acked_seq).where(uplink_position.c.region_code == region)
        )
        or 0
    )


async def applied_pos(transaction: Transaction, region: str) -> int:
    return int(
        await transaction.scalar(
            select(feed_position.c.applied_pos).where(feed_position.c.region_code == region)
        )
        or 0
    )


async def undecided_before(transaction: Transaction, seq: int) -> int:
    """Recordings of this region just before `seq` that the centre has not decided yet.

    Counted back to the last decided one, since the centre takes each region's in order; at most
    COUNTED_MAX.
    """
    before = (
        select(outbox.c.seq, outbox.c.envelope_id)
        .where(outbox.c.seq < seq, outbox.c.kind == EnvelopeKind.RECORDING)
        .order_by(outbox.c.seq.desc())
        .limit(COUNTED_MAX)
        .subquery()
    )
    is_decided = exists().where(decision.c.recording_id == before.c.envelope_id)
    last_decided = select(func.max(before.c.seq)).where(is_decided).scalar_subquery()
    counted = await transaction.scalar(
        select(func.count())
        .select_from(before)
        .where(before.c.seq > func.coalesce(last_decided, 0))
    )
    return int(counted or 0)


@dataclass(frozen=True, slots=True)
class FirstPermission:
    """pos: of the first decision that permitted it. waiting_pos: of the newest permission."""

    pos: int | None
    waiting_pos: int | None


async def permissions(transaction: Transaction, recording_id: UUID) -> FirstPermission:
    first = (
        select(func.min(decision.c.pos))
        .where(
            decision.c.recording_id == recording_id,
            decision.c.outcome == Outcome.PRINT_READY_RECORD.value,
        )
        .scalar_subquery()
    )
    newest = (
        select(func.max(print_authorization.c.pos))
        .where(print_authorization.c.recording_id == recording_id)
        .scalar_subquery()
    )
    return FirstPermission(*(await transaction.execute(select(first, newest))).one())


async def keep_secret(transaction: Transaction, secret: bytes, now: datetime) -> bytes:
    """The region's secret: `secret` becomes it when there is none yet."""
    await transaction.execute(
        insert(receipt_secret).values(number=1, secret=secret, made_at=now).on_conflict_do_nothing()
    )
    kept = await transaction.scalar(
        select(receipt_secret.c.secret).where(receipt_secret.c.number == 1)
    )
    assert kept is not None
    return bytes(kept)


async def generation(transaction: Transaction, recording_id: UUID) -> int:
    """How often its receipts were revoked."""
    return int(
        await transaction.scalar(
            select(receipt_generation.c.generation).where(
                receipt_generation.c.recording_id == recording_id
            )
        )
        or 0
    )


async def raise_generation(
    transaction: Transaction, recording_id: UUID, officer: str, now: datetime
) -> None:
    row = insert(receipt_generation).values(
        recording_id=recording_id, generation=1, officer=officer, revoked_at=now
    )
    await transaction.execute(
        row.on_conflict_do_update(
            index_elements=["recording_id"],
            set_={
                "generation": receipt_generation.c.generation + 1,
                "officer": officer,
                "revoked_at": now,
            },
        )
    )
