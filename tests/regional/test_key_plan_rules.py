"""What a region does about its key: a pinned one is people's business, an enrolled one renews."""

from datetime import timedelta

import pytest

from services.regional.keys.rules import Move, plan
from shared.lives import Life
from tests.recordings import NOON

pytestmark = pytest.mark.rules
PINNED, ENROLLED = "61.72", "61.72#90facafea9b1"
YEAR = Life(NOON, NOON + timedelta(days=360))


@pytest.mark.parametrize(
    ("kid", "life", "has_next", "days", "move"),
    [
        (PINNED, None, False, 0, Move.REST),
        (PINNED, YEAR, False, 400, Move.REST),  # as ever: people are told, and make the next
        (PINNED, None, True, 0, Move.HAND_IN_NEXT),
        (ENROLLED, None, False, 0, Move.ASK),
        (ENROLLED, YEAR, False, 0, Move.REST),
        (ENROLLED, YEAR, False, 239, Move.REST),
        (ENROLLED, YEAR, False, 241, Move.MAKE_NEXT),
        (ENROLLED, YEAR, False, 367, Move.MAKE_NEXT),  # it ended a week ago
        (ENROLLED, YEAR, True, 0, Move.HAND_IN_NEXT),
    ],
)
def test_a_key_is_renewed_from_the_last_third_of_its_life_on(
    kid: str, life: Life | None, has_next: bool, days: int, move: Move
) -> None:
    assert plan(kid, life, has_next=has_next, now=NOON + timedelta(days=days)) is move
