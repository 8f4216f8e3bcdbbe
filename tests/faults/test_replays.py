"""Messages that were captured and are sent again: each is heard once, and lawful retries go on."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from services.central.identity.challenges import (
    HEARD_EACH_MAX,
    Challenges,
    ChallengeStale,
    Replayed,
)
from services.command import security_report
from services.regional.central_client.client import CentralClient, CentreKeys, Heard, SignedPage
from shared.clock import ManualClock
from shared.contracts.challenges import CHALLENGE_HEADER, ONCE_HEADER
from shared.signing import SIGNATURE_HEADER, new_key, sign_message
from tests.recordings import NOON
from tests.stories.core_world import drained, record_all
from tests.town import REGION, Databases, Town, town_of

HEADERS_OF_A_WORD = (SIGNATURE_HEADER.lower(), ONCE_HEADER.lower(), "content-type", "tunggal-life")


class Tap(httpx.AsyncHTTPTransport):
    """Somebody on the line, who keeps every message that goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.captured: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.captured.append(request)
        return await super().handle_async_request(request)


@pytest.fixture(scope="module")
async def world(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    async with town_of(
        databases,
        tmp_path_factory.mktemp("replays"),
        clock=ManualClock(NOON),
        regional={"loops": False},
    ) as town:
        yield town


@pytest.fixture
async def tapped(world: Town) -> AsyncIterator[tuple[CentralClient, Tap]]:
    tap = Tap()
    pinned = CentreKeys(None, f"{world.centre.address}/.well-known/jwks.json")
    key = world.keys.region_key(REGION)
    client = CentralClient(world.centre.address, REGION, key, pinned, None, world.clock, tap)
    try:
        assert isinstance(await client.position(), Heard)  # from here on it has a challenge
        yield client, tap
    finally:
        await client.close()


async def again(town: Town, captured: httpx.Request, *without: str) -> httpx.Response:
    """The same bytes with the same headers, from somebody else."""
    headers = {
        name: captured.headers[name]
        for name in HEADERS_OF_A_WORD
        if name in captured.headers and name not in without
    }
    path = captured.url.raw_path.decode()
    client = town.stranger(town.centre)
    return await client.request(captured.method, path, content=captured.content, headers=headers)


@pytest.mark.security
async def test_a_captured_question_is_heard_once_however_it_is_dressed(
    world: Town, tapped: tuple[CentralClient, Tap]
) -> None:
    client, tap = tapped
    assert isinstance(await client.read_feed(0, 50, 0), SignedPage)

    captured = tap.captured[-1]
    same = await again(world, captured)
    stripped = await again(world, captured, ONCE_HEADER.lower())
    clock = world.clock
    assert isinstance(clock, ManualClock)
    clock.advance(timedelta(minutes=16))
    later = await again(world, captured)

    told = [one.json()["code"] for one in (same, stripped, later)]
    security_report.put({"region_refusals": {code: told.count(code) for code in {*told}}})
    assert told == ["message-replayed", "region-not-proven", "challenge-stale"]


async def test_a_region_says_the_same_again_as_a_new_message_and_is_heard(
    world: Town, tapped: tuple[CentralClient, Tap]
) -> None:
    client, tap = tapped
    clock = world.clock
    assert isinstance(clock, ManualClock)

    first = await client.position()
    second = await client.position()
    clock.advance(timedelta(days=7))  # its challenge is stale by now, and it finds out by itself
    after_a_week = await client.position()

    assert all(isinstance(one, Heard) for one in (first, second, after_a_week))
    onces = [one.headers.get(ONCE_HEADER) for one in tap.captured[1:]]
    assert len(set(onces)) == len(onces) == 4


async def test_a_centre_that_demands_challenges_hears_no_message_without_one(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async with town_of(
        databases,
        tmp_path_factory.mktemp("strict"),
        central={"region_challenges": "required"},
    ) as town:
        await record_all(town.at_region(), range(3))
        await drained(town)
        client = town.stranger(town.centre)
        path = f"/v1/regions/{REGION}/position"
        headers = {SIGNATURE_HEADER: sign_message(town.keys.region_key(REGION), f"GET {path}", b"")}
        older = await client.get(path, headers=headers)

    assert older.json()["code"] == "challenge-stale"
    assert CHALLENGE_HEADER in older.headers


class _Asked:
    """What a check looks at of a request."""

    def __init__(self, once: str) -> None:
        self.headers = {ONCE_HEADER: once}


def test_a_region_that_fills_the_memory_has_its_oldest_challenges_ended_not_forgotten() -> None:
    clock = ManualClock(NOON)
    challenges = Challenges(new_key("centre"), clock)
    heard = []
    for number in range(HEARD_EACH_MAX + 1):
        clock.advance(timedelta(milliseconds=10))
        heard.append(f"{challenges.give()}.{number:016d}")
        challenges.check(_Asked(heard[-1]), REGION)  # type: ignore[arg-type]

    for once in heard[:: HEARD_EACH_MAX // 8]:
        with pytest.raises((ChallengeStale, Replayed)):
            challenges.check(_Asked(once), REGION)  # type: ignore[arg-type]
    challenges.check(_Asked(f"{challenges.give()}.{'x' * 16}"), REGION)  # type: ignore[arg-type]
    kept = challenges._heard[REGION].once
    assert len(kept) <= HEARD_EACH_MAX


def test_nobody_but_the_centre_makes_a_challenge_and_an_earlier_start_has_none() -> None:
    clock = ManualClock(NOON)
    key = new_key("centre")
    ours, others = Challenges(key, clock), Challenges(new_key("centre"), clock)
    clock.advance(timedelta(seconds=1))
    before = f"{ours.give()}.{'x' * 16}"
    clock.advance(timedelta(seconds=1))
    after_a_start = Challenges(key, clock)

    for once in (f"{others.give()}.{'x' * 16}", before, "x" * 49, "", before[:-1]):
        with pytest.raises(ChallengeStale):
            after_a_start.check(_Asked(once), REGION)  # type: ignore[arg-type]
    after_a_start.check(_Asked(f"{after_a_start.give()}.{'x' * 16}"), REGION)  # type: ignore[arg-type]
