"""The line on real sockets: each fault, with proof that it fired."""

import asyncio
import socket
from collections.abc import Iterator
from random import Random
from time import monotonic

import pytest
import uvloop
from line_world import ask, calling, echo_server, line_to_echo, toxic

from services.simulator.link import both_ways
from services.simulator.proxy import Line
from services.simulator.weather import REFUSING, Spell, demo_storm

SLACK_SECONDS = 0.25  # What a busy machine may add.


async def seconds_to_ask(line: Line, data: bytes) -> float:
    async with calling(line) as streams:
        started_at = monotonic()
        assert await ask(streams, data) == data
        return monotonic() - started_at


async def test_a_perfect_line_carries_every_byte_both_ways() -> None:
    data = Random(1).randbytes(8 * 1024 * 1024)
    async with line_to_echo() as (line, echo), calling(line) as (reader, writer):
        writer.write(data)
        answer = await reader.readexactly(len(data))

        assert answer == data == echo.received[0]


async def test_half_close_passes_and_the_answer_still_comes() -> None:
    async with (
        line_to_echo(*both_ways("latency", 1, {"latency": 5})) as (line, _),
        calling(line) as (reader, writer),
    ):
        writer.write(b"12345")
        writer.write_eof()

        assert await reader.read(-1) == b"12345all 5"


async def test_a_cut_that_is_itself_cancelled_leaves_no_socket_open() -> None:
    """As when a storm's time is over in the middle of a cut; the line is stopped right after."""
    async with line_to_echo() as (line, _), calling(line) as streams:
        await ask(streams, b"alive")
        (connection,) = line._connections
        (carrying,) = line._running

        carrying.cancel()
        await asyncio.sleep(0)
        carrying.cancel()
        await asyncio.wait([carrying])

        assert connection._upstream.fileno() == connection._client.fileno() == -1


async def test_a_caller_in_the_moment_of_a_cut_is_not_forgotten() -> None:
    """The door hears of him and is closed in the same turn of the loop."""
    async with line_to_echo() as (line, _):
        with socket.socket() as caller:
            caller.connect(tuple(line.listen))
            await line.cut()

            caller.settimeout(5)
            with pytest.raises(ConnectionResetError):
                caller.recv(1)


async def test_a_cut_resets_the_living_and_refuses_the_new() -> None:
    async with line_to_echo() as (line, echo), calling(line) as (reader, writer):
        assert await ask((reader, writer), b"alive") == b"alive"

        await line.cut()

        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*line.listen)
        await asyncio.wait_for(echo.ended.wait(), 5)
        assert echo.endings == ["reset"]
        assert (line.is_up, line.connections, line.tally.resets) == (False, [], 1)


async def test_a_restored_line_is_at_the_same_address_however_often_it_was_cut() -> None:
    async with line_to_echo() as (line, _):
        before = line.listen
        for _ in range(3):
            await line.cut()
            await line.cut()
            await line.restore()
            await line.restore()

            assert line.listen == before
            assert await seconds_to_ask(line, b"back") < SLACK_SECONDS


async def test_nobody_is_given_the_port_of_a_cut_line() -> None:
    async with line_to_echo() as (line, _):
        await line.cut()

        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(line.listen)


async def test_latency_is_added_in_each_direction() -> None:
    async with line_to_echo(*both_ways("latency", 1, {"latency": 60})) as (line, _):
        assert 0.120 <= await seconds_to_ask(line, b"ping") < 0.120 + SLACK_SECONDS


async def test_bandwidth_takes_the_time_its_rate_says() -> None:
    async with line_to_echo(toxic("bandwidth", "upstream", rate=400)) as (line, _):
        assert 0.399 <= await seconds_to_ask(line, bytes(160_000)) < 0.4 * 1.15 + 0.05


async def test_bandwidth_does_not_hold_up_a_small_payload() -> None:
    async with line_to_echo(*both_ways("bandwidth", 1, {"rate": 50})) as (line, _):
        assert 0.038 <= await seconds_to_ask(line, bytes(1000)) < 0.100


async def test_a_shared_rate_is_one_capacity_for_all_connections() -> None:
    async with line_to_echo(toxic("bandwidth", "upstream", rate=400, shared=1)) as (line, _):
        times = await asyncio.gather(*(seconds_to_ask(line, bytes(60_000)) for _ in range(2)))

        assert max(times) >= 0.299
        assert min(times) >= 0.250, "they take turns, nobody goes first"


