"""Plan stays and home visits: load, decide, save."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from services.regional.field import checks, rules, store
from services.regional.field.checks import Finding, Known
from services.regional.field.refusals import (
    NotAVisitingDay,
    RecordingOfSomebodyElse,
    SessionEnded,
    VisitDiffers,
    VisitEnded,
    VisitStandsInWay,
)
from services.regional.field.rules import Act, AskedBy, Condition, Noted, Plan, SessionState
from services.regional.field.store import Session, VisitRow
from shared.contracts.outcomes import Outcome
from shared.database.engine import Transaction
from shared.refusals import NotFound


class Followed(Protocol):
    """Where one recording is, as its status document tells it."""

    @property
    def outcome(self) -> Outcome | None: ...
    @property
    def next_action(self) -> str | None: ...
    @property
    def next_action_id(self) -> str | None: ...


Follow = Callable[[Transaction, UUID, date], Awaitable[Followed]]


@dataclass(frozen=True, slots=True)
class Noting:
    """Who writes down, when; `today` is the office's day."""

    officer: str
    today: date
    now: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """Who is to be visited at home, why, and who asked."""

    nik: int
    condition: Condition
    asked_by: AskedBy
    asked_on: date


async def plan_session(
    transaction: Transaction, session_id: UUID, plan: Plan, noting: Noting
) -> Session:
    """Plan a stay, or plan it anew. Refuses: SessionEnded."""
    held = await store.session_of(transaction, session_id)
    if held is not None and held.plan == plan:
        return held
    if held is not None and held.state is not SessionState.PLANNED:
        raise SessionEnded
    one = Session(session_id, plan, SessionState.PLANNED, noting.officer, noting.now)
    await store.save_session(transaction, one, is_new=held is None)
    return one


async def end_session(
    transaction: Transaction, session_id: UUID, state: SessionState, noting: Noting
) -> Session:
    """Done, or cancelled; the same again is the same. Refuses: NotFound, SessionEnded."""
    held = await store.session_of(transaction, session_id)
    if held is None:
        raise NotFound("No stay was planned under this id.")
    if held.state is state:
        return held
    if held.state is not SessionState.PLANNED:
        raise SessionEnded
    one = replace(held, state=state, officer=noting.officer, changed_at=noting.now)
    await store.save_session(transaction, one, is_new=False)
    return one


async def look_into(
    transaction: Transaction, follow: Follow, nik: int, today: date
) -> list[Finding]:
    """What is known here of whoever is to be visited; what stands in the way comes first."""
    live = await store.live_recording(transaction, nik)
    followed = await follow(transaction, live[0], today) if live and live[1] else None
    remedy = None
    if followed and followed.next_action and followed.next_action_id:
        remedy = followed.next_action, followed.next_action_id
    known = Known(
        listed=await store.listed(transaction, nik),
        live_id=live[0] if live else None,
        outcome=followed.outcome if followed else None,
        remedy=remedy,
        is_deletion_open=await store.is_deletion_open(transaction, nik),
        is_amendment_open=await store.is_amendment_open(transaction, nik),
        is_visit_open=await store.open_visit(transaction, nik) is not None,
    )
    return checks.check(known, today)


async def ask_visit(
    transaction: Transaction, follow: Follow, visit_id: UUID, wish: Wish, noting: Noting
) -> tuple[VisitRow, list[Finding]]:
    """Note a wish, unless something stands in its way. The same again gets the same answer.

    Refuses: VisitDiffers, VisitStandsInWay.
    """
    held = await store.visit_of(transaction, visit_id)
    if held is not None:
        if Wish(held.nik, held.condition, held.asked_by, held.asked_on) != wish:
            raise VisitDiffers
        return held, []
    found = await look_into(transaction, follow, wish.nik, noting.today)
    if any(one.stands_in_way for one in found):
        raise VisitStandsInWay(extra={"findings": [told(one) for one in found]})
    told_wish = wish.nik, wish.condition, wish.asked_by, wish.asked_on
    await store.ask(transaction, visit_id, told_wish, noting.officer, noting.now)
    return await _held(transaction, visit_id), found


async def note_visit(
    transaction: Transaction, visit_id: UUID, noted: Noted, noting: Noting
) -> VisitRow:
    """Approve with a day and a team, or write down what came of it; twice is once.

    Refuses: NotFound, VisitEnded, NotAVisitingDay, RecordingOfSomebodyElse.
    """
    held = await _held(transaction, visit_id)
    events = await store.events_of(transaction, visit_id)
    if events and events[-1].noted == noted:
        return held
    then = rules.after(held.visit, noted)
    if then is None:
        raise VisitEnded
    if noted.visit_on is not None and not rules.may_be_day(noted.visit_on, noting.today):
        raise NotAVisitingDay
    if noted.act is Act.RECORDED:
        assert isinstance(noted.recording_id, UUID)
        if await store.recording_nik(transaction, noted.recording_id) != held.nik:
            raise RecordingOfSomebodyElse
    await store.write_event(transaction, visit_id, noted, noting.officer, noting.now)
    await store.move_visit(transaction, visit_id, then, noted, noting.now)
    return await _held(transaction, visit_id)


async def _held(transaction: Transaction, visit_id: UUID) -> VisitRow:
    held = await store.visit_of(transaction, visit_id)
    if held is None:
        raise NotFound("No home visit was asked for under this id.")
    return held


def told(one: Finding) -> dict[str, str | bool | None]:
    """A finding as a problem document carries it."""
    return {
        "found": one.found.value,
        "stands_in_way": one.stands_in_way,
        "remedy": one.remedy,
        "remedy_id": one.remedy_id,
        "recording_id": str(one.recording_id) if one.recording_id else None,
    }
