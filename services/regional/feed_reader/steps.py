"""Apply one page: its entries and its cursor in one transaction, or neither."""

from datetime import datetime

from services.regional.feed_reader import rules, store
from shared.contracts.feed import FeedPage
from shared.database.engine import Transaction


async def apply(transaction: Transaction, region: str, page: FeedPage, now: datetime) -> int:
    """Write what the page says; gives the new applied position.

    Raises PageDoesNotFit when the cursor stands elsewhere: a page is applied once.
    """
    cursor = await store.cursor(transaction, region)
    rules.check_page(page, region, cursor.applied_pos, cursor.epoch)
    to_pos = cursor.applied_pos + len(page.entries)
    has_moved = await store.move_cursor(
        transaction,
        region,
        from_pos=cursor.applied_pos,
        to_pos=to_pos,
        head_pos=max(page.head_pos, to_pos),
        epoch=page.epoch,
        now=now,
    )
    if not has_moved:
        raise rules.PageDoesNotFit
    found = rules.sort(page)
    if found.decisions:
        await store.save_decisions(transaction, found.decisions, now)
    if found.decisions or found.fresh_permissions:
        await store.save_permissions(transaction, found.decisions, found.fresh_permissions)
    if freed := rules.freed_recordings(found.decisions):
        await store.free_niks(transaction, freed)
    if found.held:
        await store.save_held(transaction, found.held, now)
    return to_pos
