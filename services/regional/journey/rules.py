"""Stages, events, the one transition table, and the official statuses. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.contracts.outcomes import REMEDIES, Outcome, Owner
from shared.contracts.recording import MaritalStatus

PRINT_AGE_YEARS = 17
RECORD_AGE_YEARS = 16


class Stage(StrEnum):
    """Where a recording is, in our few words."""

    QUEUED = "queued"
    SENT = "sent"
    AT_CENTRE = "at_centre"
    UNSETTLED = "unsettled"  # decided, but somebody must act before it can be printed
    PRINTABLE = "printable"
    PRINTING = "printing"
    SPOILED = "spoiled"
    PRINTED = "printed"
    ISSUED = "issued"
    REVOKED = "revoked"  # the centre took the permission back, and no card of it stands
    TO_WITHDRAW = "to_withdraw"  # the same, and the card is out
    DELETED = "deleted"  # at the centre, with the person's consent; it stays in the books


class Event(StrEnum):
    OFFERED = "offered"
    RECEIPTED = "receipted"
    PERMITTED = "permitted"
    NOT_PERMITTED = "not_permitted"
    PRINT_INTENDED = "print_intended"
    CARD_SPOILED = "card_spoiled"
    CARD_PRINTED = "card_printed"
    CARD_ISSUED = "card_issued"
    REVOKED = "revoked"
    DELETED = "deleted"


TRANSITIONS: dict[tuple[Stage, Event], Stage] = {
    (Stage.QUEUED, Event.OFFERED): Stage.SENT,
    (Stage.QUEUED, Event.RECEIPTED): Stage.AT_CENTRE,
    (Stage.SENT, Event.OFFERED): Stage.SENT,
    (Stage.SENT, Event.RECEIPTED): Stage.AT_CENTRE,
    # The decision may be read before the receipt is: the feed comes by another connection.
    (Stage.SENT, Event.PERMITTED): Stage.PRINTABLE,
    (Stage.SENT, Event.NOT_PERMITTED): Stage.UNSETTLED,
    (Stage.AT_CENTRE, Event.PERMITTED): Stage.PRINTABLE,
    (Stage.AT_CENTRE, Event.NOT_PERMITTED): Stage.UNSETTLED,
    (Stage.UNSETTLED, Event.PERMITTED): Stage.PRINTABLE,
    (Stage.UNSETTLED, Event.NOT_PERMITTED): Stage.UNSETTLED,
    # After a restore of the centre another recording may have been permitted first.
    (Stage.PRINTABLE, Event.NOT_PERMITTED): Stage.UNSETTLED,
    (Stage.PRINTABLE, Event.PRINT_INTENDED): Stage.PRINTING,
    (Stage.PRINTING, Event.CARD_PRINTED): Stage.PRINTED,
    (Stage.PRINTING, Event.CARD_SPOILED): Stage.SPOILED,
    (Stage.SPOILED, Event.PERMITTED): Stage.PRINTABLE,
    (Stage.PRINTED, Event.CARD_ISSUED): Stage.ISSUED,
    # Not spent in time: given up, asked for anew, answered.
    (Stage.PRINTABLE, Event.PERMITTED): Stage.PRINTABLE,
    (Stage.PRINTABLE, Event.REVOKED): Stage.REVOKED,
    (Stage.SPOILED, Event.REVOKED): Stage.REVOKED,
    (Stage.UNSETTLED, Event.REVOKED): Stage.UNSETTLED,
    (Stage.PRINTING, Event.REVOKED): Stage.TO_WITHDRAW,
    (Stage.PRINTED, Event.REVOKED): Stage.TO_WITHDRAW,
    (Stage.ISSUED, Event.REVOKED): Stage.TO_WITHDRAW,
    # A card withdrawn: its events stand with its permission, before the revocation.
    (Stage.PRINTED, Event.CARD_SPOILED): Stage.SPOILED,
    (Stage.ISSUED, Event.CARD_SPOILED): Stage.SPOILED,
    (Stage.REVOKED, Event.PERMITTED): Stage.PRINTABLE,
    (Stage.TO_WITHDRAW, Event.PERMITTED): Stage.PRINTABLE,
    (Stage.REVOKED, Event.NOT_PERMITTED): Stage.UNSETTLED,
    (Stage.TO_WITHDRAW, Event.NOT_PERMITTED): Stage.TO_WITHDRAW,
    (Stage.REVOKED, Event.REVOKED): Stage.REVOKED,
    (Stage.TO_WITHDRAW, Event.REVOKED): Stage.TO_WITHDRAW,
    # Whatever permission it had was taken back before.
    (Stage.UNSETTLED, Event.DELETED): Stage.DELETED,
    (Stage.REVOKED, Event.DELETED): Stage.DELETED,
    # Deleted, and its card is out still: that one is to be withdrawn first.
    (Stage.TO_WITHDRAW, Event.DELETED): Stage.TO_WITHDRAW,
}


class OfficialStatus(StrEnum):
    """The statuses of the ministry's dashboard, as officers say them."""

    UNREGISTERED = "UNREGISTERED"
    BIO_CAPTURED = "BIO_CAPTURED"
    PROCESSING = "PROCESSING"
    SENT_FOR_ENROLLMENT = "SENT_FOR_ENROLLMENT"
    RECEIVED_AT_CENTRAL = "RECEIVED_AT_CENTRAL"
    ENROLL_FAILURE_AT_REGIONAL = "ENROLL_FAILURE_AT_REGIONAL"
    ENROLL_FAILURE_AT_CENTRAL = "ENROLL_FAILURE_AT_CENTRAL"
    SEARCH_FAILURE_AT_CENTRAL = "SEARCH_FAILURE_AT_CENTRAL"
    ADJUDICATE_RECORD = "ADJUDICATE_RECORD"
    REQUEST_VALIDATION = "REQUEST_VALIDATION"
    DUPLICATE_RECORD = "DUPLICATE_RECORD"
    PRINT_READY_RECORD = "PRINT_READY_RECORD"
    SENT_FOR_CARD_PRINTING = "SENT_FOR_CARD_PRINTING"
    CARD_PRINTED = "CARD_PRINTED"
    CARD_SHIPPED = "CARD_SHIPPED"
    CARD_ISSUED = "CARD_ISSUED"


