"""Apply one page: its entries and its cursor in one transaction, or neither."""

from datetime import datetime

from services.regional.central_client.client import SignedPage
from services.regional.feed_reader import amendments, remedy_store, rules, store
from shared.contracts.feed import FeedPage, page_bytes, read_page
from shared.database.engine import Transaction

ANY_REGION = "00.00"  # a page must name one; entries do not


async def apply(transaction: Transaction, region: str, page: FeedPage, now: datetime) -> int:
    """Write what the page says; gives the new applied position.

    Raises PageDoesNotFit when the cursor stands elsewhere: a page is applied once.
    """
    to_pos = await _move(transaction, region, page, now)
    await _write(transaction, rules.sort(page), now)
    return to_pos


async def _move(transaction: Transaction, region: str, page: FeedPage, now: datetime) -> int:
    """Move the cursor over the whole page. Raises PageDoesNotFit."""
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
    return to_pos


async def _write(transaction: Transaction, found: rules.Sorted, now: datetime) -> None:
    if found.decisions:
        await store.save_decisions(transaction, found.decisions, now)
    if found.decisions or found.fresh_permissions:
        await store.save_permissions(transaction, found.decisions, found.fresh_permissions)
    if found.revocations:
        await store.save_revocations(transaction, found.revocations, now)
    if found.amendment_decisions:
        await amendments.save_answers(transaction, found.amendment_decisions, now)
    if freed := rules.freed_recordings(found.decisions):
        await store.free_niks(transaction, freed)
    if found.deletions:
        await remedy_store.save_deletions(transaction, found.deletions, now)
    if found.moves:
        await remedy_store.save_moves(transaction, found.moves, now)
    if found.held:
        await store.save_held(transaction, found.held, now)


async def plan(transaction: Transaction, region: str, page: FeedPage) -> rules.Apply | rules.Hold:
    return rules.plan(await store.standing(transaction, region), len(page.entries))


async def fail(transaction: Transaction, region: str, count: int) -> None:
    """Count that the next `count` entries could not be applied together."""
    standing = await store.standing(transaction, region)
    await store.save_standing(transaction, region, rules.after_failure(standing, count))


async def hold(
    transaction: Transaction, region: str, page: FeedPage, reason: str, now: datetime
) -> None:
    """Keep the page's first entry without acting on it, and move the cursor past it."""
    first = page.entries[0]
    await _move(transaction, region, rules.front_of(page, 1), now)
    await store.save_held(transaction, [rules.hold(first.pos, first.entry, reason)], now)


async def act_on_held(transaction: Transaction, pos: int, now: datetime) -> bool:
    """Act on a held entry as on any other, if this program can read it by now; False if not."""
    body = await store.lock_held(transaction, pos)
    if body is None:
        return False
    page = read_page(page_bytes(ANY_REGION, 1, pos - 1, pos, [(pos, body)]))
    if not rules.is_known(page):
        return False
    await store.delete_held(transaction, pos)
    await _write(transaction, rules.sort(page), now)
    return True


async def keep(transaction: Transaction, signed: SignedPage) -> None:
    """Keep a page as it was signed, in the transaction that applies its first entry."""
    await store.save_page(transaction, signed)


async def follow_epoch(transaction: Transaction, region: str, epoch: int) -> int:
    """From now on no page of an older epoch is applied here; gives how far pages were applied."""
    return await store.follow_epoch(transaction, region, epoch)
