"""May this card be printed, here, now? What may follow which state. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from services.regional.journey.rules import first_printable_day
from shared.contracts.authorization import AuthorizationClaims, office_of
from shared.contracts.recording import CardData


class CardState(StrEnum):
    PRINTING = "printing"  # intent on disk; the printer may or may not have started
    PRINTED = "printed"
    SPOILED = "spoiled"
    ISSUED = "issued"


_FOLLOWS = {
    CardState.PRINTING: {CardState.PRINTED, CardState.SPOILED},
    CardState.PRINTED: {CardState.ISSUED},
    CardState.SPOILED: set(),
    CardState.ISSUED: set(),
}


# Its permission was taken back: the card is not handed over, and its blank ends destroyed.
_FOLLOWS_REVOKED = {
    CardState.PRINTING: {CardState.PRINTED, CardState.SPOILED},
    CardState.PRINTED: {CardState.SPOILED},
    CardState.SPOILED: set(),
    CardState.ISSUED: {CardState.SPOILED},
}
WITHDRAWN = "withdrawn"


def may_follow(before: CardState, after: CardState, *, is_revoked: bool = False) -> bool:
    return after in (_FOLLOWS_REVOKED if is_revoked else _FOLLOWS)[before]


@dataclass(frozen=True, slots=True)
class Printable:
    card: CardData


@dataclass(frozen=True, slots=True)
class NotForHere:
    """Addressed to another office, another recording or other card data."""


@dataclass(frozen=True, slots=True)
class Expired:
    expired_at: datetime


@dataclass(frozen=True, slots=True)
class TooYoung:
    printable_on: date


Ruling = Printable | NotForHere | Expired | TooYoung


def may_print(
    claims: AuthorizationClaims, card: CardData, region: str, now: datetime, today: date
) -> Ruling:
    """Rule on a permission whose signature holds. `today` is the office's date."""
    if (
        claims.aud != office_of(region)
        or claims.card_sha256 != card.digest()
        or claims.nik != card.nik
    ):
        return NotForHere()
    if now.timestamp() >= claims.exp:
        return Expired(datetime.fromtimestamp(claims.exp, UTC))
    printable_on = first_printable_day(card.birth_date, card.marital_status)
    if today < printable_on:
        return TooYoung(printable_on)
    return Printable(card)


class Ground(StrEnum):
    """Why a card is printed before older permissions: what offices really do (domain facts, §5)."""

    FIRST_CARD = "first-card"
    SUKET_EXPIRING = "suket-expiring"
    MEDICAL = "medical"
    EXAM = "exam"
    WORK = "work"
    TRAVEL = "travel"
    COURT = "court"
    DISABILITY = "disability"
    FAR_AWAY = "far-away"
    OFFICE_ERROR = "office-error"


TURN_WINDOW = 100
TURN_WINDOW_MAX = 10_000


def is_in_turn(ahead: int, window: int) -> bool:
    """Whether a card may be printed with so many older permissions that could be printed now.

    Several desks take from the oldest `window`, each its own batch.
    """
    return ahead < window


class Collector(StrEnum):
    SELF = "self"
    FAMILY = "family"
    NOT_TOLD = "not_told"  # by a program that does not ask


@dataclass(frozen=True, slots=True)
class Relative:
    """Whoever collects for another: the NIK, and the number on the family card that was shown."""

    nik: int
    family_card: int


class NotFamily(StrEnum):
    SAME_PERSON = "same-person"
    HOLDERS_CARD_UNKNOWN = "holders-family-card-unknown"
    OTHER_FAMILY_CARD = "other-family-card"
    RELATIVE_ELSEWHERE = "relative-on-another-family-card"


def why_not_family(
    relative: Relative, holder_nik: int | None, holders: frozenset[int], relatives: frozenset[int]
) -> NotFamily | None:
    """None: both are on the family card that was shown.

    holders, relatives: family cards each is known on here; of a relative none may be known.
    """
    if relative.nik == holder_nik:
        return NotFamily.SAME_PERSON
    if not holders:
        return NotFamily.HOLDERS_CARD_UNKNOWN
    if relative.family_card not in holders:
        return NotFamily.OTHER_FAMILY_CARD
    if relatives and relative.family_card not in relatives:
        return NotFamily.RELATIVE_ELSEWHERE
    return None


class BlankRule(StrEnum):
    COUNTED = "counted"
    FREE = "free"


def must_be_received(rule: BlankRule | None, *, is_any_received: bool) -> bool:
    """Whether only blanks of a delivery may be used. No rule: once a delivery was entered."""
    return is_any_received if rule is None else rule is BlankRule.COUNTED
