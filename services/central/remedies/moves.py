"""Moves of domicile: a permission follows a person to another office, and leaves the first one."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.central.journey import remedy_entries
from services.central.journey import steps as journey
from services.central.journey.entries import NewEntry
from services.central.remedies import rules
from services.central.remedies.rules import Proven
from services.central.tables import feed, move, registry
from shared.contracts.amendments import Identity
from shared.contracts.recording import Address, Recording
from shared.contracts.remedies import MOVE_DECISION, MOVE_IN, MoveDecision, MoveIn
from shared.database.engine import Transaction

log = structlog.get_logger()

# What is told there and here; None when nothing may be permitted.
Readdressed = tuple[NewEntry | None, NewEntry] | None


@dataclass(frozen=True, slots=True)
class Ports:
    """What other rooms do for a move.

    taken: a recording as it was taken, by (region, id). relocate: with another address from now on.
    readdress: from one region to another.
    """

    taken: Callable[[str, UUID], Awaitable[Recording | None]]
    relocate: Callable[[Recording, Address, UUID], Awaitable[Identity]]
    readdress: Callable[[str, str, Recording], Awaitable[Readdressed]]


async def take(
    transaction: Transaction,
    region: str,
    bodies: Sequence[tuple[int, bytes]],
    ports: Ports,
    now: datetime,
) -> dict[int, list[NewEntry]]:
    """Decide moves given as (seq, body); gives what to tell here, by seq.

    The region left behind is told at once. A move that was decided before changes nothing.
    """
    found = {}
    for seq, body in bodies:
        try:
            asked = MOVE_IN.validate_json(body)
        except ValidationError:
            log.warning("move_in.unreadable", region=region, seq=seq)
            continue
        if await _was_decided(transaction, region, asked.move_id):
            log.warning("move_in.no_news", region=region, seq=seq)
            continue
        proven = await _lock_proven(transaction, int(asked.nik))
        before = await _told_before(transaction, region, asked, proven)
        if before is not None:
            # Decided in a life that was lost, and handed back with the feed.
            await _save(transaction, region, seq, body, before, proven)
            await _relocate_again(region, before, ports)
            continue
        found[seq] = await _decide(transaction, region, (seq, body, asked), proven, ports, now)
    return found


async def _decide(
    transaction: Transaction,
    region: str,
    said: tuple[int, bytes, MoveIn],
    proven: Proven | None,
    ports: Ports,
    now: datetime,
) -> list[NewEntry]:
    seq, body, asked = said
    reason = rules.move_flaw(asked, region, proven, now)
    told: list[NewEntry] = []
    identity: Identity | None = None
    if reason is None and proven is not None:
        recording = await ports.taken(proven.taken_in, proven.recording_id)
        if recording is not None:
            # Both feeds in one order: moves that cross do not wait for each other in a ring.
            for one in sorted({proven.region, region}):
                await journey.lock_head(transaction, one)
            identity = await ports.relocate(recording, asked.address, asked.move_id)
            to_print = recording.model_copy(update={"card": identity.card})
            moved = await ports.readdress(proven.region, region, to_print)
            told = [moved[1]] if moved else []
            if moved is not None and moved[0] is not None:
                await journey.publish(transaction, proven.region, [moved[0]], now)
        if not told:
            reason, identity = "nothing-to-permit", None
    about = proven.recording_id if proven else asked.move_id
    decision = remedy_entries.move_decision(
        about,
        asked.move_id,
        reason=reason,
        from_region=proven.region if proven else None,
        identity=identity,
        now=now,
    )
    written = MOVE_DECISION.validate_json(decision.body)
    await _save(transaction, region, seq, body, written, proven)
    # The data first: whoever reads the permission knows what it prints.
    return [decision, *told]


async def _relocate_again(region: str, told: MoveDecision, ports: Ports) -> None:
    if told.identity is None:
        return
    recording = await ports.taken(region, told.recording_id)
    if recording is not None:
        await ports.relocate(recording, told.identity.card.address, told.move_id)


async def taken_in(transaction: Transaction, region: str, recording_id: UUID) -> str | None:
    """Where a recording was taken that moved into a region; None when it did not."""
    found = await transaction.scalar(
        select(move.c.taken_in)
        .where(
            move.c.region_code == region,
            move.c.recording_id == recording_id,
            move.c.verdict == rules.MOVED,
        )
        .limit(1)
    )
    return str(found) if found is not None else None


async def origins(transaction: Transaction, region: str, recording_id: UUID) -> list[str]:
    """Where a recording may have been taken that moved into a region, the nearest first.

    After a restore a move may know only where the person came from, not where the recording was
    taken: that one's own move tells further.
    """
    found: list[str] = []
    came_from = await taken_in(transaction, region, recording_id)
    while came_from is not None and came_from not in (region, *found):
        found.append(came_from)
        came_from = await taken_in(transaction, came_from, recording_id)
    return found


async def _lock_proven(transaction: Transaction, nik: int) -> Proven | None:
    row = (
        await transaction.execute(
            select(
                registry.c.recording_id, registry.c.region_code, registry.c.authorization_revoked_at
            )
            .where(registry.c.nik == nik)
            .with_for_update()
        )
    ).one_or_none()
    if row is None:
        return None
    origin = await taken_in(transaction, row.region_code, row.recording_id)
    is_revoked = row.authorization_revoked_at is not None
    return Proven(row.recording_id, row.region_code, origin or row.region_code, is_revoked)


async def _was_decided(transaction: Transaction, region: str, move_id: UUID) -> bool:
    found = await transaction.scalar(
        select(move.c.seq).where(move.c.region_code == region, move.c.move_id == move_id)
    )
    return found is not None


async def _told_before(
    transaction: Transaction, region: str, asked: MoveIn, proven: Proven | None
) -> MoveDecision | None:
    about = [asked.move_id, *([proven.recording_id] if proven else [])]
    rows = await transaction.scalars(
        select(feed.c.body).where(
            feed.c.region_code == region,
            feed.c.recording_id.in_(about),
            feed.c.kind == remedy_entries.MOVE_DECISION,
        )
    )
    told = [MOVE_DECISION.validate_json(body) for body in rows]
    return next((one for one in told if one.move_id == asked.move_id), None)


async def _save(
    transaction: Transaction,
    region: str,
    seq: int,
    body: bytes,
    decision: MoveDecision,
    proven: Proven | None,
) -> None:
    has_moved = decision.verdict == rules.MOVED
    origin = proven.taken_in if proven and proven.region != region else decision.from_region
    await transaction.execute(
        insert(move)
        .values(
            region_code=region,
            move_id=decision.move_id,
            seq=seq,
            body=body,
            recording_id=decision.recording_id if has_moved else None,
            taken_in=origin if has_moved else None,
            from_region_code=decision.from_region,
            verdict=decision.verdict,
            reason=decision.reason,
            decided_at=decision.decided_at,
        )
        .on_conflict_do_nothing()
    )
