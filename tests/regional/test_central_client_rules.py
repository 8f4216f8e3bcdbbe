"""How long to wait after trouble."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.regional.central_client.rules import FIRST_WAIT_SECONDS, wait_seconds

pytestmark = pytest.mark.rules


@given(
    failures=st.integers(1, 10**6),
    draw=st.floats(0, 1),
    cap=st.floats(0.001, 3_600),
)
def test_a_wait_is_never_nothing_and_never_above_the_cap(
    failures: int, draw: float, cap: float
) -> None:
    assert 0 < wait_seconds(failures, draw, cap) <= cap


def test_waits_double_until_the_cap() -> None:
    longest = [wait_seconds(failures, 1.0, 60.0) for failures in range(1, 12)]

    assert longest[:4] == [FIRST_WAIT_SECONDS * 2**n for n in range(4)]
    assert longest[-3:] == [60.0] * 3


def test_regions_that_come_back_together_do_not_ask_together() -> None:
    waits = {round(wait_seconds(8, draw / 500, 60.0)) for draw in range(500)}

    assert len(waits) > 55  # spread over the whole minute, not bunched at its end
