"""Draw seeded weeks of each weather profile: `python -m deploy.checks.draw_weather`.

The forecast is the truth; a test fails when docs/pictures/weather-weeks.svg says otherwise.
"""

import sys
from pathlib import Path

from services.simulator.weather import CLIMATES, Climate, Spell, WeatherState, forecast

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "weather-weeks.svg"
SEEDS = (1, 2, 3)
DAYS = 7
DAY_SECONDS = 86_400.0
LEFT, TOP, DAY_WIDTH = 86, 74, 120
ROW_HEIGHT, ROW_STEP, TITLE_STEP = 18, 24, 34
STATES: tuple[WeatherState, ...] = ("clear", "rain", "storm", "outage")
STYLE = """\
    .ink { fill: #1d2733; } .soft { fill: #586675; } .bold { font-weight: 600; }
    .clear { fill: #d9ecf7; } .rain { fill: #7fb2d9; } .storm { fill: #e2a33d; }
    .outage { fill: #b3312c; } .day { stroke: #8593a3; stroke-dasharray: 2 4; }
    @media (prefers-color-scheme: dark) {
      .ink { fill: #e6edf3; } .soft { fill: #a3b1bf; }
      .clear { fill: #22384a; } .rain { fill: #3d78a8; } .storm { fill: #d0902a; }
      .outage { fill: #e0544e; }
    }"""


def week_of(seed: int, climate: Climate) -> list[Spell]:
    """The spells that begin within the first week."""
    found = []
    for spell in forecast(seed, climate):
        if spell.starts_at_seconds >= DAYS * DAY_SECONDS:
            break
        found.append(spell)
    return found


def share_out(week: list[Spell]) -> float:
    """Which share of the week the line was out."""
    end = DAYS * DAY_SECONDS
    out = sum(
        min(one.ends_at_seconds, end) - one.starts_at_seconds for one in week if one.is_outage
    )
    return out / end


def picture() -> str:
    """The whole SVG: a title for each profile, a row for each seed, a band for each spell."""
    names = [name for name in CLIMATES if name != "demo_storm"]
    lines, y = [], TOP
    for name in names:
        lines.append(f'  <text class="ink bold" x="{LEFT}" y="{y}">{name}</text>')
        y += 10
        for seed in SEEDS:
            lines += _row(seed, CLIMATES[name], y)
            y += ROW_STEP
        y += TITLE_STEP
    height, width = y - 10, LEFT + DAYS * DAY_WIDTH + 96
    what = (
        f"A row is a week of one seed, {', '.join(map(str, SEEDS))}, from left to right, for the "
        f"profiles {', '.join(names)}; bands are clear, rain, storm and outage, and the figure "
        "beside a row is the share of that week the line was out."
    )
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
                'role="img" aria-labelledby="title what" font-family="system-ui, sans-serif" '
                'font-size="14">'
            ),
            '  <title id="title">Three weeks of weather over each line</title>',
            f'  <desc id="what">{what}</desc>',
            f"  <style>\n{STYLE}\n  </style>",
            *_legend(),
            *lines,
            "</svg>",
            "",
        ]
    )


def _legend() -> list[str]:
    lines = []
    for place, state in enumerate(STATES):
        x = LEFT + place * 110
        lines.append(f'  <rect class="{state}" x="{x}" y="14" width="18" height="14"/>')
        lines.append(f'  <text class="ink" x="{x + 24}" y="26">{state}</text>')
    lines += [
        f'  <text class="soft" x="{LEFT + day * DAY_WIDTH}" y="48">day {day + 1}</text>'
        for day in range(DAYS)
    ]
    return lines


def _row(seed: int, climate: Climate, y: int) -> list[str]:
    week = week_of(seed, climate)
    end = DAYS * DAY_SECONDS
    lines = [f'  <text class="soft" x="{LEFT - 56}" y="{y + 14}">seed {seed}</text>']
    for state in STATES:
        # One path for each state: a quiet week of rain has hundreds of spells.
        bands = "".join(
            f"M{_x(one.starts_at_seconds)} {y}H{_x(min(one.ends_at_seconds, end))}"
            f"v{ROW_HEIGHT}H{_x(one.starts_at_seconds)}z"
            for one in week
            if one.state == state
        )
        if bands:
            lines.append(f'  <path class="{state}" d="{bands}"/>')
    told = f"{100 * share_out(week):.1f} % out"
    lines.append(
        f'  <text class="soft" x="{LEFT + DAYS * DAY_WIDTH + 8}" y="{y + 14}">{told}</text>'
    )
    return lines


def _x(seconds: float) -> str:
    return f"{LEFT + seconds / DAY_SECONDS * DAY_WIDTH:.1f}"


def main() -> int:
    PICTURE.write_text(picture(), encoding="utf-8")
    sys.stdout.write(f"{PICTURE} is drawn\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
