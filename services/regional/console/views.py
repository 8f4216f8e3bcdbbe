"""What the console's doors for programs show; the pages say the same in words."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.regional.console.dossier import Dossier
from services.regional.console.history import Seen
from services.regional.console.rules import Advice
from services.regional.console.steps import AtTheDesk, LineStory, Pile, Trouble, Work
from services.regional.journey.remedies import RemedyCode
from services.regional.journey.rules import OfficialStatus
from shared.contracts.outcomes import Outcome
from shared.contracts.strict import Strict
from shared.nik import NikText

_RECORDING = "01890a5d-ac96-774b-bcce-b302099a8057"


class RowView(BaseModel):
    """A recording in a list. Nothing in it says whose it is."""

    recording_id: UUID
    since: datetime
    place: str
    ward: str


class PileView(BaseModel):
    count: int
    first: list[RowView] = Field(description="The first few, in the order they are to be done")


class ProblemView(RowView):
    outcome: Outcome
    remedy: RemedyCode
    next_action: str
    next_action_id: str


class ProblemsView(BaseModel):
    count: int
    first: list[ProblemView]


class WorkView(BaseModel):
    """What an office does today: each pile with its count and its first rows."""

    today: date
    recorded: PileView = Field(description="Taken here since the office's midnight, newest first")
    unsent: PileView = Field(description="Not at the centre yet")
    undecided: PileView = Field(description="At the centre, which has not answered")
    problems: ProblemsView = Field(description="For this office to act on")
    with_others: ProblemsView = Field(description="Others act; the office waits")
    at_least: bool = Field(description="More recordings are unsettled than were looked at")
    printable: PileView
    held: int = Field(0, description="Permitted, and waiting for the 17th birthday")
    uncollected: PileView = Field(description="Printed, and not handed over")
    to_withdraw: int
    images_overdue: int
    deletions_asked: int
    refused_for_good: int


def _row(one: Any) -> dict[str, Any]:
    return {
        "recording_id": one.recording_id,
        "since": one.since,
        "place": one.place,
        "ward": one.ward,
    }


def _pile(one: Pile) -> PileView:
    return PileView(count=one.count, first=[RowView(**_row(row)) for row in one.rows])


def _problem(one: Trouble) -> ProblemView:
    found = one.problem
    return ProblemView(
        **_row(one.row) | {"since": found.since},
        outcome=found.outcome,
        remedy=found.advice.code,
        next_action=found.advice.text,
        next_action_id=found.advice.text_id,
    )


def work_view(work: Work) -> WorkView:
    return WorkView(
        today=work.today,
        recorded=_pile(work.recorded),
        unsent=_pile(work.unsent),
        undecided=_pile(work.undecided),
        problems=ProblemsView(
            count=work.problems, first=[_problem(one) for one in work.first_problems]
        ),
        with_others=ProblemsView(
            count=work.with_others, first=[_problem(one) for one in work.first_with_others]
        ),
        at_least=work.are_more,
        printable=_pile(work.printable),
        held=work.held,
        uncollected=_pile(work.uncollected),
        to_withdraw=work.to_withdraw,
        images_overdue=work.others.images_overdue,
        deletions_asked=work.others.deletions_asked,
        refused_for_good=work.others.refused_for_good,
    )


class SpellView(BaseModel):
    seen: Seen
    began_at: datetime
    ended_at: datetime


class ColumnView(BaseModel):
    began_at: datetime
    waiting_max: int = Field(description="The longest queue in this time")
    carried_bytes: int = Field(description="Acknowledged by the centre in this time")


class LineHistoryView(BaseModel):
    """The line's last days as this server saw them, minute by minute."""

    since: datetime
    until: datetime
    outages: int
    down_seconds: int
    slow_seconds: int
    unseen_seconds: int = Field(description="This server did not run, or had not heard anything")
    longest_seconds: int = Field(description="The longest outage")
    spells: list[SpellView]
    columns: list[ColumnView]


