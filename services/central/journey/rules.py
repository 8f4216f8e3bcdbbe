"""The centre's stages and the one transition table. Pure."""

from enum import StrEnum

from shared.contracts.outcomes import Outcome


class Stage(StrEnum):
    RECEIVED = "received"
    HELD = "held"  # kind or version unknown to this centre
    SET_ASIDE = "set_aside"  # could not be settled
    SETTLED = "settled"
    PERMITTED = "permitted"
    PRINTED = "printed"
    SPOILED = "spoiled"
    ISSUED = "issued"


class Event(StrEnum):
    HOLD = "hold"
    SET_ASIDE = "set_aside"
    TRY_AGAIN = "try_again"
    FIND_UNIQUE = "find_unique"
    FIND_OTHERWISE = "find_otherwise"
    TAKE_PRINTED = "take_printed"
    TAKE_SPOILED = "take_spoiled"
    TAKE_ISSUED = "take_issued"
    PERMIT_AGAIN = "permit_again"


TRANSITIONS: dict[tuple[Stage, Event], Stage] = {
    (Stage.RECEIVED, Event.HOLD): Stage.HELD,
    (Stage.RECEIVED, Event.SET_ASIDE): Stage.SET_ASIDE,
    (Stage.HELD, Event.TRY_AGAIN): Stage.RECEIVED,
    (Stage.SET_ASIDE, Event.TRY_AGAIN): Stage.RECEIVED,
    (Stage.RECEIVED, Event.FIND_UNIQUE): Stage.PERMITTED,
    (Stage.RECEIVED, Event.FIND_OTHERWISE): Stage.SETTLED,
    (Stage.PERMITTED, Event.TAKE_PRINTED): Stage.PRINTED,
    (Stage.PERMITTED, Event.TAKE_SPOILED): Stage.SPOILED,
    (Stage.SPOILED, Event.PERMIT_AGAIN): Stage.PERMITTED,
    (Stage.PRINTED, Event.TAKE_ISSUED): Stage.ISSUED,
}


def event_of(outcome: Outcome) -> Event:
    return Event.FIND_UNIQUE if outcome is Outcome.PRINT_READY_RECORD else Event.FIND_OTHERWISE


def advance(stage: Stage, event: Event) -> Stage | None:
    """The stage that follows; None when the table has no such step."""
    return TRANSITIONS.get((stage, event))
