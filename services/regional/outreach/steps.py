"""Make a day's letters, note what was heard, close and open again: load, decide, save."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count
from uuid import UUID

from services.regional.outreach import letter_store, rules, store
from services.regional.outreach.letter_store import Delivery, Invitation
from services.regional.outreach.refusals import (
    AlreadyRecorded,
    HeardOnADayToCome,
    NobodyToWriteTo,
    NoteDiffers,
    NotTheDayForLetters,
    SearchClosed,
    SearchNotClosed,
)
from services.regional.outreach.rules import Heard, Need, Reason, Source, Whereabouts
from services.regional.outreach.store import Event, Looked
from shared.audit.seeing import saw_niks
from shared.database.engine import Transaction
from shared.ids import new_id
from shared.refusals import NotFound

DAYS_AHEAD_MAX = 31
LOOKED_AT = 200  # people of a ward at a time
HEARD_DAYS_MAX = 730
WRONG_TRIES_MAX = 10
HEARD, CLOSED, REOPENED = "heard", "closed", "reopened"


@dataclass(frozen=True, slots=True)
class Limits:
    ward_day_max: int
    again_days: int


@dataclass(frozen=True, slots=True)
class Noting:
    """Who notes something, and when. officer: None for a person's own reply to a letter."""

    officer: str | None
    today: date
    now: datetime


async def make_day(
    transaction: Transaction,
    day: date,
    only: Sequence[str] | None,
    limits: Limits,
    noting: Noting,
) -> list[Delivery]:
    """Choose who is written to on a day, ward by ward; a ward that has its letters keeps them.

    only: wards, or None for all. Gives the day's deliveries in those wards, old and new.
    Refuses: NotTheDayForLetters, NobodyToWriteTo.
    """
    assert noting.officer is not None
    is_ahead = noting.today <= day <= noting.today + timedelta(days=DAYS_AHEAD_MAX)
    if not is_ahead or day.weekday() >= rules.SATURDAY:
        raise NotTheDayForLetters
    await letter_store.hold_makers(transaction)
    made = {one.ward: one for one in await letter_store.of_day(transaction, day)}
    wanted = [*only] if only is not None else await store.wards(transaction)
    for ward in wanted:
        if ward in made:
            continue
        invited = await _invited(transaction, ward, day, limits)
        if invited:
            one = Delivery(new_id(), ward, day, len(invited), noting.officer, noting.now)
            await letter_store.save(transaction, one, [(each, new_id()) for each in invited])
            made[ward] = one
    found = [made[ward] for ward in sorted(set(wanted)) if ward in made]
    if not found:
        raise NobodyToWriteTo
    return found


async def _invited(
    transaction: Transaction, ward: str, day: date, limits: Limits
) -> list[Invitation]:
    found: list[Invitation] = []
    for start in count(0, LOOKED_AT):
        people = await store.perhaps_due(
            transaction, ward, day, limits.again_days, start, LOOKED_AT
        )
        for one in people:
            step = rules.next_step(one.standing, day, limits.again_days)
            # Nobody is sent a letter that names nobody.
            if step.need is not Need.LETTER or not one.name:
                continue
            heard = one.standing.heard
            token = rules.token_of(secrets.token_bytes(16))
            forward_to = heard.forward_to if heard else None
            found.append(Invitation(len(found) + 1, one.nik, token, forward_to))
            if len(found) == limits.ward_day_max:
                return found
        if len(people) < LOOKED_AT:
            return found
    raise AssertionError  # a ward ends


async def hear(
    transaction: Transaction,
    event_id: UUID,
    nik: int,
    heard: Heard,
    noting: Noting,
    *,
    closes: bool = False,
) -> tuple[Event, bool]:
    """Note somebody's whereabouts; gives the note, and whether it was noted before.

    closes: close the search as well, where what was heard is a reason and an officer says so.
    Refuses: NotFound, NoteDiffers, AlreadyRecorded, SearchClosed, HeardOnADayToCome.
    """
    one = Event(
        event_id,
        HEARD,
        heard.whereabouts.value,
        None,
        heard.source.value,
        heard.on,
        heard.forward_to,
        None,
        noting.officer,
        noting.now,
    )
    looked = await _look(transaction, nik)
    if await _is_repeat(transaction, nik, one):
        return one, True
    _check(looked, heard.on, noting.today)
    await store.save_event(transaction, nik, one)
    standing = replace(looked.standing, heard=heard)
    reason = rules.reason_given(heard.whereabouts, heard.source) if closes else None
    if reason is not None and noting.officer is not None:
        await store.save_event(
            transaction, nik, _closing(new_id(), reason, heard.source, heard.on, noting)
        )
        standing = replace(standing, closed=reason)
    await store.save_standing(transaction, nik, standing)
    return one, False