async def test_reset_peer_lets_the_request_arrive_and_loses_the_answer() -> None:
    async with line_to_echo(toxic("reset_peer")) as (line, echo), calling(line) as streams:
        with pytest.raises(ConnectionResetError):
            await ask(streams, b"commit this")

        assert await echo.until_received(11) == b"commit this"


async def test_reset_peer_upstream_loses_the_request() -> None:
    async with line_to_echo(toxic("reset_peer", "upstream")) as (line, echo):
        async with calling(line) as streams:
            with pytest.raises(ConnectionResetError):
                await ask(streams, b"never seen")

        await asyncio.wait_for(echo.ended.wait(), 5)
        assert (echo.received, echo.endings) == ([bytearray()], ["reset"])


@pytest.mark.parametrize("limit", [1, 999, 70_001])
async def test_a_data_limit_lets_exactly_its_bytes_arrive(limit: int) -> None:
    data = Random(limit).randbytes(100_000)
    async with line_to_echo(toxic("limit_data", "upstream", bytes=limit)) as (line, echo):
        async with calling(line) as (_, writer):
            writer.write(data)
            await asyncio.wait_for(echo.ended.wait(), 5)

        assert echo.received[0] == data[:limit]


async def test_a_blackhole_tells_nobody_and_delivers_when_lifted() -> None:
    async with line_to_echo(*both_ways("blackhole")) as (line, echo), calling(line) as streams:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ask(streams, b"anybody?"), 0.1)
        assert echo.received in ([], [bytearray()])

        await line.apply([])

        assert await echo.until_received(8) == b"anybody?"
        assert await streams[0].readexactly(8) == b"anybody?"


async def test_a_request_its_client_gave_up_arrives_after_the_blackhole() -> None:
    async with line_to_echo(*both_ways("blackhole")) as (line, echo):
        async with calling(line) as (_, writer):
            writer.write(b"ghost")
            await writer.drain()

        await line.apply([])

        assert await echo.until_received(5) == b"ghost"


async def test_an_endless_timeout_swallows_and_a_limited_one_closes() -> None:
    async with line_to_echo(toxic("timeout", "upstream")) as (line, echo):
        async with calling(line) as (reader, writer):
            writer.write(b"lost")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.05)

            await line.apply([toxic("timeout", "upstream", timeout=80)])

            assert await reader.read(-1) == b""
        assert echo.received == [bytearray()]


async def test_slow_close_delays_the_end_only() -> None:
    async with (
        line_to_echo(toxic("slow_close", delay=120)) as (line, _),
        calling(line) as streams,
    ):
        started_at = monotonic()
        assert await ask(streams, b"word") == b"word"
        assert monotonic() - started_at < 0.1
        streams[1].write_eof()
        assert await streams[0].read(-1) == b"all 4"
        assert monotonic() - started_at >= 0.12


async def test_a_slicer_cuts_what_arrives_into_pieces() -> None:
    slicer = toxic("slicer", "upstream", average_size=100, size_variation=20, delay=1000)
    async with line_to_echo(slicer) as (line, echo):
        await seconds_to_ask(line, bytes(2000))

        assert echo.reads >= 10


async def test_corruption_changes_bytes_and_not_their_number() -> None:
    async with line_to_echo(toxic("corrupt", "upstream", every=50)) as (line, echo):
        async with calling(line) as (_, writer):
            writer.write(bytes(1000))

            spoiled = await echo.until_received(1000)

        assert len(spoiled) == 1000
        assert 8 <= sum(byte != 0 for byte in spoiled) <= 40


@pytest.mark.parametrize(("toxicity", "resets"), [(0.0, 0), (1.0, 12)])
async def test_toxicity_0_never_bites_and_1_always_does(toxicity: float, resets: int) -> None:
    async with line_to_echo(toxic("reset_peer", toxicity=toxicity)) as (line, _):
        answers = await asyncio.gather(
            *(seconds_to_ask(line, b"hello") for _ in range(12)), return_exceptions=True
        )

        assert sum(isinstance(answer, ConnectionResetError) for answer in answers) == resets


