"""Who is written to, when again, and what closes a search. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

LETTERS_MAX = 3  # to one person without an answer: then somebody goes there
ANSWER_DAYS = 14  # how long a letter invites
SATURDAY = 5
# No two of these look alike on paper; twenty of them are 99 bits.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
TOKEN_SIGNS = 20

T = TypeVar("T")


class Whereabouts(StrEnum):
    """Where an unrecorded person is, as somebody said. Another axis than residency."""

    IN_TOWN = "in_town"
    AWAY = "away"
    ILL = "ill"  # cannot come: is recorded at home
    ABROAD = "abroad"
    DEAD = "dead"
    MOVED = "moved"
    RECORDED_ELSEWHERE = "recorded_elsewhere"
    UNKNOWN = "unknown"  # nobody at the address knows


class Source(StrEnum):
    """Who said it."""

    CITIZEN = "citizen"  # by the page of the letter, with the birth date
    FAMILY = "family"
    NEIGHBOURHOOD = "neighbourhood"  # the head of the RT or RW
    VISIT = "visit"
    DESK = "desk"


class Reason(StrEnum):
    """Why somebody is not invited any more."""

    DEAD = "dead"
    MOVED = "moved"
    RECORDED_ELSEWHERE = "recorded_elsewhere"
    ABROAD = "abroad"
    LISTED_WRONGLY = "listed_wrongly"  # twice on the list, or no such person
    NOT_FOUND = "not_found"


class Need(StrEnum):
    """What is to be done next about somebody who is not recorded."""

    LETTER = "letter"
    WAIT = "wait"  # for an answer, or until it is time to write again
    HOME_VISIT = "home_visit"
    CHECK = "check"  # somebody said what would close the search: an officer finds out
    VISIT = "visit"  # letters were not answered
    ADDRESS = "address"  # the list names no name or no street
    NOTHING = "nothing"  # closed


# What would close a search if an officer said so with a source.
CLOSING: Mapping[Whereabouts, Reason] = {
    Whereabouts.DEAD: Reason.DEAD,
    Whereabouts.MOVED: Reason.MOVED,
    Whereabouts.RECORDED_ELSEWHERE: Reason.RECORDED_ELSEWHERE,
}
# Days after the answer until the next letter, beside the office's own for who is in town.
AWAY_DAYS = 60
ABROAD_DAYS = 365


@dataclass(frozen=True, slots=True)
class Heard:
    """The newest word on somebody's whereabouts."""

    whereabouts: Whereabouts
    source: Source
    on: date
    forward_to: str | None = None  # an address; with `away` only


@dataclass(frozen=True, slots=True)
class Standing:
    """How far we are with one person who is not recorded."""

    has_address: bool = True
    letters: int = 0
    lettered_on: date | None = None  # the day the newest letter is carried
    heard: Heard | None = None
    closed: Reason | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What is next. `not_before` is the day it is due; of `nothing` and `address`, none."""

    need: Need
    not_before: date | None


def next_step(standing: Standing, today: date, again_days: int) -> Step:
    """Choose what is next. A letter is due when `need` is letter: then its day has come.

    again_days: how long a letter, or an answer from town, is waited upon.
    """
    heard, lettered_on = standing.heard, standing.lettered_on
    if standing.closed is not None:
        return Step(Need.NOTHING, None)
    if heard is not None and heard.whereabouts in CLOSING:
        return Step(Need.CHECK, heard.on)
    if heard is not None and heard.whereabouts is Whereabouts.ILL:
        return Step(Need.HOME_VISIT, heard.on)
    if not standing.has_address and (heard is None or heard.forward_to is None):
        return Step(Need.ADDRESS, None)
    due = _due(standing, again_days)
    if due is not None and due > today:
        return Step(Need.WAIT, due)
    is_answered = heard is not None and (lettered_on is None or heard.on >= lettered_on)
    if standing.letters >= LETTERS_MAX and not is_answered:
        return Step(Need.VISIT, due)
    return Step(Need.LETTER, due)


def _due(standing: Standing, again_days: int) -> date | None:
    """The day from which a letter may go; None: from the beginning."""
    heard, lettered_on = standing.heard, standing.lettered_on
    days = []
    if lettered_on is not None:
        days.append(lettered_on + timedelta(days=again_days))
    if heard is not None:
        if heard.forward_to is not None:
            # The forwarded letter goes at once; only the one after it waits.
            if lettered_on is None or lettered_on < heard.on:
                return heard.on
            return lettered_on + timedelta(days=AWAY_DAYS)
        wait = {Whereabouts.AWAY: AWAY_DAYS, Whereabouts.ABROAD: ABROAD_DAYS}
        days.append(heard.on + timedelta(days=wait.get(heard.whereabouts, again_days)))
    return max(days, default=None)


def reason_given(whereabouts: Whereabouts, source: Source) -> Reason | None:
    """What an officer's word closes at once. A citizen's reply alone closes nothing."""
    return None if source is Source.CITIZEN else CLOSING.get(whereabouts)


def workdays(first: date) -> Iterator[date]:
    """Mondays to Fridays from `first` on; holidays are the office's to leave out."""
    day = first
    while True:
        if day.weekday() < SATURDAY:
            yield day
        day += timedelta(days=1)


def spread_over_days(
    in_order: Sequence[T], first: date, per_day: int
) -> Iterator[tuple[date, Sequence[T]]]:
    """Cut one ward's letters into days of at most `per_day`, keeping their order."""
    for start, day in zip(range(0, len(in_order), per_day), workdays(first), strict=False):
        yield day, in_order[start : start + per_day]


def answer_until(day: date) -> date:
    return day + timedelta(days=ANSWER_DAYS)


def letter_number(day: date, ward: str, place: int) -> str:
    """`470/61.72.05.1001/171016-07/UND`: unique, and it says where the letter belongs."""
    return f"470/{ward}/{day:%y%m%d}-{place:02d}/UND"


def token_of(random_bytes: bytes) -> str:
    """A letter's token out of 16 random bytes: nobody guesses it, and it can be typed."""
    number = int.from_bytes(random_bytes)
    found = []
    for _ in range(TOKEN_SIGNS):
        number, place = divmod(number, len(ALPHABET))
        found.append(ALPHABET[place])
    return "".join(found)
