import pytest

from deploy.checks.draw_journey import PAGE, page

pytestmark = pytest.mark.rules


def test_the_page_shows_the_transition_tables_as_they_are() -> None:
    told = PAGE.read_text(encoding="utf-8")

    assert told == page(), "draw it anew: python -m deploy.checks.draw_journey"
