"""After a restore: what officers had decided in the lost life is carried out again, and once.

Regions hand back the entries that told them; their recordings are here again before this runs.
"""

from datetime import datetime

from sqlalchemy import select, update

from services.central.journey.remedy_entries import DELETION_DECISION
from services.central.remedies import rules, store
from services.central.remedies.hands import Hands, OrderSearch
from services.central.remedies.rules import State
from services.central.tables import deletion_request, feed
from shared.contracts.remedies import DELETION_DECISION as READ
from shared.contracts.remedies import DeletionDecision, DeletionRequest
from shared.database.engine import Transaction


async def carry_out_again(
    transaction: Transaction, hands: Hands, region: str, now: datetime
) -> None:
    """Deletions that a region was told of, as far as they are not carried out here.

    Of the region's own recordings only: what was another's comes back with that one's feed.
    """
    for told in await _told(transaction, region):
        if told.request_region == region:
            await _close(transaction, told)
        if told.verdict == "confirmed":
            await _delete(transaction, hands, region, told, now)


async def _told(transaction: Transaction, region: str) -> list[DeletionDecision]:
    rows = await transaction.scalars(
        select(feed.c.body)
        .where(feed.c.region_code == region, feed.c.kind == DELETION_DECISION)
        .order_by(feed.c.pos)
    )
    return [READ.validate_json(body) for body in rows]


async def _close(transaction: Transaction, told: DeletionDecision) -> None:
    """As the region was told it; which officer said so was lost with the centre's disk."""
    await transaction.execute(
        update(deletion_request)
        .where(
            deletion_request.c.region_code == told.request_region,
            deletion_request.c.request_id == told.request_id,
            deletion_request.c.state == State.WAITING.value,
        )
        .values(state=told.verdict, reason=told.reason, decided_at=told.decided_at)
    )


async def _delete(
    transaction: Transaction, hands: Hands, region: str, told: DeletionDecision, now: datetime
) -> None:
    own = [one for one in told.recordings if one.region == region]
    known = list((await store.known(transaction, own)).values())
    await store.name(transaction, known, told.decided_at)
    locked = await store.lock_named(transaction, [one.at for one in known])
    fresh = [one for one in known if locked[one.at][1] is None]
    source = (told.request_region, told.request_id)
    await store.save_deleted(transaction, [one.at for one in fresh], *source, told.decided_at)
    for one in sorted(fresh, key=lambda each: (each.nik, each.at.recording_id)):
        await hands.free(transaction, one.nik, one.at.recording_id)
    await hands.forget(transaction, [(region, one.at.recording_id) for one in fresh], now)
    asked = await store.request_of(transaction, *source)
    if fresh and asked is not None:
        await search_kept_again(transaction, hands.order_search, asked.request, now)


async def told_before(
    transaction: Transaction, region: str, request: DeletionRequest
) -> DeletionDecision | None:
    """The word on a request that came back with the feed, before the request itself did."""
    rows = await transaction.scalars(
        select(feed.c.body).where(
            feed.c.region_code == region,
            feed.c.recording_id.in_([one.recording_id for one in rules.named_by(request)]),
            feed.c.kind == DELETION_DECISION,
        )
    )
    told = [READ.validate_json(body) for body in rows]
    return next((one for one in told if one.request_id == request.request_id), None)


async def search_kept_again(
    transaction: Transaction, order_search: OrderSearch, request: DeletionRequest, now: datetime
) -> None:
    """What stood in the way of the recording that stays is gone: search for it once more."""
    kept = request.keeps_recording
    if kept is None:
        return
    newest = await store.newest_decision(transaction, kept.region, kept.recording_id)
    if newest is not None and rules.was_in_the_way(request, newest):
        await order_search(transaction, kept.region, kept.recording_id, newest.seq, now)