def line_view(story: LineStory) -> LineHistoryView:
    total = story.totals
    return LineHistoryView(
        since=story.since,
        until=story.until,
        outages=total.outages,
        down_seconds=int(total.down.total_seconds()),
        slow_seconds=int(total.slow.total_seconds()),
        unseen_seconds=int(total.unseen.total_seconds()),
        longest_seconds=int(total.longest.total_seconds()),
        spells=[
            SpellView(seen=one.seen, began_at=one.began_at, ended_at=one.ended_at)
            for one in story.spells
        ],
        columns=[
            ColumnView(
                began_at=one.began_at,
                waiting_max=one.waiting_max,
                carried_bytes=one.carried_bytes,
            )
            for one in story.columns
        ],
    )


class DeskCheck(Strict):
    nik: Annotated[NikText, Field(description="16 digits; in a body, never in an address")]


class DeskCheckView(BaseModel):
    """Whether to record the person at the desk. It says nothing of who that is."""

    advice: Advice
    may_record: bool
    recordable_on: date | None = Field(description="Under 16: the first day")
    printable_on: date | None = Field(description="When a card may be printed, if not yet")
    warnings: list[str] = Field(description="What the NIK and the list disagree about")
    ward: str | None = Field(description="On the residents' list; null: not listed")
    recording_id: UUID | None = Field(description="The recording that stands here")
    official_status: OfficialStatus | None
    earlier: list[UUID] = Field(description="Other recordings of this NIK here, newest first")
    letters: int = Field(0, description="Invitations sent to whoever is not recorded here")
    lettered_on: date | None = Field(None, description="The day the last one was carried")
    whereabouts: str | None = Field(None, description="What was heard: in_town, ill, away, …")
    search_closed: str | None = Field(None, description="Why nobody is invited any more")


class EventView(BaseModel):
    at: datetime
    kind: str = Field(description="recorded, sent, decided, permitted, printed, revoked, …")
    details: dict[str, str] = Field(description="Codes and ids, never data of a person")


class ImageView(BaseModel):
    part: str
    size_bytes: int
    handed_in_at: datetime
    received_at: datetime | None = Field(description="At the centre since; null: not yet")
    is_damaged: bool


class DossierView(BaseModel):
    """Everything that is written here about one recording, in order of time."""

    recording_id: UUID
    seq: int
    captured_at: datetime
    recorded_at: datetime
    officer: str
    place: str
    ward: str
    is_live: bool = Field(description="It stands for its NIK here")
    events: list[EventView]
    images: list[ImageView]
    images_overdue: int


def dossier_view(found: Dossier) -> DossierView:
    taken = found.taken
    return DossierView(
        recording_id=taken.recording_id,
        seq=taken.seq,
        captured_at=taken.captured_at,
        recorded_at=taken.recorded_at,
        officer=taken.officer,
        place=taken.place,
        ward=taken.ward,
        is_live=taken.is_live,
        events=[
            EventView(at=one.at, kind=one.kind, details=dict(one.details)) for one in found.events
        ],
        images=[
            ImageView(
                part=one.part,
                size_bytes=one.size_bytes,
                handed_in_at=one.handed_in_at,
                received_at=one.received_at,
                is_damaged=one.is_damaged,
            )
            for one in found.images
        ],
        images_overdue=found.images_overdue,
    )


def desk_view(found: AtTheDesk, *, may_record: bool) -> DeskCheckView:
    checked, invited = found.checked, found.invited
    return DeskCheckView(
        advice=checked.advice,
        may_record=may_record,
        recordable_on=checked.recordable_on,
        printable_on=checked.printable_on,
        warnings=[one.value for one in checked.warnings],
        ward=found.ward,
        recording_id=found.live.recording_id if found.live else None,
        official_status=found.live.official_status if found.live else None,
        earlier=list(found.earlier),
        letters=invited.letters if invited else 0,
        lettered_on=invited.lettered_on if invited else None,
        whereabouts=invited.whereabouts if invited else None,
        search_closed=invited.closed if invited else None,
    )
