import pytest

from deploy.checks.draw_amendments import PAGE, page

pytestmark = pytest.mark.rules


def test_the_page_shows_the_law_as_it_is() -> None:
    told = PAGE.read_text(encoding="utf-8")

    assert told == page(), "draw it anew: python -m deploy.checks.draw_amendments"
