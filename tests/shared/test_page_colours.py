"""Letters on pages can be read: the style sheet's colours against one another."""

import re

import pytest

from shared.pages.render import STYLE

pytestmark = pytest.mark.rules


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_stand_out_from_what_is_behind_them(scheme: str) -> None:
    """WCAG 1.4.3 for every pair of colours the style sheet puts together."""
    light, dark = re.findall(r":root\{([^}]*--paper[^}]*)\}", STYLE.read_text())
    colours = dict(re.findall(r"--(\w+):(#\w+)", light))
    if scheme == "dark":
        colours |= dict(re.findall(r"--(\w+):(#\w+)", dark))

    behind = ("paper", "sheet", "calm", "good", "warn", "bad")
    pairs = [(ink, place) for place in behind for ink in ("ink", "soft")]
    pairs += [("link", "paper"), ("link", "sheet"), ("onDeep", "deep"), ("badInk", "bad")]
    faint = [pair for pair in pairs if _contrast(*(colours[one] for one in pair)) < 4.5]
    assert faint == []


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * one for one in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = [
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
