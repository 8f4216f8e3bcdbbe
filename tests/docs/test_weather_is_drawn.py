from xml.etree import ElementTree as ET

import pytest

from deploy.checks.draw_weather import PICTURE, picture, share_out, week_of
from services.simulator.weather import CLIMATES

pytestmark = pytest.mark.rules


def test_the_picture_shows_the_forecasts_as_they_are() -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture(), (
        "draw it anew: python -m deploy.checks.draw_weather"
    )
    ET.fromstring(picture())


def test_a_drawn_week_is_a_week_of_the_line_its_page_describes() -> None:
    """Over many seeds the drawn share comes to the 7.7 % that the table of profiles names."""
    shares = [share_out(week_of(seed, CLIMATES["vsat_rain_season"])) for seed in range(200)]

    assert sum(shares) / len(shares) == pytest.approx(0.077, abs=0.015)
