"""Today's work, counted once for everybody who looks.

Where a whole city is recorded counting takes a second: every officer's page renews itself at each
change, and would count again. The longer counting takes, the longer a count is shown.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date

from services.regional.console.steps import Work
from services.regional.console.store import Pulse

# Some things change without a pulse: a blank that is in a printer.
AGE_SECONDS_MAX = 5.0
# A count may be so many times as old as it took to make: a quarter of one core at most.
AGE_PER_COST = 3.0
# What is quicker is made anew for each who asks: whoever did something sees it done.
QUICK_SECONDS_MAX = 0.25


@dataclass(frozen=True, slots=True)
class Counted:
    """Work as it was counted; `began` and `at` by the loop's clock."""

    work: Work
    pulse: Pulse
    began: float
    at: float

    @property
    def cost_seconds(self) -> float:
        return self.at - self.began


@dataclass(slots=True)
class Board:
    """The last count, shared by all pages of this process."""

    count: Callable[[], Awaitable[Work]]
    pulse: Callable[[], Awaitable[Pulse]]
    today: Callable[[], date]
    last: Counted | None = None
    _counting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def work(self) -> Work:
        """As it is now, or as it was within the bounds above."""
        asked = self._now()
        pulse = await self.pulse()
        if (last := self._usable(pulse, asked)) is not None:
            return last.work
        async with self._counting:
            # Whoever waited here may find what somebody else has counted meanwhile.
            if (last := self._usable(pulse, asked)) is not None:
                return last.work
            began = self._now()
            pulse = await self.pulse()
            work = await self.count()
            self.last = Counted(work, pulse, began, self._now())
            return work

    def is_behind(self, pulse: Pulse) -> bool:
        """Whether what is shown was counted before this pulse."""
        return self.last is not None and self.last.pulse != pulse

    @property
    def pause_seconds(self) -> float:
        """How long a page should wait before it asks again."""
        return AGE_PER_COST * self.last.cost_seconds if self.last else 0.0

    def _usable(self, pulse: Pulse, asked: float) -> Counted | None:
        last = self.last
        if last is None or last.work.today != self.today():
            return None
        if last.began >= asked:
            return last
        if last.cost_seconds < QUICK_SECONDS_MAX:
            return None
        age = self._now() - last.at
        is_fresh = last.pulse == pulse and age < AGE_SECONDS_MAX
        return last if is_fresh or age < AGE_PER_COST * last.cost_seconds else None

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
