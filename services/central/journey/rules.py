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
    REVOKED = "revoked"  # no permission, and no card of it that stands
    TO_WITHDRAW = "to_withdraw"  # its permission was taken back, and the card is out


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
    REVOKE = "revoke"


TRANSITIONS: dict[tuple[Stage, Event], Stage] = {
    (Stage.RECEIVED, Event.HOLD): Stage.HELD,
    (Stage.RECEIVED, Event.SET_ASIDE): Stage.SET_ASIDE,
    (Stage.HELD, Event.TRY_AGAIN): Stage.RECEIVED,
    (Stage.SET_ASIDE, Event.TRY_AGAIN): Stage.RECEIVED,
    (Stage.RECEIVED, Event.FIND_UNIQUE): Stage.PERMITTED,
    (Stage.RECEIVED, Event.FIND_OTHERWISE): Stage.SETTLED,
    # A decision that was not the last word: see `deciding`.
    (Stage.SETTLED, Event.FIND_UNIQUE): Stage.PERMITTED,
    (Stage.SETTLED, Event.FIND_OTHERWISE): Stage.SETTLED,
    (Stage.PERMITTED, Event.TAKE_PRINTED): Stage.PRINTED,
    (Stage.PERMITTED, Event.TAKE_SPOILED): Stage.SPOILED,
    (Stage.SPOILED, Event.PERMIT_AGAIN): Stage.PERMITTED,
    (Stage.PRINTED, Event.TAKE_ISSUED): Stage.ISSUED,
    # Not spent in time: the region gave it up and asked for another.
    (Stage.PERMITTED, Event.PERMIT_AGAIN): Stage.PERMITTED,
    (Stage.PERMITTED, Event.REVOKE): Stage.REVOKED,
    (Stage.SPOILED, Event.REVOKE): Stage.REVOKED,
    (Stage.PRINTED, Event.REVOKE): Stage.TO_WITHDRAW,
    (Stage.ISSUED, Event.REVOKE): Stage.TO_WITHDRAW,
    # Printed or handed over before the region had read the revocation.
    (Stage.REVOKED, Event.TAKE_PRINTED): Stage.TO_WITHDRAW,
    (Stage.TO_WITHDRAW, Event.TAKE_ISSUED): Stage.TO_WITHDRAW,
    (Stage.REVOKED, Event.TAKE_SPOILED): Stage.REVOKED,
    (Stage.TO_WITHDRAW, Event.TAKE_SPOILED): Stage.REVOKED,
    (Stage.REVOKED, Event.PERMIT_AGAIN): Stage.PERMITTED,
    (Stage.TO_WITHDRAW, Event.PERMIT_AGAIN): Stage.PERMITTED,
    # Officers found that an audit was right: taken back first, then told as a duplicate.
    (Stage.REVOKED, Event.FIND_OTHERWISE): Stage.SETTLED,
    (Stage.TO_WITHDRAW, Event.FIND_OTHERWISE): Stage.TO_WITHDRAW,
}


def event_of(outcome: Outcome) -> Event:
    return Event.FIND_UNIQUE if outcome is Outcome.PRINT_READY_RECORD else Event.FIND_OTHERWISE


def advance(stage: Stage, event: Event) -> Stage | None:
    """The stage that follows; None when the table has no such step."""
    return TRANSITIONS.get((stage, event))
