"""Receive blanks, put one aside, write a burning down and bear witness to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.regional.blanks import rules, store
from services.regional.blanks.rules import BlankFault, DaysLeft, Stock
from services.regional.blanks.store import Burning, Burnt, Delivery
from shared.database.engine import Transaction
from shared.refusals import ERRORS_SHOWN_MAX, NotFound, Refusal

TAKEN_DAYS = rules.WEEKS * rules.WEEK_DAYS + 1


class DeliveryDiffers(Refusal):
    """A delivery with this id was entered, and it says something else."""

    code, status = "delivery-differs", 409
    title = "This delivery was entered with other words"
    next_action = "Look the delivery up; a correction is a delivery of its own."
    next_action_id = "Lihat penerimaan itu; koreksi dicatat sebagai penerimaan tersendiri."


class SerialsReceivedBefore(Refusal):
    """Some of these serials came with an earlier delivery; `count` tells how many."""

    code, status = "serials-received-before", 409
    title = "Some of these serials were received before"
    next_action = "Read the first and the last serial again; nothing was entered."
    next_action_id = "Baca lagi nomor seri pertama dan terakhir; belum ada yang dicatat."


class SerialsNotInARow(Refusal):
    """The first and the last serial make no row: they begin unlike, or count down, or too far."""

    code, status = "serials-not-in-a-row", 409
    title = "First and last serial make no row of at most 10,000"
    next_action = "Read both serials again; enter two deliveries when there is a gap."
    next_action_id = "Baca lagi kedua nomor seri; bila ada celah, catat dua penerimaan."


class BlankInUse(Refusal):
    """This blank was put into a printer: what became of it is reported at its card."""

    code, status = "blank-in-use", 409
    title = "A card was begun on this blank"
    next_action = "Report the result at its card."
    next_action_id = "Laporkan hasilnya pada kartu blangko itu."


class NotToBurn(Refusal):
    """Some blanks are not spoiled, or are in other minutes; `errors` names their places."""

    code, status = "not-to-burn", 409
    title = "Some of these blanks may not be burnt"
    next_action = "Take them off the list: only spoiled blanks of no other minutes are burnt."
    next_action_id = "Keluarkan dari daftar: hanya blangko rusak yang belum masuk berita acara."


class BurningDiffers(Refusal):
    """Minutes with this id were written, of other blanks or another place."""

    code, status = "burning-differs", 409
    title = "These minutes were written of something else"
    next_action = "Look the minutes up; write new ones for other blanks."
    next_action_id = "Lihat berita acara itu; buat yang baru untuk blangko lain."


class SameOfficerBurns(Refusal):
    """Whoever wrote the minutes cannot bear witness to them."""

    code, status = "same-officer-burns", 409
    title = "A second officer bears witness"
    next_action = "Let another officer sign in and confirm the burning."
    next_action_id = "Minta petugas lain masuk dan mengesahkan pemusnahan."


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who acts, when, and which day that is at the office."""

    officer: str
    now: datetime
    today: date


@dataclass(frozen=True, slots=True)
class Brought:
    """What came, and on which paper."""

    received_on: date
    source: str
    reference: str
    serials: tuple[str, ...]


def row_of(first: str, last: str) -> tuple[str, ...]:
    """Refuses: SerialsNotInARow."""
    try:
        return tuple(rules.serials_between(first, last))
    except rules.NotARange:
        raise SerialsNotInARow from None


async def receive(
    transaction: Transaction, clerk: Clerk, delivery_id: UUID, brought: Brought
) -> Delivery:
    """Enter a delivery, blank by blank. The same again changes nothing.

    Refuses: DeliveryDiffers, SerialsReceivedBefore.
    """
    before = await store.delivery(transaction, delivery_id)
    one = Delivery(
        delivery_id,
        brought.received_on,
        brought.source,
        brought.reference,
        brought.serials[0],
        brought.serials[-1],
        len(brought.serials),
        clerk.officer,
        clerk.now,
    )
    if before is not None:
        same = replace(one, officer=before.officer, entered_at=before.entered_at) == before
        kept = await store.serials_of(transaction, delivery_id)
        if not same or kept != sorted(brought.serials):
            raise DeliveryDiffers
        return before
    fresh = await store.save_delivery(transaction, one, brought.serials)
    if fresh < one.blanks:
        raise SerialsReceivedBefore(extra={"count": one.blanks - fresh})
    return one


async def put_aside(
    transaction: Transaction, clerk: Clerk, serial: str, cause: BlankFault
) -> store.Known:
    """A blank that cannot be used, seen before its use. Putting it aside twice is once.

    Refuses: NotFound, BlankInUse.
    """
    one = await store.lock(transaction, serial)
    if one is None:
        raise NotFound("No delivery brought this blank.")
    # Asked after the lock: whoever spends a blank holds it, too.
    if await store.is_used(transaction, serial):
        raise BlankInUse
    if one.spoiled_at is None:
        await store.put_aside(transaction, serial, cause.value, clerk.officer, clerk.now)
    return await look_up(transaction, serial)


async def look_up(transaction: Transaction, serial: str) -> store.Known:
    """Refuses: NotFound."""
    found = await store.known(transaction, serial)
    if found is None:
        raise NotFound("No blank with this serial was received or used here.")
    return found


async def write_minutes(
    transaction: Transaction, clerk: Clerk, burning_id: UUID, place: str, serials: Sequence[str]
) -> Burning:
    """Write down what will be burnt where. The same again changes nothing.

    Refuses: NotToBurn, BurningDiffers.
    """
    before = await store.burning(transaction, burning_id)
    if before is not None:
        named = [one.serial for one in await store.burnt(transaction, burning_id)]
        if before.place != place or sorted(serials) != sorted(named):
            raise BurningDiffers
        return before
    found = await store.burnable(transaction, serials)
    if wrong := rules.not_burnable(serials, [one.serial for one in found]):
        raise NotToBurn(
            errors=[
                {"pointer": f"/serials/{place}", "detail": "not_to_burn"}
                for place in wrong[:ERRORS_SHOWN_MAX]
            ],
            extra={"count": len(wrong)},
        )
    number = await store.next_number(transaction, clerk.today.year)
    one = Burning(
        burning_id,
        clerk.today.year,
        number,
        place,
        clerk.officer,
        clerk.now,
        None,
        None,
        len(found),
    )
    lines = [
        Burnt(each.serial, each.cause or "not-told", each.spoiled_at or clerk.now) for each in found
    ]
    await store.save_burning(transaction, one, lines)
    return one


async def bear_witness(transaction: Transaction, clerk: Clerk, burning_id: UUID) -> Burning:
    """A second officer saw the blanks burn. Once is enough; the first witness stands.

    Refuses: NotFound, SameOfficerBurns.
    """
    one = await store.burning(transaction, burning_id)
    if one is None:
        raise NotFound("No such minutes were written here.")
    if not rules.may_bear_witness(one.officer, clerk.officer):
        raise SameOfficerBurns
    if one.burnt_at is not None:
        return one
    await store.bear_witness(transaction, burning_id, clerk.officer, clerk.now)
    return replace(one, witness=clerk.officer, burnt_at=clerk.now)


async def stock(
    transaction: Transaction, zone: ZoneInfo, now: datetime
) -> tuple[Stock, DaysLeft | None]:
    """How many there are of each, and how long what is left lasts."""
    today = now.astimezone(zone).date()
    counted = Stock.of(await store.counts(transaction))
    since = now - timedelta(days=TAKEN_DAYS)
    taken = await store.taken_by_day(transaction, zone.key, since)
    return counted, rules.days_left(counted.left, taken, today)
