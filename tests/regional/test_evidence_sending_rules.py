from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.regional.evidence.rules import (
    PIECE_BYTES_MIN,
    PIECE_SECONDS_AIMED,
    REFUSED_WAIT_MAX,
    Append,
    Ask,
    Kept,
    Pace,
    Part,
    PartState,
    Rest,
    Upload,
    after_failure,
    after_piece,
    is_overdue,
    pace_from,
    plan,
    put_aside_for,
    state_of,
)
from shared.contracts.evidence import APPEND_BYTES_MAX, EVIDENCE_BYTES_MAX
from shared.ids import new_id
from tests.recordings import NOON

pytestmark = pytest.mark.rules

A_PART = Part(new_id(), "face", 300_000)
goodputs = st.floats(200, 50_000_000)


@given(
    waiting=st.integers(1, 10_000),
    is_line_down=st.booleans(),
    offset=st.none() | st.integers(0, 300_000),
)
def test_nothing_of_an_image_leaves_while_an_envelope_waits(
    waiting: int, is_line_down: bool, offset: int | None
) -> None:
    upload = None if offset is None else Upload(A_PART, offset)

    move = plan(A_PART, upload, Pace(), envelopes_waiting=waiting, is_line_down=is_line_down)

    assert move == Rest()


@pytest.mark.parametrize("part", [None, A_PART])
def test_nothing_leaves_without_an_image_or_on_a_line_that_is_down(part: Part | None) -> None:
    move = plan(part, None, Pace(), envelopes_waiting=0, is_line_down=part is not None)

    assert move == Rest()


@given(size=st.integers(0, EVIDENCE_BYTES_MAX), goodput=goodputs)
def test_every_image_ends_and_each_byte_goes_once_in_order(size: int, goodput: float) -> None:
    part, pace, upload = Part(new_id(), "face", size), Pace(), None
    covered, is_done, moves = 0, False, 0
    while not is_done:
        match plan(part, upload, pace, envelopes_waiting=0, is_line_down=False):
            case Ask(asked):
                upload = Upload(asked, 0)
            case Append(_, offset, length, is_last):
                assert offset == covered
                assert length <= APPEND_BYTES_MAX
                covered, is_done = covered + length, is_last
                upload = Upload(part, covered)
                pace = after_piece(pace, length, length / goodput + 0.05)
        moves += 1
        assert moves < 2 + EVIDENCE_BYTES_MAX // PIECE_BYTES_MIN + 1

    assert covered == size


def test_another_image_and_any_doubt_begin_with_a_question() -> None:
    other = Upload(Part(new_id(), "face", 10), 5)
    for upload in (None, other):
        move = plan(A_PART, upload, Pace(), envelopes_waiting=0, is_line_down=False)

        assert move == Ask(A_PART)


def test_what_stands_at_its_end_is_finished_with_an_empty_piece() -> None:
    for offset in (A_PART.size_bytes, A_PART.size_bytes + 1):
        move = plan(A_PART, Upload(A_PART, offset), Pace(), envelopes_waiting=0, is_line_down=False)

        assert move == Append(A_PART, offset, 0, is_last=True)


@given(goodput=goodputs)
def test_a_piece_comes_to_take_as_long_as_is_aimed_at(goodput: float) -> None:
    pace = Pace()
    for _ in range(60):
        pace = after_piece(pace, pace.piece_bytes, pace.piece_bytes / goodput)

    wanted = min(max(goodput * PIECE_SECONDS_AIMED, PIECE_BYTES_MIN), APPEND_BYTES_MAX)
    assert pace.piece_bytes == pytest.approx(wanted, rel=0.05)


@given(failures=st.integers(1, 40))
def test_failures_make_pieces_small_and_never_nothing(failures: int) -> None:
    pace = Pace(APPEND_BYTES_MAX)
    for _ in range(failures):
        pace = after_failure(pace)

    assert pace.failures_in_a_row == failures
    assert pace.piece_bytes == max(PIECE_BYTES_MIN, APPEND_BYTES_MAX >> failures)


def test_what_the_uplink_saw_never_stakes_more_than_a_first_piece() -> None:
    assert pace_from(None).piece_bytes == pace_from(10**9).piece_bytes
    assert pace_from(3_000).piece_bytes == 6_000
    assert pace_from(1).piece_bytes == PIECE_BYTES_MIN


@given(refusals=st.integers(1, 10_000))
def test_a_refused_image_waits_longer_each_time_and_at_most_a_day(refusals: int) -> None:
    assert timedelta(0) < put_aside_for(refusals) <= put_aside_for(refusals + 1) <= REFUSED_WAIT_MAX


def test_overdue_is_whatever_is_not_at_the_centre_after_its_time() -> None:
    named = {"face": "9f" * 32}
    soon, late = NOON - timedelta(seconds=1), NOON + timedelta(seconds=1)
    cases = {
        PartState.AWAITED: {},
        PartState.WAITING: {"face": Kept(1, None, is_damaged=False)},
        PartState.DAMAGED: {"face": Kept(1, None, is_damaged=True)},
        PartState.RECEIVED: {"face": Kept(1, NOON, is_damaged=False)},
    }
    for state, kept in cases.items():
        assert state_of(kept.get("face")) is state
        assert is_overdue(named, kept, NOON, late) == (state is not PartState.RECEIVED)
        assert not is_overdue(named, kept, NOON, soon)
    assert not is_overdue({}, {}, NOON, late)
