"""Where a batch fits, what each envelope is, and how places are shared."""

from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.central.intake.rules import Differs, Gap, Queue, Take, fit, note_of, share_out
from shared.contracts.envelopes import EnvelopeHead, EnvelopeKind
from tests.recordings import NOON

pytestmark = pytest.mark.rules


def head(
    seq: int, content: str = "a", kind: str = EnvelopeKind.RECORDING, version: int = 1
) -> EnvelopeHead:
    return EnvelopeHead(
        seq=seq,
        envelope_id=UUID(int=seq),
        kind=str(kind),
        version=version,
        happened_at=NOON,
        sha256=content * 64,
    )


def held(*heads: EnvelopeHead) -> dict[int, tuple[UUID, str]]:
    return {one.seq: (one.envelope_id, one.sha256) for one in heads}


@given(accepted=st.integers(0, 50), first=st.integers(1, 60), count=st.integers(1, 20))
def test_a_batch_of_known_content_fits_unless_something_before_it_is_missing(
    accepted: int, first: int, count: int
) -> None:
    batch = [head(seq) for seq in range(first, first + count)]
    known = held(*(one for one in batch if one.seq <= accepted))

    placed = fit(batch, accepted, known)

    if first > accepted + 1:
        assert placed == Gap(accepted + 1)
    else:
        assert isinstance(placed, Take)
        assert batch[: placed.held_count] == [one for one in batch if one.seq <= accepted]
        fresh = batch[placed.held_count :]
        assert not fresh or fresh[0].seq == accepted + 1


@given(accepted=st.integers(1, 20), data=st.data())
def test_other_content_under_a_held_seq_is_told_by_its_seq(
    accepted: int, data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, accepted))
    other = data.draw(st.integers(first, accepted))
    known = held(*(head(seq) for seq in range(first, accepted + 1)))
    batch = [head(seq, "b" if seq == other else "a") for seq in range(first, accepted + 3)]

    assert fit(batch, accepted, known) == Differs(other)


def test_another_id_under_a_held_seq_differs_though_the_content_is_the_same() -> None:
    known = {1: (UUID(int=77), head(1).sha256)}

    assert fit([head(1)], 1, known) == Differs(1)


@pytest.mark.parametrize(
    ("one", "same_id", "note"),
    [
        (head(5), [], None),
        (head(5, kind=EnvelopeKind.CARD_RECEIPT), [], None),
        (head(5, kind=EnvelopeKind.COVERAGE_BASE), [], None),
        (head(5, kind="residence_move"), [], "held"),
        (head(5, version=2), [], None),
        (head(5, version=3), [], "held"),
        (head(5), ["a" * 64], "repeat"),
        (head(5), ["b" * 64], "conflict"),
        (head(5), ["b" * 64, "a" * 64], "repeat"),
        (head(5, version=3), ["a" * 64], "repeat"),
    ],
)
def test_notes(one: EnvelopeHead, same_id: list[str], note: str | None) -> None:
    assert note_of(one, same_id) == note


queues = st.lists(
    st.builds(
        Queue,
        st.integers(1, 99).map("61.{:02d}".format),
        st.integers(0, 5_000),
        st.integers(0, 10).map(float),
    ),
    max_size=30,
    unique_by=lambda queue: queue.region,
)


@given(queues=queues, places=st.integers(1, 4_000))
def test_everybody_waiting_gets_a_share_and_nobody_more_than_waits(
    queues: list[Queue], places: int
) -> None:
    given_places = share_out(queues, places)

    waiting = {queue.region: queue.waiting for queue in queues if queue.waiting}
    assert given_places.keys() == waiting.keys()
    assert all(1 <= given_places[region] <= waiting[region] for region in waiting)
    # With more regions than places each still gets one: a region must never stand still.
    assert sum(given_places.values()) <= max(places, len(waiting))


@given(queues=queues, places=st.integers(100, 4_000))
def test_places_are_not_left_empty_while_somebody_waits(queues: list[Queue], places: int) -> None:
    total = sum(queue.waiting for queue in queues)

    assert sum(share_out(queues, places).values()) == min(places, total)


@given(queues=queues, places=st.integers(100, 4_000))
def test_what_the_shares_leave_goes_to_the_oldest_capture_first(
    queues: list[Queue], places: int
) -> None:
    by_age = sorted(
        (queue for queue in queues if queue.waiting),
        key=lambda queue: (queue.oldest_at, queue.region),
    )
    given_places = share_out(queues, places)

    assert list(given_places) == [queue.region for queue in by_age]
    share = max(1, places // 2 // max(1, len(by_age)))
    for older, younger in pairwise(by_age):
        has_more_than_its_share = given_places[younger.region] > share
        assert not has_more_than_its_share or given_places[older.region] == older.waiting


@given(
    backlog=st.integers(1, 100_000),
    small=st.integers(1, 500),
    age=st.floats(0, 1e9, allow_nan=False),
)
def test_a_backlog_of_years_never_starves_a_small_region(
    backlog: int, small: int, age: float
) -> None:
    waiting = {"61.01": backlog, "61.72": small}
    rounds = 0
    while waiting["61.72"]:
        places = share_out(
            [Queue("61.01", waiting["61.01"], 0.0), Queue("61.72", waiting["61.72"], age)], 2_000
        )
        waiting = {region: count - places.get(region, 0) for region, count in waiting.items()}
        rounds += 1

    assert rounds == 1  # 500 places are its own, whoever else waits


@given(queues=queues, places=st.integers(1, 500))
def test_work_ends(queues: list[Queue], places: int) -> None:
    waiting = {queue.region: queue for queue in queues}
    total = sum(queue.waiting for queue in queues)
    rounds = 0
    while given_places := share_out(list(waiting.values()), places):
        for region, count in given_places.items():
            queue = waiting[region]
            waiting[region] = Queue(region, queue.waiting - count, queue.oldest_at)
        rounds += 1
        assert rounds <= total
    assert all(queue.waiting == 0 for queue in waiting.values())