async def close(
    transaction: Transaction,
    event_id: UUID,
    nik: int,
    reason: Reason,
    source: Source,
    on: date,
    noting: Noting,
) -> tuple[Event, bool]:
    """End the search for somebody, by an officer's word and a source.

    Refuses: NotFound, NoteDiffers, AlreadyRecorded, SearchClosed, HeardOnADayToCome.
    """
    one = _closing(event_id, reason, source, on, noting)
    looked = await _look(transaction, nik)
    if await _is_repeat(transaction, nik, one):
        return one, True
    _check(looked, on, noting.today)
    await store.save_event(transaction, nik, one)
    await store.save_standing(transaction, nik, replace(looked.standing, closed=reason))
    return one, False


async def reopen(
    transaction: Transaction, event_id: UUID, nik: int, remark: str, noting: Noting
) -> tuple[Event, bool]:
    """Look for somebody again; what was heard before stays in the history and counts no more.

    Refuses: NotFound, NoteDiffers, AlreadyRecorded, SearchNotClosed.
    """
    one = Event(
        event_id, REOPENED, None, None, None, None, None, remark, noting.officer, noting.now
    )
    looked = await _look(transaction, nik)
    if await _is_repeat(transaction, nik, one):
        return one, True
    if looked.is_recorded:
        raise AlreadyRecorded
    if looked.standing.closed is None:
        raise SearchNotClosed
    await store.save_event(transaction, nik, one)
    standing = replace(looked.standing, closed=None, heard=None)
    await store.save_standing(transaction, nik, standing)
    return one, False


async def reply(
    transaction: Transaction, token: str, birth_date: date, heard: Heard, noting: Noting
) -> bool:
    """Take a letter's reply if the birth date is its person's; a wrong one is counted.

    Gives whether it was taken, so that a wrong try is committed, too. A reply to a search that is
    closed, or from whoever is recorded, is thanked for and changes nothing.
    """
    found = await letter_store.addressee(transaction, token)
    if found is None or found.wrong_tries >= WRONG_TRIES_MAX or found.birth_date is None:
        return False
    if found.birth_date != birth_date:
        await letter_store.count_wrong_try(transaction, token)
        return False
    saw_niks([found.nik])
    try:
        await hear(transaction, new_id(), found.nik, heard, noting)
    except (AlreadyRecorded, SearchClosed):
        return True
    return True


async def _look(transaction: Transaction, nik: int) -> Looked:
    looked = await store.lock(transaction, nik)
    if looked is None:
        raise NotFound("Nobody with this NIK is on the residents' list.")
    return looked


async def _is_repeat(transaction: Transaction, nik: int, one: Event) -> bool:
    """Refuses: NoteDiffers. The time it is noted, and who notes it, may differ."""
    before = await store.event(transaction, one.event_id)
    if before is None:
        return False
    earlier_nik, earlier = before
    if (earlier_nik, replace(earlier, noted_at=one.noted_at, officer=one.officer)) != (nik, one):
        raise NoteDiffers
    return True


def _check(looked: Looked, on: date, today: date) -> None:
    if looked.is_recorded:
        raise AlreadyRecorded
    if looked.standing.closed is not None:
        raise SearchClosed
    if not today - timedelta(days=HEARD_DAYS_MAX) <= on <= today:
        raise HeardOnADayToCome


def _closing(event_id: UUID, reason: Reason, source: Source, on: date, noting: Noting) -> Event:
    return Event(
        event_id,
        CLOSED,
        None,
        reason.value,
        source.value,
        on,
        None,
        None,
        noting.officer,
        noting.now,
    )


def heard_of(whereabouts: Whereabouts, source: Source, on: date, forward_to: str | None) -> Heard:
    """An address counts of whoever is away; elsewhere it would send a letter astray."""
    forward_to = forward_to if whereabouts is Whereabouts.AWAY else None
    return Heard(whereabouts, source, on, forward_to or None)
