"""The watch over all tests' logs sees what is planted, and only that."""

import logging

import pytest

from tests.canaries import LISTED_WORDS
from tests.watched_logs import Watch


@pytest.mark.parametrize("said", [*LISTED_WORDS, LISTED_WORDS[0].upper(), "6172025207900003"])
def test_a_planted_word_is_seen_in_events_and_in_records(said: str) -> None:
    events, records = Watch(), Watch()

    events.look(None, "info", {"event": "a.b", "told": f"x {said}."})
    records.emit(logging.LogRecord("x", logging.ERROR, "x", 1, "told %s", (said,), None))

    assert len(events.found) == len(records.found) == 1


def test_ids_and_the_kind_of_an_exception_are_nothing_to_see() -> None:
    watch = Watch()
    told = (LookupError, LookupError(LISTED_WORDS[0]), None)
    watch.emit(logging.LogRecord("x", logging.ERROR, "x", 1, "failed", (), told))
    watch.see("0189617202520790000ac96774bbcceb3 01890a5d-ac96-774b-bcce-b302099a8057 1764097200.1")

    assert watch.lines == 3
    assert watch.found == []
