"""Pages speak Indonesian, and English with a catalog; dates and numbers as their readers write."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from deploy.checks import tell_words
from shared.pages import moments
from shared.pages.language import Language
from shared.pages.render import Pages

ENGLISH = Language.ENGLISH
TEMPLATE = '{{ _("Menunggu") }} {{ here("/a?b=1") }} {{ count|number }}|{{ language }}'
NOON = datetime(2017, 10, 13, 5, tzinfo=UTC)


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    (tmp_path / "one.html").write_text(TEMPLATE)
    (tmp_path / "en.po").write_text('msgid "Menunggu"\nmsgstr "Waiting … here"\n')
    return Pages(tmp_path)


def test_a_page_speaks_the_language_it_is_asked_in(pages: Pages) -> None:
    indonesian = pages.answer("one.html", language=Language.INDONESIAN, count=1234)
    english = pages.answer("one.html", language=ENGLISH, count=1234)

    assert bytes(indonesian.body).decode() == "Menunggu /a?b=1 1.234|id"
    assert bytes(english.body).decode() == "Waiting … here /a?b=1&amp;lang=en 1,234|en"


def test_a_page_may_run_our_script_only_when_it_is_live(pages: Pages) -> None:
    still = pages.answer("one.html", count=1)
    live = pages.answer("one.html", count=1, is_live=True)

    assert "script-src" not in still.headers["content-security-policy"]
    assert "script-src 'self'" in live.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("told", "indonesian", "english"),
    [
        (lambda it: moments.day(date(1990, 7, 12), it), "12 Juli 1990", "12 July 1990"),
        (
            lambda it: moments.moment(NOON, "WITA", it),
            "13 Oktober 2017 pukul 13.00 WITA",
            "13 October 2017, 13:00 WITA",
        ),
        (
            lambda it: moments.short_moment(NOON, "WIT", it),
            "13/10/17 14.00 WIT",
            "13/10/17 14:00 WIT",
        ),
        (lambda it: moments.lasting(timedelta(0), it), "0 menit", "0 minutes"),
        (lambda it: moments.lasting(timedelta(minutes=119), it), "119 menit", "119 minutes"),
        (lambda it: moments.lasting(timedelta(hours=47.9), it), "47 jam", "47 hours"),
        (lambda it: moments.lasting(timedelta(days=800), it), "800 hari", "800 days"),
        (lambda it: moments.number(1234.5, 2, it), "1.234,50", "1,234.50"),
        (lambda it: moments.percent(73.38, 2, it), "73,38\N{NO-BREAK SPACE}%", "73.38%"),
    ],
)
def test_days_and_numbers_are_written_as_their_readers_do(
    told: object, indonesian: str, english: str
) -> None:
    assert callable(told)
    assert (told(Language.INDONESIAN), told(ENGLISH)) == (indonesian, english)


def test_every_message_has_its_english_and_no_catalog_speaks_of_what_is_gone() -> None:
    for place, said in tell_words.wanted():
        known = tell_words.known(tell_words.catalog_of(place))
        hint = f"{place.name}: run `python -m deploy.checks.tell_words`, then translate"
        assert set(known) == said, hint
        assert [message for message, english in known.items() if not english] == [], hint
