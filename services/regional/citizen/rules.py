"""What a citizen is told about one recording, before it is put into words. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.regional.citizen import curves
from services.regional.citizen.curves import Curve, Range
from services.regional.journey.overtakes import OvertakeCause, trouble_of
from services.regional.journey.rules import Cause, OfficialStatus, Stage
from services.regional.journey.standing import Standing, StandingStep
from shared.contracts.outcomes import Outcome


class WaitStage(StrEnum):
    """The parts of a wait that are learnt one by one."""

    LINE = "line"  # from recorded to acknowledged by the centre
    CENTRE = "centre"  # from acknowledged to the first decision read here
    PEOPLE = "people"  # compared by two officers
    SEARCH = "search"  # the centre searches once more
    OFFICE = "office"  # this office looks once more
    CITIZEN = "citizen"  # the person comes and chooses
    PRINTING = "printing"  # from permission to a printed card
    FRESH = "fresh"  # from a spoiled blank to a fresh permission
    COLLECTION = "collection"  # from printed to handed over


class JourneyStep(StrEnum):
    """The way to a card in six steps, as a citizen sees it."""

    RECORDED = "recorded"
    SENT = "sent"
    CHECKED = "checked"
    PERMITTED = "permitted"
    PRINTED = "printed"
    HANDED_OVER = "handed_over"


STEPS = tuple(JourneyStep)


class StepState(StrEnum):
    DONE = "done"
    NOW = "now"
    STUCK = "stuck"  # somebody must act before it goes on
    LATER = "later"


class Actor(StrEnum):
    """Who acts next."""

    YOU = "you"
    OFFICE = "office"
    OFFICE_ELSEWHERE = "office_elsewhere"
    CENTRE = "centre"
    OFFICERS_AT_THE_CENTRE = "officers_at_the_centre"
    TIME = "time"
    NOBODY = "nobody"


_AT: dict[Stage, tuple[JourneyStep, StepState]] = {
    Stage.QUEUED: (JourneyStep.SENT, StepState.NOW),
    Stage.SENT: (JourneyStep.SENT, StepState.NOW),
    Stage.AT_CENTRE: (JourneyStep.CHECKED, StepState.NOW),
    Stage.UNSETTLED: (JourneyStep.CHECKED, StepState.STUCK),
    Stage.PRINTABLE: (JourneyStep.PRINTED, StepState.NOW),
    Stage.PRINTING: (JourneyStep.PRINTED, StepState.NOW),
    Stage.SPOILED: (JourneyStep.PERMITTED, StepState.NOW),
    Stage.PRINTED: (JourneyStep.HANDED_OVER, StepState.NOW),
    Stage.ISSUED: (JourneyStep.HANDED_OVER, StepState.DONE),
    Stage.REVOKED: (JourneyStep.PERMITTED, StepState.STUCK),
    Stage.TO_WITHDRAW: (JourneyStep.PRINTED, StepState.STUCK),
    Stage.DELETED: (JourneyStep.RECORDED, StepState.STUCK),
}
_DONE_BY = {
    "recorded": JourneyStep.RECORDED,
    "receipted": JourneyStep.SENT,
    "card_printed": JourneyStep.PRINTED,
    "card_issued": JourneyStep.HANDED_OVER,
}
_WAITS = {
    JourneyStep.SENT: WaitStage.LINE,
    JourneyStep.CHECKED: WaitStage.CENTRE,
    JourneyStep.PRINTED: WaitStage.PRINTING,
}
_CAUSE_WAITS = {
    Cause.QUEUE: WaitStage.LINE,
    Cause.ADJUDICATION: WaitStage.PEOPLE,
    Cause.BLANK_CARD: WaitStage.PRINTING,
    Cause.NEW_PERMISSION: WaitStage.FRESH,
}


@dataclass(frozen=True, slots=True)
class StepShown:
    """at: when it was done, if that is known. usual: how long it usually takes, for later ones."""

    step: JourneyStep
    state: StepState
    at: datetime | None = None
    usual: Range | None = None


def steps_of(
    stage: Stage, timeline: Iterable[StandingStep], learnt: Mapping[WaitStage, Curve]
) -> list[StepShown]:
    """All six steps, in order."""
    current, state = _AT[stage]
    place = STEPS.index(current)
    moments: dict[JourneyStep, datetime] = {}
    for one in timeline:
        if one.event == "permitted":
            moments[JourneyStep.CHECKED] = moments[JourneyStep.PERMITTED] = one.at
        elif one.event in _DONE_BY:
            moments[_DONE_BY[one.event]] = one.at
    shown = []
    for number, step in enumerate(STEPS):
        if number < place or (number == place and state is StepState.DONE):
            shown.append(StepShown(step, StepState.DONE, moments.get(step)))
        elif number == place:
            shown.append(StepShown(step, state))
        else:
            wait = _WAITS.get(step)
            curve = learnt.get(wait) if wait else None
            usual = curves.usual(curve) if curve else None
            shown.append(StepShown(step, StepState.LATER, usual=usual))
    return shown


class NoRange(StrEnum):
    """Why no range is told."""

    TOO_FEW = "too_few"  # too little was seen of such waits
    LONGER_THAN_SEEN = "longer_than_seen"  # it waits longer than nearly all that ended
    LINE_DOWN = "line_down"
    OTHERS = "others"  # it ends when somebody acts, not by itself
    YOURS = "yours"  # it ends when you come


@dataclass(frozen=True, slots=True)
class UntilDay:
    """It ends on this day."""

    day: date


Wait = Range | NoRange | UntilDay


def wait_stage(cause: Cause, outcome: Outcome | None, stage: Stage) -> WaitStage | None:
    """Which wait is being waited; None when what was learnt says nothing about it."""
    if cause is Cause.PENUNGGALAN:
        return WaitStage.CENTRE if stage is Stage.AT_CENTRE else WaitStage.SEARCH
    if cause is Cause.OFFICER and outcome is Outcome.REQUEST_VALIDATION:
        return WaitStage.OFFICE
    if cause is Cause.OFFICER and stage is Stage.PRINTING:
        return WaitStage.PRINTING
    return _CAUSE_WAITS.get(cause)


def wait_of(
    standing: Standing,
    learnt: Mapping[WaitStage, Curve],
    now: datetime,
    printable_on: date | None = None,
) -> Wait:
    """How long it may still take until the next thing happens. Never a promise."""
    cause = standing.waits_for
    if cause is Cause.AGE and printable_on is not None:
        return UntilDay(printable_on)
    if cause is Cause.LINE:
        return NoRange.LINE_DOWN
    if cause in (Cause.CITIZEN, Cause.NOT_COLLECTED):
        return NoRange.YOURS
    stage = wait_stage(cause, standing.outcome, standing.stage)
    if stage is None:
        return NoRange.OTHERS
    curve = learnt.get(stage, curves.NOTHING_SEEN)
    waited = max(0.0, (now - waiting_since(standing)).total_seconds())
    found = curves.remaining(curve, waited)
    if found is not None:
        return found
    return NoRange.LONGER_THAN_SEEN if curve.count >= curves.ENOUGH else NoRange.TOO_FEW


def waiting_since(standing: Standing) -> datetime:
    """When the wait began that is learnt: offered again and again, it still waits for the line."""
    if standing.stage in (Stage.QUEUED, Stage.SENT):
        return standing.timeline[0].at
    return standing.since


# What an office says in one word (the suket's corner: Pro, SFE, PRR, DUP, Efac).
SHORT_CODES = {
    OfficialStatus.PROCESSING: "Pro",
    OfficialStatus.SENT_FOR_ENROLLMENT: "SFE",
    OfficialStatus.PRINT_READY_RECORD: "PRR",
    OfficialStatus.DUPLICATE_RECORD: "DUP",
    OfficialStatus.ENROLL_FAILURE_AT_CENTRAL: "Efac",
}


def short_code(status: OfficialStatus) -> str:
    return SHORT_CODES.get(status, status.value)


class QueueName(StrEnum):
    """In which queue a place is told."""

    LINE = "line"
    CENTRE = "centre"
    PRINTING = "printing"


@dataclass(frozen=True, slots=True)
class InQueue:
    """before: how many are before it; at_least when more were not counted."""

    place: QueueName
    before: int
    at_least: bool = False


def what_keeps(standing: Standing) -> OvertakeCause | None:
    """Why others are permitted before a recording that is not; None when nothing is known."""
    if standing.waits_for is Cause.PROGRAM:
        return OvertakeCause.PROGRAM
    if standing.outcome is None or standing.outcome is Outcome.PRINT_READY_RECORD:
        return None
    return trouble_of(standing.outcome, standing.reason)
