import re
from pathlib import Path

import pytest

from services.regional.journey.rules import OfficialStatus
from shared.contracts.envelopes import EnvelopeKind
from shared.contracts.outcomes import Outcome, Owner
from shared.roles import Role

pytestmark = pytest.mark.rules

PAGE = Path(__file__).resolve().parents[2] / "docs" / "GLOSSARY.md"


def words() -> list[str]:
    rows = re.findall(r"^\| (.+?) \| .+ \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"[*`]", "", row) for row in rows if row not in ("word", "---")]


def letters(word: str) -> str:
    return re.sub(r"[^a-z]", "", word.split(",", maxsplit=1)[0].split("(", maxsplit=1)[0].lower())


def test_words_stand_in_order_and_once() -> None:
    found = [letters(word) for word in words()]

    assert found == sorted(set(found))


@pytest.mark.parametrize("kind", [OfficialStatus, Outcome, Role, EnvelopeKind, Owner])
def test_every_word_of_a_closed_list_is_explained(kind: type) -> None:
    text = PAGE.read_text(encoding="utf-8")

    missing = [
        one.value
        for one in kind  # type: ignore[attr-defined]
        if one.value not in text and one.value.replace("_", " ") not in text
    ]

    assert missing == []
