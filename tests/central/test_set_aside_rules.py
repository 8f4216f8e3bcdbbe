"""How many envelopes to try, and which one is set aside: always the one that cannot be settled."""

from collections.abc import Callable
from dataclasses import replace
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.central.set_aside.rules import (
    DIED,
    STRIKES_MAX,
    Kept,
    SetAside,
    Standing,
    Try,
    after_death,
    after_failure,
    begun,
    may_try_again,
    plan,
)
from shared.contracts.envelopes import EnvelopeKind

pytestmark = pytest.mark.rules

WHY = "sqlstate-23514"
Ending = Callable[[Standing, int], Standing]


def refused(standing: Standing, count: int) -> Standing:
    return after_failure(begun(standing, count), count, WHY)


def died(standing: Standing, count: int) -> Standing:
    return after_death(begun(standing, count))


def run(poison: set[int], last_seq: int, places: int, ending: Ending) -> tuple[list[int], int]:
    """Settle 1..last_seq with these envelopes among them; gives what was set aside, and tries."""
    standing, aside, tries = Standing(0), [], 0
    while standing.settled_seq < last_seq:
        move = plan(standing, places)
        if isinstance(move, SetAside):
            aside.append(move.seq)
            standing = replace(standing, settled_seq=move.seq)
            continue
        tries += 1
        assert tries < 10_000
        count = min(move.count, last_seq - standing.settled_seq)
        tried = range(standing.settled_seq + 1, standing.settled_seq + count + 1)
        if poison & set(tried):
            standing = ending(standing, count)
        else:
            standing = replace(standing, settled_seq=tried[-1], under_way=None)
    return aside, tries


@given(
    last_seq=st.integers(1, 300),
    places=st.integers(1, 300),
    poison=st.sets(st.integers(1, 300), max_size=4),
    ending=st.sampled_from([refused, died]),
)
def test_only_what_cannot_be_settled_is_set_aside_and_the_rest_is_settled(
    last_seq: int, places: int, poison: set[int], ending: Ending
) -> None:
    aside, _ = run(poison, last_seq, places, ending)

    assert aside == sorted(one for one in poison if one <= last_seq)


@pytest.mark.parametrize("place", [1, 2, 999, 1000, 1999, 2000])
def test_one_among_two_thousand_is_found_in_few_tries(place: int) -> None:
    aside, tries = run({place}, 2_000, 2_000, refused)

    assert aside == [place]
    assert tries <= 2 * log2(2_000) + 3


def test_an_envelope_is_set_aside_after_three_failures_alone_and_not_before() -> None:
    standing = Standing(7)
    for _ in range(3):
        assert plan(standing, 1) == Try(1)
        standing = refused(standing, 1)

    assert plan(standing, 50) == SetAside(8, WHY, 3)


def test_whoever_pulls_the_plug_must_do_it_twice_as_often() -> None:
    standing = Standing(7)
    for _ in range(6):
        assert plan(standing, 1) == Try(1)
        standing = died(standing, 1)

    assert plan(standing, 1) == SetAside(8, DIED, 6)


def test_failures_of_an_envelope_that_was_settled_after_all_are_forgotten() -> None:
    standing = refused(refused(Standing(7), 1), 1)

    standing = refused(replace(standing, settled_seq=8), 1)

    assert standing.struck_seq == 9
    assert standing.strikes < STRIKES_MAX
    assert isinstance(plan(standing, 1), Try)


def test_a_try_that_is_not_under_way_killed_nobody() -> None:
    standing = Standing(7)

    assert after_death(standing) == standing


@pytest.mark.parametrize(
    ("kept", "may"),
    [
        (Kept("recording", 1, "set-aside"), True),
        (Kept("recording", 1, "held"), True),
        (Kept("recording", 2, "held"), False),
        (Kept("amendment", 1, "held"), False),
        (Kept("recording", 1, "repeat"), False),
        (Kept("recording", 1, "conflict"), False),
    ],
)
def test_what_may_be_tried_again(kept: Kept, *, may: bool) -> None:
    assert may_try_again(kept, {EnvelopeKind.RECORDING: 1}) is may
