"""Look through what happened, and write down whom to tell. Never commits."""

from datetime import datetime

from services.regional.hooks import rules, store
from services.regional.hooks.rules import Event, Happening
from services.regional.hooks.store import Reach
from shared.contracts.envelopes import CARD_RECEIPT, CardResult
from shared.database.engine import Transaction

LOOK_MAX = 500
_OF_CARDS = {
    CardResult.PRINTED: (Event.PRINTED, "CARD_PRINTED"),
    CardResult.SPOILED: (Event.SPOILED, None),
    CardResult.ISSUED: (Event.ISSUED, "CARD_ISSUED"),
}


async def look_through(transaction: Transaction, region: str, now: datetime) -> bool:
    """Write deliveries for what happened since the last look; True while there is more.

    Without a hook only the place is kept, so that a new one hears what happens from then on.
    """
    heads = await store.heads(transaction, region)
    at = await store.reach(transaction, region)
    hooks = await store.live(transaction)
    if at is None or not hooks:
        if at != heads:
            await store.move(transaction, region, heads)
        return False
    # After a restore the centre's entries may begin anew from an earlier place.
    at = Reach(at.seq, at.received_seq, min(at.pos, heads.pos))
    to = Reach(
        min(heads.seq, at.seq + LOOK_MAX),
        min(heads.received_seq, at.received_seq + LOOK_MAX),
        min(heads.pos, at.pos + LOOK_MAX),
    )
    if to == at:
        return False
    happened = await _between(transaction, at, to)
    await store.put(
        transaction,
        [(hook.hook_id, one) for one in happened for hook in hooks if one.event in hook.events],
        now,
    )
    await store.move(transaction, region, to)
    return to != heads


async def _between(transaction: Transaction, at: Reach, to: Reach) -> list[Happening]:
    cards = [
        CARD_RECEIPT.validate_json(body)
        for body in await store.card_receipts(transaction, at.seq, to.seq)
    ]
    return [
        *await store.taken(transaction, at.seq, to.seq),
        *await store.received(transaction, at.received_seq, to.received_seq),
        *await store.told(transaction, at.pos, to.pos),
        *(
            Happening(event, one.recording_id, one.happened_at, status)
            for one in cards
            for event, status in [_OF_CARDS[one.result]]
        ),
    ]


async def after_try(
    transaction: Transaction, one: store.Due, status: int | None, now: datetime, chance: float
) -> rules.After:
    """Write down how a try ended. status: of the answer, None for none. chance: from 0 to 1."""
    after = rules.after_try(status, one.written_at, now)
    match after:
        case rules.After.DELIVERED:
            await store.finish(transaction, one, status=status, delivered_at=now)
        case rules.After.AGAIN:
            not_before = now + rules.wait_after(one.attempts, chance)
            await store.finish(transaction, one, status=status, not_before=not_before)
        case rules.After.GIVEN_UP:
            await store.finish(transaction, one, status=status, given_up_at=now)
        case rules.After.UNWANTED:
            await store.finish(transaction, one, status=status, given_up_at=now)
            await store.end(transaction, one.hook.hook_id, "gone", now)
    return after
