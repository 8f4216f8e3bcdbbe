"""Steps of the printing desk: let somebody before others, hand a card over."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.regional.printing import hands, rules, steps, store, turns
from services.regional.printing.refusals import CollectorNotFamily, ExceptionStands
from services.regional.printing.rules import Collector, Ground, Relative
from services.regional.printing.steps import PermissionSpent
from services.regional.printing.turns import LetBefore
from shared.contracts.envelopes import CardResult
from shared.database.engine import Transaction
from shared.refusals import NotFound


@dataclass(frozen=True, slots=True)
class Desk:
    """At which office, who acts, when."""

    region: str
    officer: str
    now: datetime


async def let_before(
    transaction: Transaction, desk: Desk, authorization_id: UUID, ground: Ground, words: str
) -> LetBefore:
    """Enter an exception for an unspent permission. The same again changes nothing.

    Refuses: NotFound, ExceptionStands, PermissionSpent, and whatever hinders printing.
    """
    before = await turns.exception_of(transaction, authorization_id)
    if before is None:
        held = await steps.unhindered(transaction, desk.region, authorization_id)
        if await turns.one(transaction, authorization_id) is None:
            raise PermissionSpent
        made = LetBefore(
            authorization_id, held.recording_id, ground.value, words, desk.officer, desk.now, None
        )
        # Whoever else entered one did so before: `unhindered` holds the recording.
        await turns.save_exception(transaction, made)
        return made
    if (before.reason, before.words) != (ground.value, words):
        raise ExceptionStands
    return before


async def hand_over(
    transaction: Transaction, desk: Desk, blank_serial: str, collector: Collector | Relative
) -> store.Card:
    """Into the holder's hand, or a relative's on the same family card; the centre is told.

    Refuses: NotFound, CollectorNotFamily, CardStepNotAllowed, CardToWithdraw.
    """
    card = await store.card_of(transaction, blank_serial)
    if card is None:
        raise NotFound("No card was begun on this blank here.")
    if isinstance(collector, Relative):
        await _expect_family(transaction, card.recording_id, collector)
    handed = await steps.report(
        transaction, desk.region, blank_serial, CardResult.ISSUED, None, desk.now
    )
    if isinstance(collector, Relative):
        who, nik = Collector.FAMILY, collector.nik
    else:
        who, nik = collector, None
    await hands.save(transaction, blank_serial, card.recording_id, who, nik, desk.officer, desk.now)
    return handed


async def _expect_family(transaction: Transaction, recording_id: UUID, relative: Relative) -> None:
    holder = await hands.holder_of(transaction, recording_id)
    why = rules.why_not_family(
        relative,
        holder.nik if holder else None,
        holder.family_cards if holder else frozenset(),
        await hands.family_cards_of(transaction, relative.nik),
    )
    if why is not None:
        raise CollectorNotFamily(extra={"why": why.value})