_BY_STAGE: dict[Stage, OfficialStatus] = {
    Stage.QUEUED: OfficialStatus.PROCESSING,
    Stage.SENT: OfficialStatus.SENT_FOR_ENROLLMENT,
    Stage.AT_CENTRE: OfficialStatus.RECEIVED_AT_CENTRAL,
    Stage.PRINTABLE: OfficialStatus.PRINT_READY_RECORD,
    Stage.PRINTING: OfficialStatus.SENT_FOR_CARD_PRINTING,
    Stage.SPOILED: OfficialStatus.PRINT_READY_RECORD,
    Stage.PRINTED: OfficialStatus.CARD_PRINTED,
    Stage.ISSUED: OfficialStatus.CARD_ISSUED,
    # The ministry has no word for these two: the centre has the recording, the card was made.
    Stage.REVOKED: OfficialStatus.RECEIVED_AT_CENTRAL,
    Stage.TO_WITHDRAW: OfficialStatus.CARD_PRINTED,
    Stage.DELETED: OfficialStatus.UNREGISTERED,
}


class IllegalStep(Exception):
    """The facts tell a story that cannot happen: a bug, never a refusal."""


def advance(stage: Stage, event: Event) -> Stage:
    """Raises IllegalStep for anything the table does not name."""
    try:
        return TRANSITIONS[stage, event]
    except KeyError:
        raise IllegalStep(f"{event} at {stage}") from None


