"""Draw docs/pictures/irises.svg: what synthetic irises do, over what is published of real ones.

`python -m deploy.checks.draw_irises` draws it anew; a test fails when the picture says otherwise.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from services.central.penunggalan.iris.thresholds import DEGREES, TURNS
from services.simulator.irises import (
    DAUGMAN,
    OPEN_IRIS,
    TURN_MAX,
    captures,
    drawn_distances,
    first_captures,
)
from services.simulator.irises.distances import Numbers, of_all, of_pairs
from services.simulator.irises.profiles import (
    SAME_EYE_MEAN,
    SAME_EYE_SD,
    STRANGERS_FREEDOM,
    STRANGERS_MEAN,
)

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "irises.svg"

SEED = 9
CROWD = 1_000  # eyes, each compared with each other: half a million pairs
SAME_EYES = 5_000
PAIRS_TURNED = 15_000
BIN = 0.01

_LEFT, _RIGHT = (64.0, 484.0), (560.0, 936.0)
_TOP, _BOTTOM = 70.0, 350.0
_OPEN = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 440" role="img"'
    ' aria-labelledby="title what" font-family="system-ui, sans-serif" font-size="15">'
)
_DESCRIPTION = (
    "Left: shares of distances of one eye from itself and of two eyes, made here as bars,"
    " published as lines that follow them. Right: how rarely two eyes come closer than a distance,"
    " as points, along the lines of the binomial models."
)
_STYLE = """\
    .ink { fill: #1d2733; } .soft { fill: #586675; } .axis { stroke: #8593a3; fill: none; }
    .side { fill: #f3f6f9; stroke: #c6d0da; }
    .far { fill: #1f6fb2; } .near { fill: #2f7d5b; } .best { fill: #a4541a; }
    .bar { fill-opacity: 0.45; } .said { fill: none; stroke: #1d2733; stroke-width: 1.6; }
    text { text-anchor: middle; } .start { text-anchor: start; } .end { text-anchor: end; }
    .bold { font-weight: 600; } .small { font-size: 13px; }
    @media (prefers-color-scheme: dark) {
      .ink { fill: #e6edf3; } .soft { fill: #a3b1bf; } .axis { stroke: #6b7a8b; }
      .side { fill: #141b24; stroke: #37424f; } .said { stroke: #e6edf3; }
      .far { fill: #6cb4f0; } .near { fill: #55b088; } .best { fill: #ef9c5c; }
    }"""


def picture() -> str:
    """The whole file."""
    eyes = first_captures(SEED, np.arange(CROWD), DAUGMAN)
    strangers, same = of_all(eyes), _same_eyes()
    lines = [
        _OPEN,
        '  <title id="title">Distances of synthetic irises and of real ones</title>',
        f'  <desc id="what">{_DESCRIPTION}</desc>',
        f"  <style>\n{_STYLE}\n  </style>",
        *_shares(strangers, same),
        *_tails(strangers, _turned()),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _same_eyes() -> Numbers:
    chance = np.random.default_rng(SEED)
    eyes = np.arange(SAME_EYES)
    wanted = drawn_distances(chance, SAME_EYES, DAUGMAN)
    turns = chance.integers(-TURN_MAX, TURN_MAX + 1, SAME_EYES)
    second = captures(SEED, eyes, 1, wanted, turns, DAUGMAN)
    return of_pairs(first_captures(SEED, eyes, DAUGMAN), second)


def _turned() -> Numbers:
    """Strangers at the best of 31 rotations, as a matcher of this format compares them."""
    eyes = first_captures(SEED, np.arange(CROWD), OPEN_IRIS)
    first = np.arange(PAIRS_TURNED) % CROWD
    step = 1 + np.arange(PAIRS_TURNED) // CROWD  # so that no pair comes twice
    return of_pairs(eyes[first], eyes[(first + step) % CROWD])


def _shares(strangers: Numbers, same: Numbers) -> list[str]:
    """The left half: both distributions, as shares of a hundredth of distance."""
    across, up = _scale(_LEFT, 0.0, 0.6), _scale((_BOTTOM, _TOP), 0.0, 0.14)
    edges = np.arange(61) * BIN
    lines = [
        '  <rect class="side" x="8" y="8" width="492" height="424" rx="12"/>',
        _text(254, 36, "ink bold", "How far apart"),
        _text(254, 56, "soft small", "share of distances in each hundredth"),
    ]
    for name, found in (("near", same), ("far", strangers)):
        counts, _ = np.histogram(found, edges)
        for edge, count in zip(edges[:-1], counts, strict=True):
            share = count / len(found)
            height = up(0) - up(share)
            if height >= 0.1:
                lines.append(
                    f'  <rect class="{name} bar" x="{across(edge):.1f}" y="{up(share):.1f}"'
                    f' width="{across(BIN) - across(0) - 0.8:.1f}" height="{height:.1f}"/>'
                )
    for said in (_beta, _binomial):
        at = np.arange(1, 240) * (BIN / 4)
        points = [(across(x), up(said(float(x)) * BIN)) for x in at if said(float(x)) * BIN > 4e-4]
        lines.append(_path(points))
    lines += _axis(across, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6], up, [0.0, 0.05, 0.1], "{:.0%}")
    told = (
        ("near", 118, 104, f"one eye: {same.mean():.3f} ± {same.std():.3f}"),
        ("ink", 118, 124, f"published: {SAME_EYE_MEAN:.3f} ± {SAME_EYE_SD:.3f}"),
        ("far", 110, 164, f"two eyes: {strangers.mean():.3f} ± {strangers.std():.4f}"),
        ("ink", 110, 184, "published: 0.499 ± 0.0317"),
    )
    lines += [_text(x + 70, y, f"{name} small start", words) for name, x, y, words in told]
    return lines


def _tails(strangers: Numbers, turned: Numbers) -> list[str]:
    """The right half: the share of strangers that come closer, a power of ten to a step."""
    across, up = _scale(_RIGHT, 0.32, 0.52), _scale((_BOTTOM, _TOP), -6.0, 0.0)
    lines = [
        '  <rect class="side" x="508" y="8" width="444" height="424" rx="12"/>',
        _text(730, 36, "ink bold", "How often strangers come closer"),
        _text(730, 56, "soft small", "points: made here; lines: binomial models"),
    ]
    parts: Sequence[tuple[str, Numbers, int, float, int]] = (
        ("far", strangers, STRANGERS_FREEDOM, STRANGERS_MEAN, 1),
        ("best", turned, DEGREES, 0.5, TURNS),
    )
    for name, found, freedom, mean, turns in parts:
        for at in np.arange(0.325, 0.52, 0.005):
            closer = int((found <= at).sum())
            if closer >= 3:
                y = up(math.log10(closer / len(found)))
                lines.append(f'  <circle class="{name}" cx="{across(at):.1f}" cy="{y:.1f}" r="3"/>')
        points = []
        for at in np.arange(0.325, 0.5201, 0.005):
            share = 1 - (1 - _closer(float(at), freedom, mean)) ** turns
            if share > 1e-6:
                points.append((across(at), up(math.log10(share))))
        lines.append(_path(points))
    lines += _axis(across, [0.35, 0.4, 0.45, 0.5], up, [-6.0, -4.0, -2.0, 0.0], "10^{:.0f}")
    told = (
        ("best", 250, "best of 31 turns, open-iris"),
        ("soft", 268, f"line: {DEGREES} coins, {TURNS} turns"),
        ("far", 302, "as they stand, Daugman's"),
        ("soft", 320, f"line: {STRANGERS_FREEDOM} coins"),
    )
    lines += [_text(726, y, f"{name} small start", words) for name, y, words in told]
    return lines


def _beta(x: float) -> float:
    """Density of the beta distribution with the published mean and deviation of one eye."""
    spread = SAME_EYE_MEAN * (1 - SAME_EYE_MEAN) / SAME_EYE_SD**2 - 1
    a, b = SAME_EYE_MEAN * spread, (1 - SAME_EYE_MEAN) * spread
    log = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return math.exp(log + (a - 1) * math.log(x) + (b - 1) * math.log(1 - x))


def _binomial(x: float) -> float:
    """Density of the published distribution of strangers, between whole counts, too."""
    return STRANGERS_FREEDOM * math.exp(_log_chance(x * STRANGERS_FREEDOM, STRANGERS_FREEDOM))


def _log_chance(count: float, freedom: int, mean: float = STRANGERS_MEAN) -> float:
    ways = math.lgamma(freedom + 1) - math.lgamma(count + 1) - math.lgamma(freedom - count + 1)
    return ways + count * math.log(mean) + (freedom - count) * math.log(1 - mean)


def _closer(distance: float, freedom: int, mean: float) -> float:
    """Share of a binomial at or below a distance, as thresholds count it: a little too many."""
    counts = distance * freedom
    whole = math.floor(counts)
    below = sum(math.exp(_log_chance(one, freedom, mean)) for one in range(whole + 1))
    return below + (counts - whole) * math.exp(_log_chance(whole + 1, freedom, mean))


def _scale(ends: tuple[float, float], low: float, high: float) -> Callable[[float], float]:
    first, last = ends
    return lambda value: first + (float(value) - low) / (high - low) * (last - first)


def _axis(
    across: Callable[[float], float],
    along: Iterable[float],
    up: Callable[[float], float],
    marks: Sequence[float],
    form: str,
) -> list[str]:
    along = list(along)
    left, right = across(along[0]), across(along[-1])
    if marks[-1] == 0.0 and marks[0] < 0:  # the right half begins before its first mark
        left, right = _RIGHT
    lines = [f'  <path class="axis" d="M{left:.1f} {_TOP:.1f}V{_BOTTOM:.1f}H{right:.1f}"/>']
    lines += [_text(across(x), _BOTTOM + 20, "soft small", f"{x:.2f}") for x in along]
    lines += [_text(left - 8, up(y) + 4, "soft small end", form.format(y)) for y in marks]
    middle = (left + right) / 2
    lines.append(_text(middle, _BOTTOM + 46, "soft small", "distance (share of trusted bits)"))
    return lines


def _path(points: Sequence[tuple[float, float]]) -> str:
    return '  <path class="said" d="M' + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + '"/>'


def _text(x: float, y: float, name: str, words: str) -> str:
    return f'  <text class="{name}" x="{x:.0f}" y="{y:.0f}">{words}</text>'


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