async def test_the_same_seed_bites_the_same_connections() -> None:
    async def bitten(seed: int) -> list[int]:
        hit = []
        async with line_to_echo(toxic("reset_peer", toxicity=0.5), seed=seed) as (line, _):
            for number in range(16):
                try:
                    await seconds_to_ask(line, b"hello")
                except ConnectionResetError:
                    hit.append(number)
        return hit

    assert await bitten(3) == await bitten(3)
    assert await bitten(3) != await bitten(4)


async def test_toxics_bite_and_leave_connections_already_open() -> None:
    async with line_to_echo() as (line, _), calling(line) as streams:
        assert await ask(streams, b"fast") == b"fast"
        await line.apply([toxic("latency", latency=100)])
        started_at = monotonic()
        assert await ask(streams, b"slow") == b"slow"
        assert monotonic() - started_at >= 0.1

        await line.apply([])
        started_at = monotonic()
        assert await ask(streams, b"fast") == b"fast"
        assert monotonic() - started_at < 0.1


async def test_a_down_toxic_refuses_until_it_is_lifted_and_no_longer_than_the_switch() -> None:
    async with line_to_echo(toxic("down")) as (line, _):
        assert not line.is_up
        await line.restore()
        assert not line.is_up

        await line.apply([])

        assert await seconds_to_ask(line, b"up") < SLACK_SECONDS


async def test_live_connections_are_listed_with_their_bytes() -> None:
    async with line_to_echo() as (line, _), calling(line) as first, calling(line) as second:
        await ask(first, bytes(10))
        await ask(second, bytes(2000))

        counts = line.connections
        assert [(c.number, c.upstream_bytes, c.downstream_bytes) for c in counts] == [
            (1, 10, 10),
            (2, 2000, 2000),
        ]
        assert counts[0].client == "{}:{}".format(*first[1].get_extra_info("sockname"))


async def test_a_dead_upstream_is_a_reset_and_is_counted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = gone.getsockname()
    line = await Line(address).start()

    async with calling(line) as streams:
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await ask(streams, b"hello")

    assert line.tally.unreachable == 1
    await line.stop()


async def test_a_taken_port_is_told_and_nothing_stays_open() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="in use"),
    ):
        await Line(("127.0.0.1", 1), listen=taken.getsockname()).start()


async def test_a_line_follows_a_storm_and_is_perfect_afterwards() -> None:
    seen: set[tuple[str, bool]] = set()

    async with line_to_echo() as (line, _):

        def watched() -> Iterator[Spell]:
            for spell in demo_storm(5, 60, outages=4):
                if line.tally.spell:
                    seen.add((line.tally.spell.state, line.is_up))
                yield spell

        started_at = monotonic()
        await line.follow(watched(), speed=120)

        assert 0.5 <= monotonic() - started_at < 0.5 + SLACK_SECONDS
        assert seen >= {("outage", True), ("outage", False), ("storm", True)}
        assert (line.tally.spells, line.tally.outages, line.tally.outages_survived) == (17, 4, 4)
        assert line.tally.spell is None
        assert await seconds_to_ask(line, b"calm") < SLACK_SECONDS


async def test_weather_leaves_toxics_mounted_by_hand_alone() -> None:
    async with line_to_echo(toxic("latency", latency=7)) as (line, _):
        await line.follow(demo_storm(1, 1, outages=2), speed=100)

        assert [one.attributes["latency"] for one in line.toxics] == [7]


async def test_weather_cancelled_in_an_outage_leaves_the_line_up() -> None:
    async with line_to_echo() as (line, _):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await line.follow([Spell(0.0, "outage", 1000.0, REFUSING)])

        assert line.tally.outages == 1
        assert await seconds_to_ask(line, b"up") < SLACK_SECONDS


def test_the_line_does_the_same_on_uvloop() -> None:
    async def story() -> None:
        async with echo_server() as (echo, address):
            line = await Line(address).start()
            assert await seconds_to_ask(line, bytes(300_000)) < 1
            async with calling(line) as (reader, writer):
                writer.write(b"x")
                await reader.readexactly(1)
                await line.cut()
                with pytest.raises(ConnectionResetError):
                    await reader.read(1)
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(*line.listen)
            await line.restore()
            await line.apply(both_ways("latency", 1, {"latency": 40}))
            assert 0.078 <= await seconds_to_ask(line, b"slow") < 0.08 + SLACK_SECONDS
            assert "reset" in echo.endings
            await line.stop()

    uvloop.run(story())
