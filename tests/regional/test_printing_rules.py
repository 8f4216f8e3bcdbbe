"""May this card be printed, here, now? What may follow which state."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.regional.printing.rules import (
    CardState,
    Expired,
    NotForHere,
    Printable,
    TooYoung,
    may_follow,
    may_print,
)
from shared.contracts.authorization import AuthorizationClaims, office_of
from shared.contracts.recording import CardData
from tests.recordings import NOON, a_recording, nik
from tests.town import NEIGHBOUR, REGION

pytestmark = pytest.mark.rules

TODAY = NOON.date()
EXPIRES = NOON + timedelta(days=730)


def a_card(**changes: object) -> CardData:
    return a_recording(card=changes).card


def claims_for(card: CardData, region: str = REGION) -> AuthorizationClaims:
    return AuthorizationClaims(
        iss="tunggal-central",
        aud=office_of(region),
        sub=UUID(int=1),
        jti=UUID(int=2),
        nik=card.nik,
        card_sha256=card.digest(),
        iat=int(NOON.timestamp()),
        exp=int(EXPIRES.timestamp()),
        epoch=1,
    )


def test_a_permission_for_this_card_at_this_office_allows_it() -> None:
    card = a_card()

    assert may_print(claims_for(card), card, REGION, NOON, TODAY) == Printable(card)


def test_another_offices_permission_does_not() -> None:
    card = a_card()

    assert may_print(claims_for(card, NEIGHBOUR), card, REGION, NOON, TODAY) == NotForHere()


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "NAMA LAIN"},
        {"birth_date": "1991-07-12"},
        {"sex": "male"},
        {"nik": nik(4)},
        {"blood_group": "A"},
        {"occupation": "GURU"},
        {"address": {"street": "LAIN", "rt": "003", "rw": "001", "ward": "61.72.02.1001"}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_permission_is_for_exactly_the_card_data_it_was_given_for(
    changes: dict[str, object],
) -> None:
    claims, changed = claims_for(a_card()), a_card(**changes)

    assert may_print(claims, changed, REGION, NOON, TODAY) == NotForHere()


def test_a_permission_ends_in_the_very_second_it_expires() -> None:
    card = a_card()
    claims = claims_for(card)

    before = may_print(claims, card, REGION, EXPIRES - timedelta(microseconds=1), TODAY)
    at = may_print(claims, card, REGION, EXPIRES, TODAY)

    assert before == Printable(card)
    assert at == Expired(EXPIRES.astimezone(UTC))


@dataclass(frozen=True)
class Holder:
    born: str
    marital_status: str
    printable_on: date


@pytest.mark.parametrize(
    "holder",
    [
        Holder("2000-10-13", "never_married", date(2017, 10, 13)),
        Holder("2000-10-14", "never_married", date(2017, 10, 14)),
        Holder("2000-02-29", "never_married", date(2017, 3, 1)),
        Holder("2004-02-29", "never_married", date(2021, 3, 1)),
        Holder("2001-01-01", "married", date(2001, 1, 1)),
        Holder("2001-01-01", "divorced", date(2001, 1, 1)),
        Holder("2001-01-01", "widowed", date(2001, 1, 1)),
    ],
    ids=str,
)
def test_a_card_is_printed_from_its_holders_day_on_and_not_a_day_before(holder: Holder) -> None:
    card = a_card(birth_date=holder.born, marital_status=holder.marital_status)
    claims, day = claims_for(card), holder.printable_on

    before = may_print(claims, card, REGION, NOON, day - timedelta(days=1))

    assert before == TooYoung(day)
    assert may_print(claims, card, REGION, NOON, day) == Printable(card)


def test_a_card_ends_spoiled_or_issued_and_never_begins_again() -> None:
    follows = {
        (before, after) for before in CardState for after in CardState if may_follow(before, after)
    }

    assert follows == {
        (CardState.PRINTING, CardState.PRINTED),
        (CardState.PRINTING, CardState.SPOILED),
        (CardState.PRINTED, CardState.ISSUED),
    }


def test_the_office_is_asked_for_its_own_date() -> None:
    """On the eve in UTC the birthday has begun in Singkawang: `today` decides, not `now`."""
    card = a_card(birth_date="2000-10-14")
    eve = datetime(2017, 10, 13, 18, tzinfo=UTC)

    assert may_print(claims_for(card), card, REGION, eve, date(2017, 10, 14)) == Printable(card)
