"""Act on envelopes of one region in one transaction: what each kind is, and who decides it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError

from services.central import epochs
from services.central.coverage import steps as coverage
from services.central.intake import store as intake
from services.central.journey import steps as journey
from services.central.journey.entries import NewEntry
from services.central.penunggalan import steps as penunggalan
from services.central.print_authorization import steps as print_authorization
from services.central.print_authorization.rules import Permitter
from services.central.resync import steps as resync
from shared.contracts.envelopes import EnvelopeKind
from shared.contracts.recording import RECORDING, Recording
from shared.database.engine import Transaction


@dataclass(frozen=True, slots=True)
class Deed:
    """An envelope that is to be acted on now."""

    seq: int
    envelope_id: UUID
    kind: str
    body: bytes


async def settle_in(
    transaction: Transaction, permitter: Permitter, region: str, places: int, now: datetime
) -> int:
    """Settle the next `places` envelopes of a region; gives how many there were."""
    settled_seq = await intake.lock_settled(transaction, region)
    # After the lock: whoever raises the epoch has waited for it, or is seen here.
    standing = await epochs.standing(transaction, region)
    if not standing.may_settle:
        return 0
    waiting = await intake.waiting_after(transaction, region, settled_seq, places)
    if not waiting:
        return 0
    # A note means that an envelope is only kept.
    deeds = [
        Deed(one.seq, one.envelope_id, one.kind, one.body) for one in waiting if one.note is None
    ]
    if settled_seq < standing.witnessed_seq:
        deeds = await _undecided(transaction, region, deeds, now)
    permitter = replace(permitter, epoch=standing.epoch)
    entries = await act_on(transaction, permitter, region, deeds, now)
    await intake.save_settled(transaction, region, waiting[-1].seq)
    await tell(transaction, region, [entries[seq] for seq in sorted(entries)], now)
    return len(waiting)


async def _undecided(
    transaction: Transaction, region: str, deeds: Sequence[Deed], now: datetime
) -> list[Deed]:
    """Those no entry of a lost life has decided: what came back with a page counts, once."""
    decided = await journey.decided_among(
        transaction, region, [one.envelope_id for one in _of(deeds, EnvelopeKind.RECORDING)]
    )
    again = [one for one in deeds if one.envelope_id in decided]
    if again:
        bodies = [(one.body, decided[one.envelope_id]) for one in again]
        await resync.confirm(transaction, region, bodies, now)
    return [one for one in deeds if one.envelope_id not in decided]


async def tell(
    transaction: Transaction, region: str, entries: Sequence[NewEntry], now: datetime
) -> None:
    """Publish, as the last act: the counter row's lock is what makes commit order pos order."""
    if entries:
        await journey.publish(transaction, region, entries, now)


async def act_on(
    transaction: Transaction,
    permitter: Permitter,
    region: str,
    deeds: Sequence[Deed],
    now: datetime,
) -> dict[int, NewEntry]:
    """Decide recordings, take card receipts and coverage bases; gives what to tell, by seq."""
    permits = penunggalan.Permits(
        expires_at=permitter.expires_at,
        sign=lambda authorization_id, recording, at: permitter.sign(
            region, authorization_id, recording, at
        ),
    )
    entries = await penunggalan.settle(
        transaction,
        region,
        [(one.seq, one.envelope_id, one.body) for one in _of(deeds, EnvelopeKind.RECORDING)],
        permits,
        now,
    )
    entries |= await print_authorization.take_receipts(
        transaction,
        region,
        [(one.seq, one.body) for one in _of(deeds, EnvelopeKind.CARD_RECEIPT)],
        permitter,
        lambda recording_id: _recording(transaction, region, recording_id),
        now,
    )
    await coverage.take_bases(
        transaction,
        region,
        [(one.seq, one.body) for one in _of(deeds, EnvelopeKind.COVERAGE_BASE)],
    )
    return entries


def _of(deeds: Sequence[Deed], kind: EnvelopeKind) -> list[Deed]:
    return [one for one in deeds if one.kind == kind]


async def _recording(transaction: Transaction, region: str, recording_id: UUID) -> Recording | None:
    body = await intake.body_of(transaction, region, recording_id)
    try:
        return RECORDING.validate_json(body) if body is not None else None
    except ValidationError:  # the id of an envelope that holds something else
        return None
