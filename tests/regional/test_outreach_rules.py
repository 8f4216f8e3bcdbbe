"""Who is written to, when again, and what closes a search."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.regional.outreach import rules
from services.regional.outreach.rules import (
    CLOSING,
    LETTERS_MAX,
    Heard,
    Need,
    Reason,
    Source,
    Standing,
    Whereabouts,
    next_step,
)

pytestmark = pytest.mark.rules

MONDAY = date(2017, 10, 16)
AGAIN = 30
days = st.dates(MONDAY - timedelta(days=400), MONDAY)
standings = st.builds(
    Standing,
    has_address=st.booleans(),
    letters=st.integers(0, LETTERS_MAX + 1),
    lettered_on=st.none() | days,
    heard=st.none()
    | st.builds(
        Heard,
        whereabouts=st.sampled_from(Whereabouts),
        source=st.sampled_from(Source),
        on=days,
        forward_to=st.none() | st.just("Jalan Jauh 7, Pontianak"),
    ),
    closed=st.none() | st.sampled_from(Reason),
)


def need(standing: Standing, on: date = MONDAY) -> Need:
    return next_step(standing, on, AGAIN).need


@given(standing=standings)
def test_every_wait_ends_in_something_to_do(standing: Standing) -> None:
    step = next_step(standing, MONDAY, AGAIN)

    if step.need is Need.WAIT:
        assert step.not_before is not None
        assert step.not_before > MONDAY
        assert next_step(standing, step.not_before, AGAIN).need in (Need.LETTER, Need.VISIT)


@given(standing=standings, reason=st.sampled_from(Reason))
def test_nothing_is_done_about_a_closed_search(standing: Standing, reason: Reason) -> None:
    assert need(replace(standing, closed=reason)) is Need.NOTHING


@given(standing=standings, whereabouts=st.sampled_from([*CLOSING, Whereabouts.ILL]))
def test_who_is_said_dead_moved_recorded_or_ill_gets_no_letter(
    standing: Standing, whereabouts: Whereabouts
) -> None:
    heard = Heard(whereabouts, Source.NEIGHBOURHOOD, MONDAY)

    assert need(replace(standing, heard=heard)) is not Need.LETTER


def test_the_first_letter_is_due_at_once() -> None:
    assert need(Standing()) is Need.LETTER
    assert need(Standing(has_address=False)) is Need.ADDRESS


def test_an_unanswered_letter_is_repeated_twice_and_then_somebody_goes_there() -> None:
    once = Standing(letters=1, lettered_on=MONDAY)

    assert need(once, MONDAY + timedelta(days=AGAIN - 1)) is Need.WAIT
    assert need(once, MONDAY + timedelta(days=AGAIN)) is Need.LETTER
    often = replace(once, letters=LETTERS_MAX)
    assert need(often, MONDAY + timedelta(days=AGAIN)) is Need.VISIT


def test_a_letter_follows_at_once_to_where_somebody_is_and_then_waits() -> None:
    heard = Heard(Whereabouts.AWAY, Source.FAMILY, MONDAY, "Jalan Jauh 7, Pontianak")
    standing = Standing(letters=1, lettered_on=MONDAY - timedelta(days=3), heard=heard)

    assert need(standing) is Need.LETTER
    assert need(replace(standing, letters=2, lettered_on=MONDAY)) is Need.WAIT


def test_who_answered_from_town_is_invited_again_after_a_stated_time() -> None:
    heard = Heard(Whereabouts.IN_TOWN, Source.CITIZEN, MONDAY)
    standing = Standing(letters=LETTERS_MAX, lettered_on=MONDAY - timedelta(days=3), heard=heard)

    assert next_step(standing, MONDAY, AGAIN).not_before == MONDAY + timedelta(days=AGAIN)
    assert need(standing, MONDAY + timedelta(days=AGAIN)) is Need.LETTER


def test_a_citizens_word_alone_closes_nothing() -> None:
    assert rules.reason_given(Whereabouts.DEAD, Source.CITIZEN) is None
    assert rules.reason_given(Whereabouts.DEAD, Source.FAMILY) is Reason.DEAD
    assert rules.reason_given(Whereabouts.AWAY, Source.VISIT) is None


@given(count=st.integers(0, 300), per_day=st.integers(1, 100))
def test_no_ward_carries_more_on_a_day_than_its_limit(count: int, per_day: int) -> None:
    plan = list(rules.spread_over_days(range(count), MONDAY + timedelta(days=5), per_day))

    assert [one for _, portion in plan for one in portion] == list(range(count))
    assert all(0 < len(portion) <= per_day for _, portion in plan)
    assert all(day.weekday() < 5 for day, _ in plan)
    assert len({day for day, _ in plan}) == len(plan)


@given(one=st.binary(min_size=16, max_size=16), other=st.binary(min_size=16, max_size=16))
def test_tokens_are_long_plain_and_differ(one: bytes, other: bytes) -> None:
    token = rules.token_of(one)

    assert len(token) == rules.TOKEN_SIGNS
    assert set(token) <= set(rules.ALPHABET)
    assert (rules.token_of(other) == token) is (
        int.from_bytes(one) % len(rules.ALPHABET) ** rules.TOKEN_SIGNS
        == int.from_bytes(other) % len(rules.ALPHABET) ** rules.TOKEN_SIGNS
    )