def official_status(stage: Stage, outcome: Outcome | None) -> OfficialStatus:
    """The officers' word for a stage; `outcome` is the newest decision, None before there is."""
    if stage is Stage.UNSETTLED:
        return OfficialStatus((outcome or Outcome.SEARCH_FAILURE_AT_CENTRAL).value)
    return _BY_STAGE[stage]


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to a recording, with its own time (aware, UTC)."""

    event: Event
    at: datetime
    outcome: Outcome | None = None


def story(happenings: Iterable[Happening]) -> list[tuple[Stage, Happening]]:
    """The stage after each happening, in order. Raises IllegalStep."""
    stage = Stage.QUEUED
    told = []
    for happening in happenings:
        stage = advance(stage, happening.event)
        told.append((stage, happening))
    return told


class Cause(StrEnum):
    """Why a recording waits: each is another person's or thing's to end."""

    LINE = "line"
    QUEUE = "queue"
    PENUNGGALAN = "penunggalan"
    ADJUDICATION = "adjudication"
    OFFICER = "officer"
    CITIZEN = "citizen"
    AGE = "age"
    BLANK_CARD = "blank_card"
    NEW_PERMISSION = "new_permission"
    NOT_COLLECTED = "not_collected"
    PROGRAM = "program"
    DELETION = "deletion"
    NOTHING = "nothing"


_OWNER_CAUSES = {
    Owner.REGION: Cause.OFFICER,
    Owner.CENTRE: Cause.PENUNGGALAN,
    Owner.ADJUDICATOR: Cause.ADJUDICATION,
    Owner.CITIZEN: Cause.CITIZEN,
}


def waiting_cause(
    stage: Stage,
    outcome: Outcome | None,
    *,
    is_line_down: bool,
    is_too_young: bool,
    has_held_answer: bool = False,
) -> Cause:
    """What a recording at this stage waits for."""
    if has_held_answer:
        return Cause.PROGRAM
    if stage in (Stage.QUEUED, Stage.SENT):
        return Cause.LINE if is_line_down else Cause.QUEUE
    if stage is Stage.UNSETTLED and outcome is not None:
        return _OWNER_CAUSES[REMEDIES[outcome].owner]
    if stage is Stage.PRINTABLE and is_too_young:
        return Cause.AGE
    return {
        Stage.AT_CENTRE: Cause.PENUNGGALAN,
        Stage.UNSETTLED: Cause.PENUNGGALAN,
        Stage.PRINTABLE: Cause.BLANK_CARD,
        Stage.PRINTING: Cause.OFFICER,
        Stage.SPOILED: Cause.NEW_PERMISSION,
        Stage.PRINTED: Cause.NOT_COLLECTED,
        Stage.ISSUED: Cause.NOTHING,
        Stage.REVOKED: Cause.OFFICER,
        Stage.TO_WITHDRAW: Cause.OFFICER,
        Stage.DELETED: Cause.DELETION,
    }[stage]


def first_printable_day(birth_date: date, marital_status: MaritalStatus) -> date:
    """The 17th birthday; the birth date itself for whoever is or was married (UU 24/2013, 63).

    Who was born on 29 February turns 17 on 1 March of a common year: on 28 February the day has not
    come.
    """
    return _first_day(birth_date, marital_status, PRINT_AGE_YEARS)


def first_recordable_day(birth_date: date, marital_status: MaritalStatus) -> date:
    """The 16th birthday, told as `first_printable_day` tells the 17th."""
    return _first_day(birth_date, marital_status, RECORD_AGE_YEARS)


def _first_day(birth_date: date, marital_status: MaritalStatus, years: int) -> date:
    if marital_status is not MaritalStatus.NEVER_MARRIED:
        return birth_date
    year = birth_date.year + years
    if year > date.max.year:
        return date.max
    try:
        return birth_date.replace(year=year)
    except ValueError:
        return date(year, 3, 1)
