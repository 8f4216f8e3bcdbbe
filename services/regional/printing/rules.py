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
