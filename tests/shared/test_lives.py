"""A key's owner hears of its end while there is time."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.lives import Life, LifeState, life_of, members_of
from tests.recordings import NOON

pytestmark = pytest.mark.rules


@given(days=st.integers(1, 4_000), share=st.floats(0, 1.5))
def test_the_last_third_of_a_life_says_renew_and_its_end_says_expired(
    days: int, share: float
) -> None:
    life = Life(NOON, NOON + timedelta(days=days))

    state = life.state(NOON + share * timedelta(days=days))

    if share < 0.66:
        assert state is LifeState.GOOD
    elif 0.67 < share < 0.999:
        assert state is LifeState.RENEW
    elif share >= 1.001:
        assert state is LifeState.EXPIRED


def test_a_key_that_does_not_say_when_it_was_made_warns_thirty_days_before() -> None:
    life = Life(None, NOON)

    assert life.state(NOON - timedelta(days=31)) is LifeState.GOOD
    assert life.state(NOON - timedelta(days=29)) is LifeState.RENEW
    assert life.state(NOON) is LifeState.EXPIRED


@pytest.mark.parametrize("life", [None, Life(None, NOON), Life(NOON, NOON + timedelta(days=9))])
def test_what_a_jwk_says_of_its_life_is_read_back(life: Life | None) -> None:
    assert life_of(members_of(life)) == life


@pytest.mark.parametrize("noise", [{"exp": "soon"}, {"iat": 5}, {"exp": None}])
def test_what_is_no_time_ends_nothing(noise: dict[str, object]) -> None:
    assert life_of(noise) is None
