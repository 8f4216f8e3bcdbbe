"""Put today's work, the line's last days, one recording and one person at the desk together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.regional.console import dossier, history, line_store, rules, store
from services.regional.console.dossier import Dossier
from services.regional.console.history import Column, Spell, Totals
from services.regional.console.rules import Checked
from services.regional.console.sources import Followed, Outage, Problem, Sources, Unsettled
from services.regional.console.store import Invited, Others, Row
from services.regional.journey.remedies import RemedyCode, advice
from shared.database.engine import Transaction
from shared.nik import Nik
from shared.refusals import NotFound

ROWS_MAX = 5
# So many are looked at; where more are unsettled the office says "at least".
PROBLEMS_MAX = 500
FOUND_MAX = 20

# What others do; everything else waits for this office, or for the person with it.
_OTHERS_ACT = frozenset(
    {
        RemedyCode.WAIT_FOR_ADJUDICATION,
        RemedyCode.WAIT_FOR_SEARCH,
        RemedyCode.WAIT_FOR_DELETION,
        RemedyCode.WAIT_FOR_MOVE,
        RemedyCode.WAIT_FOR_ANSWER,
        RemedyCode.NOTHING,
    }
)


@dataclass(frozen=True, slots=True)
class Pile:
    """One kind of work: how much, and the first rows of it."""

    count: int
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A recording that cannot be printed as it stands: where it was taken, and its remedy."""

    row: Row
    problem: Problem


@dataclass(frozen=True, slots=True)
class Work:
    """What an office does today."""

    today: date
    recorded: Pile
    unsent: Pile
    undecided: Pile
    problems: int
    with_others: int
    are_more: bool  # more are unsettled than were looked at
    first_problems: Sequence[Trouble]
    first_with_others: Sequence[Trouble]
    printable: Pile
    held: int  # permitted, and waiting for the 17th birthday
    uncollected: Pile
    to_withdraw: int
    others: Others
    outage: Outage


async def work_of(
    transaction: Transaction, region: str, zone: ZoneInfo, sources: Sources, now: datetime
) -> Work:
    """`today` begins at the office's midnight."""
    local = now.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    acked = (await store.pulse(transaction, region)).acked_seq
    unsettled = await sources.unsettled(transaction, PROBLEMS_MAX + 1)
    problems = [_problem(one, region) for one in unsettled[:PROBLEMS_MAX]]
    ours = [one for one in problems if one.advice.code not in _OTHERS_ACT]
    theirs = [one for one in problems if one.advice.code in _OTHERS_ACT]
    return Work(
        today=local.date(),
        recorded=Pile(*await store.taken_since(transaction, midnight, ROWS_MAX)),
        unsent=Pile(*await store.unsent(transaction, acked, ROWS_MAX)),
        undecided=Pile(*await store.undecided(transaction, acked, ROWS_MAX)),
        problems=len(ours),
        with_others=len(theirs),
        are_more=len(unsettled) > PROBLEMS_MAX,
        first_problems=await _placed(transaction, ours[:ROWS_MAX]),
        first_with_others=await _placed(transaction, theirs[:ROWS_MAX]),
        printable=await _printable(transaction, sources, now, local.date()),
        held=await sources.count_held(transaction, local.date()),
        uncollected=Pile(*await store.uncollected(transaction, ROWS_MAX)),
        to_withdraw=await sources.to_withdraw(transaction),
        others=await store.others(transaction),
        outage=await sources.outage(transaction),
    )


def _problem(one: Unsettled, region: str) -> Problem:
    found = advice(
        one.outcome,
        one.reason,
        region=region,
        rival_region=one.rival_region,
        progress=one.progress,
    )
    return Problem(one.recording_id, one.outcome, one.reason, one.decided_at, found)


async def _placed(transaction: Transaction, problems: Sequence[Problem]) -> list[Trouble]:
    rows = await store.rows_of(transaction, [one.recording_id for one in problems])
    return [Trouble(rows[one.recording_id], one) for one in problems]


async def _printable(
    transaction: Transaction, sources: Sources, now: datetime, today: date
) -> Pile:
    first = await sources.printable(transaction, now, today, ROWS_MAX)
    rows = await store.rows_of(transaction, [one.recording_id for one in first])
    return Pile(
        await sources.count_printable(transaction, now, today),
        [Row(one.recording_id, one.issued_at, *_where(rows[one.recording_id])) for one in first],
    )


def _where(row: Row) -> tuple[str, str]:
    return row.place, row.ward


@dataclass(frozen=True, slots=True)
class LineStory:
    """The line's last days."""

    since: datetime
    until: datetime
    spells: Sequence[Spell]
    totals: Totals
    columns: Sequence[Column]


async def line_story(transaction: Transaction, days: int, now: datetime) -> LineStory:
    """days: 1 to `history.DAYS_KEPT`."""
    since = now - timedelta(days=days)
    seconds = days * 86_400 / history.COLUMNS
    samples = await line_store.samples(transaction, since, now)
    carried = await line_store.carried(transaction, since, seconds)
    found = history.spells(samples, since, now)
    return LineStory(
        since,
        now,
        found,
        history.totals(found),
        history.columns(samples, carried, since, now),
    )


@dataclass(frozen=True, slots=True)
class Whole:
    """One recording: where it is, and everything written about it."""

    followed: Followed
    dossier: Dossier


async def whole(
    transaction: Transaction, sources: Sources, recording_id: UUID, today: date
) -> Whole:
    """Refuses: NotFound."""
    found = await dossier.dossier_of(transaction, recording_id)
    if found is None:
        raise NotFound("No recording with this id was taken here.")
    return Whole(await sources.follow(transaction, recording_id, today), found)


@dataclass(frozen=True, slots=True)
class AtTheDesk:
    """What is known of whoever stands at the desk with this NIK."""

    checked: Checked
    ward: str | None
    live: Followed | None  # the recording that stands here
    earlier: Sequence[UUID]  # others of this NIK here, the newest first
    invited: Invited | None


async def at_the_desk(
    transaction: Transaction, sources: Sources, nik: Nik, today: date
) -> AtTheDesk:
    listed = await store.listed(transaction, nik)
    live = await store.live_recording(transaction, nik)
    earlier = await store.ids_by_nik(transaction, nik, FOUND_MAX)
    return AtTheDesk(
        rules.check(nik, listed, today, is_recorded_here=live is not None),
        listed.ward if listed else None,
        await sources.follow(transaction, live, today) if live is not None else None,
        [one for one in earlier if one != live],
        await store.invited(transaction, nik) if live is None else None,
    )
