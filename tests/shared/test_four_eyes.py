"""Two people are two however their names are written."""

import pytest

from shared.four_eyes import is_another

pytestmark = pytest.mark.rules


@pytest.mark.parametrize("officer", ["sri", "SRI", " sri", "Sri\t"])
def test_one_person_is_no_second_one(officer: str) -> None:
    assert not is_another(officer, ["budi", "sri"])


def test_somebody_else_is() -> None:
    assert is_another("sri", ["budi"])
    assert is_another("sri", [])
