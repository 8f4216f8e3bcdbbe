"""The centre's stages, and which card receipts are news."""

import pytest

from services.central.journey.rules import TRANSITIONS, Event, Stage, advance, event_of
from services.central.print_authorization.rules import is_news
from shared.contracts.envelopes import CardResult
from shared.contracts.outcomes import Outcome

pytestmark = pytest.mark.rules


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("event", Event)
def test_a_step_the_table_does_not_name_is_not_taken(stage: Stage, event: Event) -> None:
    assert advance(stage, event) is TRANSITIONS.get((stage, event))


def test_every_stage_is_reached_from_received() -> None:
    found = {Stage.RECEIVED}
    while more := {to for (at, _), to in TRANSITIONS.items() if at in found} - found:
        found |= more

    assert found == set(Stage)


@pytest.mark.parametrize("outcome", Outcome)
def test_only_a_unique_person_is_permitted(outcome: Outcome) -> None:
    after = advance(Stage.RECEIVED, event_of(outcome))

    assert (after is Stage.PERMITTED) is (outcome is Outcome.PRINT_READY_RECORD)


def test_a_card_that_is_out_is_never_permitted_again_before_it_is_taken_back() -> None:
    for out in (Stage.PRINTED, Stage.ISSUED):
        assert advance(out, Event.PERMIT_AGAIN) is None
        assert advance(out, Event.TAKE_SPOILED) is None
        assert advance(out, Event.REVOKE) is Stage.TO_WITHDRAW
    assert [event for event in Event if advance(Stage.ISSUED, event)] == [Event.REVOKE]


@pytest.mark.parametrize("known", [None, *CardResult])
@pytest.mark.parametrize("told", CardResult)
def test_a_repeat_or_a_late_word_about_a_card_is_no_news(
    known: CardResult | None, told: CardResult
) -> None:
    news = {
        (None, CardResult.PRINTED),
        (None, CardResult.SPOILED),
        (CardResult.PRINTED, CardResult.ISSUED),
    }

    assert is_news(known, told) is ((known, told) in news)


@pytest.mark.parametrize("known", [None, *CardResult])
@pytest.mark.parametrize("told", CardResult)
def test_of_a_permission_taken_back_a_card_may_come_out_late_and_be_withdrawn(
    known: CardResult | None, told: CardResult
) -> None:
    news = {
        (None, CardResult.PRINTED),
        (None, CardResult.SPOILED),
        (CardResult.PRINTED, CardResult.ISSUED),
        (CardResult.PRINTED, CardResult.SPOILED),
        (CardResult.ISSUED, CardResult.SPOILED),
    }

    assert is_news(known, told, is_revoked=True) is ((known, told) in news)
