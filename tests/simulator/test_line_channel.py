"""One direction under toxics, with no socket and no clock: bytes in, moments out."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from line_world import toxic

from services.simulator.bites import Fitting
from services.simulator.channel import Channel, Close, Deliver, Finish, Move, Reset, Wait
from services.simulator.link import ATTRIBUTES, Toxic, ToxicRefused, slice_sizes

pytestmark = pytest.mark.rules


def a_channel(*toxics: Toxic, seed: int = 1) -> Channel:
    channel = Channel("downstream", Random(seed))
    channel.fit([Fitting(one, 0.0) for one in toxics], 0.0)
    return channel


def carry(
    channel: Channel,
    data: bytes,
    *,
    now: float = 0.0,
    chunk: int = 4096,
    finish: bool = True,
) -> tuple[list[tuple[float, bytes]], tuple[float, Move]]:
    """Push data through as a socket would; returns [(moment, bytes)] and the last move."""
    arrived: list[tuple[float, bytes]] = []
    rest, is_finished = data, not finish
    for _ in range(100_000):
        move = channel.next(now)
        if isinstance(move, Deliver):
            arrived.append((now, move.data))
        elif not isinstance(move, Wait):
            return arrived, (now, move)
        elif rest and (room := channel.room()):
            size = min(room, chunk)
            channel.take(rest[:size], now)
            rest = rest[size:]
        elif not rest and not is_finished:
            channel.take(b"", now)
            is_finished = True
        elif move.until is None:
            return arrived, (now, move)
        else:
            assert move.until > now, "it would spin"
            now = move.until
    raise AssertionError("it never came to an end")


harmless = st.lists(
    st.one_of(
        st.builds(
            lambda latency, jitter: toxic("latency", latency=latency, jitter=jitter),
            st.integers(0, 2000),
            st.integers(0, 3000),
        ),
        st.builds(
            lambda rate, shared: toxic("bandwidth", rate=rate, shared=shared),
            st.integers(0, 500),
            st.integers(0, 1),
        ),
        st.builds(
            lambda size, delay: toxic(
                "slicer", average_size=size, size_variation=size // 2, delay=delay
            ),
            st.integers(1, 5000),
            st.integers(0, 10_000),
        ),
        st.builds(lambda delay: toxic("slow_close", delay=delay), st.integers(0, 5000)),
    ),
    max_size=3,
    unique_by=lambda one: one.type,
)


@given(
    toxics=harmless, data=st.binary(max_size=20_000), chunk=st.integers(1, 9000), seed=st.integers()
)
def test_slow_lines_deliver_every_byte_in_order_and_then_the_end(
    toxics: list[Toxic], data: bytes, chunk: int, seed: int
) -> None:
    arrived, (_, last) = carry(a_channel(*toxics, seed=seed), data, chunk=chunk)

    assert b"".join(part for _, part in arrived) == data
    assert last == Finish()


@given(size=st.integers(1, 1400), rate=st.integers(1, 100_000))
def test_a_small_payload_on_an_idle_line_takes_its_size_over_the_rate(size: int, rate: int) -> None:
    arrived, _ = carry(a_channel(toxic("bandwidth", rate=rate)), bytes(size), now=9.0)

    assert arrived[-1][0] == pytest.approx(9.0 + size / (rate * 1000))


@given(
    size=st.integers(10_000, 300_000), rate=st.integers(1, 5_000), chunk=st.integers(100, 99_999)
)
def test_a_long_payload_takes_its_size_over_the_rate_however_it_was_cut(
    size: int, rate: int, chunk: int
) -> None:
    arrived, _ = carry(a_channel(toxic("bandwidth", rate=rate)), bytes(size), chunk=chunk)

    assert arrived[-1][0] == pytest.approx(size / (rate * 1000))


def test_a_shared_rate_is_one_for_two_connections_and_they_take_turns() -> None:
    fitting = Fitting(toxic("bandwidth", rate=100, shared=1), 0.0)
    channels = [Channel("downstream", Random(number)) for number in (1, 2)]
    for channel in channels:
        channel.fit([fitting], 0.0)
        channel.take(bytes(20_000), 0.0)

    now, got = 0.0, [0, 0]
    while sum(got) < 40_000:
        moves = [channel.next(now) for channel in channels]
        for number, move in enumerate(moves):
            got[number] += len(move.data) if isinstance(move, Deliver) else 0
        assert abs(got[0] - got[1]) <= 2 * 2000, "one starves the other"
        waits = [move.until for move in moves if isinstance(move, Wait) and move.until]
        if len(waits) == 2 or not any(isinstance(move, Deliver) for move in moves):
            now = min(waits)
    assert now == pytest.approx(40_000 / 100_000)


@given(jitter=st.integers(0, 500), seed=st.integers())
def test_latency_stays_within_its_jitter_and_never_reorders(jitter: int, seed: int) -> None:
    channel = a_channel(toxic("latency", latency=500, jitter=jitter), seed=seed)
    for number in range(20):
        channel.take(bytes([number]), 0.0)

    arrived, _ = carry(channel, b"", finish=False)

    assert b"".join(part for _, part in arrived) == bytes(range(20))
    assert all((500 - jitter) / 1000 <= at <= (500 + jitter) / 1000 for at, _ in arrived)


@given(limit=st.integers(0, 5000), size=st.integers(1, 6000), chunk=st.integers(1, 2000))
def test_a_data_limit_cuts_at_exactly_its_bytes(limit: int, size: int, chunk: int) -> None:
    data = Random(size).randbytes(size)

    arrived, (_, last) = carry(a_channel(toxic("limit_data", bytes=limit)), data, chunk=chunk)

    assert b"".join(part for _, part in arrived) == data[:limit]
    assert last == (Close() if size >= limit else Finish())


@given(every=st.integers(1, 300), data=st.binary(min_size=600, max_size=2000), seed=st.integers())
def test_corruption_depends_on_the_position_and_not_on_the_cut(
    every: int, data: bytes, seed: int
) -> None:
    results = {
        b"".join(part for _, part in carry(channel, data, chunk=chunk)[0])
        for chunk in (1, 77, 4096)
        for channel in [a_channel(toxic("corrupt", every=every), seed=seed)]
    }

    assert len(results) == 1
    spoiled = results.pop()
    assert len(spoiled) == len(data)
    assert spoiled != data


def test_a_blackhole_takes_nothing_and_gives_back_all_when_lifted() -> None:
    fitting = Fitting(toxic("blackhole"), 0.0)
    channel = a_channel()
    channel.take(b"on its way", 0.0)
    channel.fit([fitting], 0.0)

    assert channel.next(1e6) == Wait(None)
    assert channel.room() == 0

    channel.fit([], 2e6)
    assert channel.next(2e6) == Deliver(b"on its way")


def test_time_spent_in_a_blackhole_is_not_saved_up_as_bandwidth() -> None:
    slow, hole = Fitting(toxic("bandwidth", rate=1), 0.0), Fitting(toxic("blackhole"), 0.0)
    channel = a_channel()
    channel.fit([slow, hole], 0.0)
    channel.take(bytes(3000), 0.0)
    assert channel.next(60.0) == Wait(None)
    channel.fit([slow], 60.0)

    arrived, _ = carry(channel, b"", now=60.0, finish=False)

    assert arrived[-1][0] == pytest.approx(63.0)


def test_a_reset_waits_for_the_first_bytes_and_swallows_them() -> None:
    channel = a_channel(toxic("reset_peer", timeout=250))
    assert channel.next(100.0) == Wait(None)

    channel.take(b"the answer", 100.0)

    assert channel.next(100.0) == Wait(100.25)
    assert channel.next(100.25) == Reset()


def test_a_timeout_closes_after_its_time_though_nothing_was_sent() -> None:
    assert carry(a_channel(toxic("timeout", timeout=700)), b"", finish=False) == (
        [],
        (0.7, Close()),
    )


def test_an_endless_timeout_ends_the_connection_when_it_is_lifted_over_lost_bytes() -> None:
    channel = a_channel(toxic("timeout"))
    channel.take(b"lost", 1.0)
    assert channel.next(1e6) == Wait(None)

    channel.fit([], 1e6)

    assert channel.next(1e6) == Close()


def test_an_endless_timeout_that_swallowed_nothing_leaves_the_connection_whole() -> None:
    channel = a_channel(toxic("timeout"))
    channel.fit([], 5.0)
    channel.take(b"whole", 5.0)

    assert channel.next(5.0) == Deliver(b"whole")


def test_slow_close_delays_the_end_and_nothing_else() -> None:
    arrived, last = carry(a_channel(toxic("slow_close", delay=400)), b"word")

    assert arrived == [(0.0, b"word")]
    assert last == (0.4, Finish())


@given(seed=st.integers(), kind=st.sampled_from(sorted(set(ATTRIBUTES) - {"down"})))
def test_toxicity_0_never_bites_and_1_always_does(seed: int, kind: str) -> None:
    attributes = {"average_size": 1} if kind == "slicer" else {}

    assert a_channel(toxic(kind, toxicity=0.0, **attributes), seed=seed).is_clear
    assert not a_channel(toxic(kind, toxicity=1.0, **attributes), seed=seed).is_clear


def test_toxicity_is_a_share_of_connections() -> None:
    bitten = sum(
        not a_channel(toxic("blackhole", toxicity=0.3), seed=seed).is_clear for seed in range(2000)
    )

    assert 500 < bitten < 700


def test_a_toxic_on_the_other_direction_does_not_bite() -> None:
    assert a_channel(toxic("blackhole", "upstream")).is_clear


@given(total=st.integers(1, 5000), average=st.integers(1, 600), data=st.data())
def test_slices_add_up_and_keep_to_their_variation(
    total: int, average: int, data: st.DataObject
) -> None:
    variation = data.draw(st.integers(0, average - 1))

    sizes = list(slice_sizes(total, average, variation, Random(total)))

    assert sum(sizes) == total
    assert all(abs(size - average) <= variation for size in sizes[:-1])
    assert 0 < sizes[-1] <= average + variation


@pytest.mark.parametrize(
    ("kind", "stream", "toxicity", "attributes"),
    [
        ("latency", "sideways", 1, {}),
        ("rust", "upstream", 1, {}),
        ("latency", "upstream", 1.1, {}),
        ("latency", "upstream", float("nan"), {}),
        ("latency", "upstream", 1, {"latency": -1}),
        ("latency", "upstream", 1, {"latency": 1.5}),
        ("latency", "upstream", 1, {"latency": True}),
        ("latency", "upstream", 1, {"latency": 2**53}),
        ("slicer", "upstream", 1, {}),
        ("slicer", "upstream", 1, {"average_size": 5, "size_variation": 5}),
        ("corrupt", "upstream", 1, {"every": 0}),
        ("bandwidth", "upstream", 1, {"shared": 2}),
    ],
)
def test_a_toxic_that_makes_no_sense_is_refused(
    kind: str, stream: str, toxicity: float, attributes: dict[str, int]
) -> None:
    with pytest.raises(ToxicRefused):
        Toxic(kind, stream, toxicity, attributes)


def test_a_toxic_shows_all_its_attributes_and_drops_unknown_ones() -> None:
    one = Toxic("latency", attributes={"latency": 5, "colour": 3})

    assert one.attributes == {"latency": 5, "jitter": 0}
    assert one.changed({"jitter": 2}).attributes == {"latency": 5, "jitter": 2}
    assert one.name == "latency_downstream"
