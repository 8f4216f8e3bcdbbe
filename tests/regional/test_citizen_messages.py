"""The short message: 160 letters that every phone and gateway shows, whatever is to be said."""

import string
from datetime import date

import pytest

from services.regional.citizen import words
from services.regional.citizen.curves import Range
from services.regional.citizen.rules import NoRange, UntilDay, Wait
from services.regional.citizen.speaking import MESSAGE_CHARACTERS_MAX, Speaker
from services.regional.citizen.steps import Told
from services.regional.journey.remedies import RemedyCode
from services.regional.journey.rules import Cause, Stage
from shared.contracts.outcomes import Outcome
from shared.pages.language import Language
from tests.regional.test_citizen_rules import AStanding

pytestmark = pytest.mark.rules

# The letters that take one place in an SMS (3GPP TS 23.038) and stand on every keyboard.
ONE_PLACE = set(string.ascii_letters + string.digits + " @$_!\"#%&'()*+,-./:;<=>?\n")
SPEAKER = Speaker("WITA")
LONGEST = Range(59 * 60.0, 47 * 3_600.0)


def _told(standing: AStanding, wait: Wait = NoRange.OTHERS, *, has_moved: bool = False) -> Told:
    return Told(standing, [], wait, None, None, None, is_past=False, has_moved_away=has_moved)


def _fits(told: Told, language: Language) -> str:
    message = SPEAKER.status(told, language).short_message
    assert len(message) <= MESSAGE_CHARACTERS_MAX, message
    assert set(message) <= ONE_PLACE, set(message) - ONE_PLACE
    return message


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("stage", Stage)
def test_every_message_fits(stage: Stage, language: Language) -> None:
    waits: list[Wait] = [LONGEST, *NoRange, UntilDay(date(2027, 12, 31))]
    outcomes = [None, *Outcome] if stage is Stage.UNSETTLED else [None]
    remedies = [None, *RemedyCode] if stage in (Stage.UNSETTLED, Stage.DELETED) else [None]
    for cause in Cause:
        for outcome in outcomes:
            for remedy in remedies:
                standing = AStanding(stage, cause, outcome, remedy=remedy)
                for wait in waits:
                    _fits(_told(standing, wait), language)
                _fits(_told(standing, has_moved=True), language)


@pytest.mark.parametrize("language", Language)
def test_whoever_was_never_recorded_here_gets_a_message_that_fits(language: Language) -> None:
    message = SPEAKER.not_recorded(language).short_message

    moved_in = [SPEAKER.recorded_elsewhere(status, language) for status in words.MOVED_IN]
    for text in (message, *(one.short_message for one in moved_in)):
        assert len(text) <= MESSAGE_CHARACTERS_MAX
        assert set(text) <= ONE_PLACE


def test_a_message_says_status_time_what_to_do_and_the_code() -> None:
    standing = AStanding(Stage.QUEUED, Cause.QUEUE)

    assert _fits(_told(standing), Language.INDONESIAN) == (
        "KTP-el: menunggu dikirim ke pusat sejak 13/10/17 13.00 WITA. Tidak perlu datang. Kode Pro"
    )
    assert _fits(_told(standing, LONGEST), Language.ENGLISH) == (
        "KTP-el: waiting to be sent to the centre since 13/10/17 13:00 WITA. "
        "No need to come. Code Pro. Estimate: between 59 minutes and 47 hours more."
    )


def test_a_birthday_is_told_and_a_promise_never() -> None:
    young = AStanding(Stage.PRINTABLE, Cause.AGE)

    message = _fits(_told(young, UntilDay(date(2027, 7, 12))), Language.INDONESIAN)
    assert message.endswith("Kartu dicetak mulai umur 17. Kode PRR. Mulai 12/07/27.")


@pytest.mark.parametrize(
    ("wait", "text"),
    [
        (Range(30, 50), "kurang dari satu menit lagi"),
        (Range(30, 90), "sampai 2 menit lagi"),
        (Range(3_600, 90_000), "antara 60 menit dan 25 jam lagi"),
        (Range(180_000, None), "lebih dari 2 hari lagi"),
    ],
)
def test_a_range_is_rounded_away_from_a_promise(wait: Range, text: str) -> None:
    shown = SPEAKER.status(_told(AStanding(), wait), Language.INDONESIAN).wait

    assert shown is not None
    assert shown.text == text
