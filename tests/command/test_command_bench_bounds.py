"""How high a share may be that was seen so often."""

import pytest

from services.command.bench.bounds import highest_share

pytestmark = pytest.mark.rules


def test_nothing_seen_is_the_rule_of_three() -> None:
    assert highest_share(0, 1_000_000) == pytest.approx(3 / 1_000_000, rel=0.01)
    assert highest_share(0, 51_250) == pytest.approx(5.85e-5, rel=0.01)


@pytest.mark.parametrize(
    ("seen", "of", "bound"), [(1, 100, 0.0466), (5, 100, 0.1023), (2, 1_000, 0.00628)]
)
def test_bounds_are_those_of_clopper_and_pearson(seen: int, of: int, bound: float) -> None:
    assert highest_share(seen, of) == pytest.approx(bound, rel=0.01)


def test_all_seen_bounds_nothing() -> None:
    assert highest_share(7, 7) == 1.0
