"""A deadline holds, passes everything through, and costs nothing to what is already here."""

import asyncio
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from shared.doors.deadline import within

# Servers of other tests share this loop and set timers, too: ours has a length of its own.
OURS = 5.015625


async def slow(log: list[str], steps: int = 3) -> str:
    try:
        for _ in range(steps):
            await asyncio.sleep(0.01)
    except asyncio.CancelledError:
        log.append("cancelled")
        raise
    return "done"


@pytest.fixture
def timers() -> Iterator[list[float | None]]:
    begun: list[float | None] = []
    timeout = asyncio.timeout

    def noted(seconds: float | None) -> asyncio.Timeout:
        begun.append(seconds)
        return timeout(seconds)

    with patch("asyncio.timeout", noted):
        yield begun


async def test_what_is_here_gets_no_timer(timers: list[float | None]) -> None:
    async def here() -> int:
        return 7

    assert await within(OURS, here()) == 7
    assert OURS not in timers


async def test_what_comes_in_time_is_given(timers: list[float | None]) -> None:
    assert await within(OURS, slow([])) == "done"
    assert timers.count(OURS) == 1


async def test_what_is_late_is_cancelled() -> None:
    log: list[str] = []

    with pytest.raises(TimeoutError):
        await within(0.015, slow(log, steps=100))
    assert log == ["cancelled"]


async def test_cancelling_the_waiter_cancels_the_work() -> None:
    log: list[str] = []
    waiter = asyncio.create_task(within(60, slow(log, steps=1_000)))
    await asyncio.sleep(0.02)
    waiter.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert log == ["cancelled"]


@pytest.mark.parametrize("pause_seconds", [None, 0, 0.01])
async def test_an_error_of_the_work_arrives(pause_seconds: float | None) -> None:
    async def fail() -> None:
        if pause_seconds is not None:
            await asyncio.sleep(pause_seconds)
        raise LookupError

    with pytest.raises(LookupError):
        await within(5, fail())


async def test_work_that_ends_well_in_spite_of_its_deadline_has_ended_well() -> None:
    async def stubborn() -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0)
        return "stayed"

    assert await within(0.01, stubborn()) == "stayed"
