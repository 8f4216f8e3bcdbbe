"""One count of today's work for everybody who looks, and never an old one for long."""

import asyncio
from datetime import date
from itertools import count
from typing import Any

from services.regional.console.board import Board
from services.regional.console.store import Pulse

TODAY = date(2017, 10, 13)


class Office:
    """A stand-in for the office itself: what it counts, and how long that takes."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.counted = 0
        self.day = TODAY
        self.seqs = count(1)
        self.last_seq = 0
        self.board = Board(self.count, self.pulse, lambda: self.day)

    async def count(self) -> Any:
        await asyncio.sleep(self.seconds)
        self.counted += 1
        return type("Counted", (), {"today": self.day, "number": self.counted})()

    async def pulse(self) -> Pulse:
        return Pulse(self.last_seq, 0, 0, is_failing=False, trouble=None)

    def change(self) -> None:
        self.last_seq = next(self.seqs)


async def test_a_crowd_that_looks_at_once_is_answered_by_two_counts() -> None:
    office = Office(seconds=0.05)

    await asyncio.gather(*(office.board.work() for _ in range(20)))

    # The second began after all had asked.
    assert office.counted <= 2


async def test_a_change_is_counted_at_once_where_counting_is_quick() -> None:
    office = Office()
    await office.board.work()
    office.change()
    assert office.board.is_behind(await office.pulse())
    await office.board.work()

    assert office.counted == 2
    assert not office.board.is_behind(await office.pulse())


async def test_where_counting_takes_long_a_change_waits_and_is_known_to_be_missing() -> None:
    office = Office(seconds=0.3)
    await office.board.work()
    office.change()
    await office.board.work()

    assert office.counted == 1
    assert office.board.is_behind(await office.pulse())
    assert office.board.pause_seconds >= 0.9
    await asyncio.sleep(office.board.pause_seconds)
    await office.board.work()
    assert office.counted == 2


async def test_the_next_day_is_counted_anew() -> None:
    office = Office(seconds=0.3)
    await office.board.work()
    office.day = date(2017, 10, 14)
    await office.board.work()

    assert office.counted == 2
