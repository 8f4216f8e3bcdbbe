"""Send, probe or wait; how much at a time; what an answer means. Above all: work ends."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.regional.central_client.rules import FENCED
from services.regional.uplink import rules
from services.regional.uplink.rules import (
    Line,
    Meaning,
    Probe,
    Reached,
    Rest,
    Send,
    meaning_of,
    plan,
    position_after,
)
from shared.contracts.envelopes import BATCH_BYTES_MAX, BATCH_ENVELOPES_MAX, PAUSE_SECONDS_MAX
from tests.recordings import NOON

pytestmark = pytest.mark.rules

lines = st.builds(
    Line,
    batch_bytes=st.integers(rules.BATCH_BYTES_MIN, BATCH_BYTES_MAX),
    goodput_bytes_per_second=st.none() | st.floats(1, 1e9),
    failures_in_a_row=st.integers(0, 10_000),
    failing_since=st.just(NOON),
    last_heard_at=st.none() | st.just(NOON),
)
working_lines = lines.map(lambda line: replace(line, failures_in_a_row=0, failing_since=None))
seqs = st.integers(0, 10_000)


@given(waiting=st.integers(0, 10**9), line=lines)
def test_every_failure_ends_in_a_probe_and_every_answered_probe_in_sending(
    waiting: int, line: Line
) -> None:
    failed = rules.after_failure(line, NOON)
    assert plan(waiting, failed) == Probe()

    heard = rules.after_probe(failed, NOON)

    move = plan(waiting, heard)
    if waiting:
        assert isinstance(move, Send)
        assert 1 <= move.items_max <= BATCH_ENVELOPES_MAX
        assert rules.BATCH_BYTES_MIN <= move.bytes_max <= BATCH_BYTES_MAX
    else:
        assert move == Rest()


@given(line=working_lines, payload=st.integers(1, BATCH_BYTES_MAX), seconds=st.floats(0, 10_000))
def test_after_an_answer_a_batch_is_within_bounds_and_at_most_doubled(
    line: Line, payload: int, seconds: float
) -> None:
    seen = rules.after_answer(line, payload, seconds, NOON)

    assert rules.BATCH_BYTES_MIN <= seen.batch_bytes <= BATCH_BYTES_MAX
    assert seen.batch_bytes <= 2 * line.batch_bytes
    assert seen.goodput_bytes_per_second is not None
    assert seen.goodput_bytes_per_second > 0
    assert (seen.failures_in_a_row, seen.failing_since, seen.last_heard_at) == (0, None, NOON)


@given(
    rate=st.floats(2_000, 5e7),
    first=st.integers(rules.BATCH_BYTES_MIN, BATCH_BYTES_MAX),
)
def test_on_a_steady_line_full_batches_come_to_last_about_as_long_as_aimed(
    rate: float, first: int
) -> None:
    line = Line(batch_bytes=first)
    for _ in range(60):
        line = rules.after_answer(line, line.batch_bytes, line.batch_bytes / rate, NOON)

    aimed = rate * rules.BATCH_SECONDS_AIMED
    expected = min(max(aimed, rules.BATCH_BYTES_MIN), BATCH_BYTES_MAX)
    assert line.batch_bytes == pytest.approx(expected, rel=0.01)


def test_small_batches_say_nothing_about_the_width_of_the_line() -> None:
    wide = Line(batch_bytes=1_000_000, goodput_bytes_per_second=500_000.0)

    # A single recording whose receipt took a round trip: 20 kB/s seen, and not believed.
    seen = rules.after_answer(wide, 2_000, 0.1, NOON)

    assert seen.goodput_bytes_per_second == 500_000.0
    assert seen.batch_bytes == 1_000_000


def test_a_line_that_became_narrow_shrinks_the_batch() -> None:
    line = Line(batch_bytes=1_000_000, goodput_bytes_per_second=500_000.0)

    for _ in range(20):
        line = rules.after_answer(line, line.batch_bytes, line.batch_bytes / 10_000, NOON)

    assert line.batch_bytes < 50_000


def test_a_storm_is_dated_from_its_first_failure() -> None:
    line = Line()
    for minute in range(5):
        line = rules.after_failure(line, NOON + timedelta(minutes=minute))

    assert (line.failures_in_a_row, line.failing_since) == (5, NOON)


@given(line=working_lines)
def test_a_batch_refused_as_too_large_shrinks_until_only_a_probe_is_left(line: Line) -> None:
    """It must not go on for ever, nor without a pause: a probe waits, sending does not."""
    tries = 0
    while isinstance(move := plan(BATCH_ENVELOPES_MAX, line), Send):
        line = rules.after_refusal(line, move.items_max, NOON)
        tries += 1
        assert tries < 20
    assert move == Probe()


@given(line=working_lines, refused=st.integers(1, 300), count=st.integers(1, 300))
def test_of_many_envelopes_only_the_refused_one_is_ever_refused_alone(
    line: Line, refused: int, count: int
) -> None:
    acked, tries, alone = 0, 0, []
    while acked < count:
        move = plan(count - acked, line)
        if isinstance(move, Probe):
            line = rules.after_probe(line, NOON)
            continue
        assert isinstance(move, Send)
        items = min(move.items_max, count - acked)
        if acked < refused <= acked + items:
            if items == 1:
                alone.append(acked + 1)
            if rules.is_to_be_set_aside(len(alone)) and items == 1:
                acked += 1  # by its tombstone
                continue
            line = rules.after_refusal(line, items, NOON)
        else:
            acked += items
            line = rules.after_answer(line, 1_000, 1.0, NOON)
        tries += 1
        assert tries < 1_000

    assert alone == ([refused] * rules.REFUSALS_MAX if refused <= count else [])


@pytest.mark.parametrize(
    ("code", "is_whole_here", "meaning"),
    [
        ("body-too-large", True, Meaning.ENVELOPE),
        ("invalid-input", True, Meaning.ENVELOPE),
        ("batch-damaged", True, Meaning.TROUBLE),
        ("batch-damaged", False, Meaning.ENVELOPE),
        ("region-not-proven", True, Meaning.TROUBLE),
        ("version-unknown", True, Meaning.TROUBLE),
        ("too-busy", True, Meaning.TROUBLE),
        ("unsupported-media-type", True, Meaning.TROUBLE),
        ("out-of-order", True, Meaning.ASK),
        ("seq-differs", False, Meaning.FOREIGN),
        (FENCED, True, Meaning.FENCED),
    ],
)
def test_only_what_comes_again_whatever_the_line_does_is_held_against_an_envelope(
    code: str, *, is_whole_here: bool, meaning: Meaning
) -> None:
    assert meaning_of(code, is_whole_here=is_whole_here) is meaning


reached = st.builds(Reached, st.integers(1, 3), seqs)


@given(here=reached, last=seqs, told=reached, vouched=seqs, asked=reached)
def test_the_position_never_moves_back_within_an_epoch_nor_beyond_what_was_vouched_for(
    here: Reached, last: int, told: Reached, vouched: int, asked: Reached
) -> None:
    last, vouched = max(last, here.seq), min(vouched, last)

    position = position_after(here, last, told, vouched, asked)

    if position is not None:
        assert position <= max(told.seq, here.seq) <= last
        assert position <= max(here.seq, vouched)
        assert position >= here.seq or told.epoch > here.epoch


@given(here=reached, more=seqs, beyond=st.integers(1, 100))
def test_what_was_never_written_here_cannot_be_held_there(
    here: Reached, more: int, beyond: int
) -> None:
    last = here.seq + more

    assert position_after(here, last, Reached(here.epoch, last), last, here) == last
    for epoch in (here.epoch, here.epoch + 1):
        assert position_after(here, last, Reached(epoch, last + beyond), last, here) is None


def test_a_position_without_a_receipt_moves_nothing_forward() -> None:
    """The seqs may be held there with what was sent before this region was restored."""
    here, told = Reached(1, 5), Reached(1, 10)

    assert position_after(here, 10, told, vouched_seq=0, asked=here) == 5
    assert position_after(here, 10, told, vouched_seq=7, asked=here) == 7


def test_after_a_restore_sending_goes_back_to_what_the_centre_holds() -> None:
    here = Reached(1, 100)

    assert position_after(here, 120, Reached(1, 40), vouched_seq=0, asked=here) is None
    assert position_after(here, 120, Reached(2, 40), vouched_seq=0, asked=here) == 40


@given(asked=reached, told=reached, here=reached, more=seqs, vouched=seqs)
def test_a_true_word_that_another_sender_overtook_moves_nothing_and_alarms_nobody(
    asked: Reached, told: Reached, here: Reached, more: int, vouched: int
) -> None:
    """What the centre says rises from question to answer to what is known when it arrives."""
    asked, told, here = sorted((asked, told, here))
    assume(told != here)
    last = max(asked.seq, told.seq, here.seq) + more

    assert position_after(here, last, told, min(vouched, last), asked) == here.seq


@given(asked=reached, told=reached, here=reached, more=seqs)
def test_a_word_that_falls_behind_what_was_known_when_it_was_asked_for_is_foreign(
    asked: Reached, told: Reached, here: Reached, more: int
) -> None:
    told, asked, here = sorted((told, asked, here))
    assume(told != asked)
    last = max(asked.seq, told.seq, here.seq) + more

    assert position_after(here, last, told, last, asked) is None


def test_nothing_lingers_while_many_wait_and_little_otherwise() -> None:
    assert rules.pause_seconds(rules.LINGER_ITEMS, 0.0) == 0.0
    assert 0 < rules.pause_seconds(rules.LINGER_ITEMS - 1, 0.0) <= rules.LINGER_SECONDS


@given(
    sent=st.none() | st.integers(1, 2_000),
    asked=st.floats(0, allow_nan=False, allow_infinity=True),
)
def test_the_centres_appointment_is_kept_but_never_for_longer_than_its_bound(
    sent: int | None, asked: float
) -> None:
    paused = rules.pause_seconds(sent, asked)

    assert min(asked, PAUSE_SECONDS_MAX) <= paused <= PAUSE_SECONDS_MAX
