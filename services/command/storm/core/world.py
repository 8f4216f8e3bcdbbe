"""Time, chance, roads and crashes for the parties of one seed."""

import heapq
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from random import Random
from typing import Any, Final

from services.simulator.road import ROUGH, Arrived, Broken, Refused, Road
from services.simulator.weather import FIBRE, KBIT_128, VSAT_RAIN_SEASON, forecast

CLIMATES: Final = (FIBRE, VSAT_RAIN_SEASON, KBIT_128)
CALM_SECONDS: Final = 0.3
HARMED_SHARE: Final = 0.01  # of requests and of answers, beside what the road does
SILENCE_SECONDS: Final = 30.0
SLOWEST_BYTES_PER_SECOND: Final = 2_000
_START: Final = datetime(2017, 10, 2, tzinfo=UTC)

Do = Callable[..., None]
Deliver = Callable[[bool], Any]  # told whether the bytes were harmed; gives the answer


class World:
    """The event heap of one seed. tear_share: of commits in two halves, those a crash parts."""

    def __init__(self, seed: int, regions: int, tear_share: float) -> None:
        self.now = 0.0
        self.draw = Random(f"{seed}/world")
        self.fired: Counter[str] = Counter()
        self.story: list[str] | None = None
        self.is_calm = False
        self.events = 0
        self._tear_share = tear_share
        self._heap: list[tuple[float, int, Do, tuple[Any, ...]]] = []
        self._order = count()
        self._trace = sha256()
        self._roads = [
            Road(
                forecast(seed * 1_000 + number, self.draw.choice(CLIMATES)),
                seed=f"{seed}/{number}",
                perils=ROUGH,
            )
            for number in range(regions)
        ]

    @property
    def moment(self) -> datetime:
        return _START + timedelta(seconds=self.now)

    @property
    def trace_hash(self) -> str:
        return self._trace.hexdigest()

    def tell(self, what: str, who: str, number: int = 0) -> None:
        """One line of the story: it goes into the trace, and is kept when somebody listens."""
        line = f"{self.now:.3f} {what} {who} {number}"
        self._trace.update(line.encode())
        if self.story is not None:
            self.story.append(line)

    def fault(self, kind: str, who: str) -> None:
        self.fired[kind] += 1
        self.tell(kind, who)

    def later(self, seconds: float, do: Do, *arguments: Any) -> None:
        heapq.heappush(self._heap, (self.now + seconds, next(self._order), do, arguments))

    def tears(self) -> bool:
        """Whether somebody dies between two commits that should have been one."""
        return not self.is_calm and self.draw.random() < self._tear_share

    def run(self, until: float) -> None:
        """Let everything happen that is due by then."""
        heap = self._heap
        while heap and heap[0][0] <= until:
            self.now, _, do, arguments = heapq.heappop(heap)
            self.events += 1
            do(*arguments)
        self.now = max(self.now, until)

    def exchange(
        self,
        who: str,
        road_number: int,
        sizes: tuple[int, int],
        deliver: Deliver,
        hear: Callable[[Any], None],
    ) -> None:
        """Send a request and let `hear` have the answer: None when nobody knows.

        sizes: bytes of the request and of its answer. A harmed answer is heard as (answer, True).
        """
        patience = SILENCE_SECONDS + sizes[0] / SLOWEST_BYTES_PER_SECOND
        asked = _Asked(self, hear)
        self.later(patience, asked.give_up, who)
        if self.is_calm:
            self.later(CALM_SECONDS, self._arrive_calmly, deliver, asked)
            return
        road = self._roads[road_number]
        match road.there(self.now, sizes[0]):
            case Refused():
                self.fault("refused", who)
                self.later(0.1, asked.hear, None)
            case Broken(at, _):
                self.fault("request_cut", who)
                self.later(at - self.now, asked.hear, None)
            case Arrived(at, again_at, flips):
                back = (who, road, sizes[1], deliver, asked, bool(flips))
                self.later(at - self.now, self._arrive, *back)
                if again_at is not None:
                    self.later(again_at - self.now, self._haunt, who, deliver)
            case _:
                return  # swallowed: the asker's patience ends

    def _arrive_calmly(self, deliver: Deliver, asked: "_Asked") -> None:
        answer = deliver(False)
        if answer is None:
            return  # calm came while the other side was down: patience ends
        self.later(CALM_SECONDS, asked.hear, (answer, False))

    def _arrive(
        self,
        who: str,
        road: Road,
        answer_bytes: int,
        deliver: Deliver,
        asked: "_Asked",
        is_harmed: bool,
    ) -> None:
        is_harmed = is_harmed or self.draw.random() < HARMED_SHARE
        if is_harmed:
            self.fault("request_corrupt", who)
        answer = deliver(is_harmed)
        if answer is None:
            return  # the other side was down
        match road.back(self.now, answer_bytes):
            case Broken(at, _):
                self.fault("answer_lost", who)
                self.later(at - self.now, asked.hear, None)
            case Arrived(at, _, flips):
                is_spoiled = bool(flips) or self.draw.random() < HARMED_SHARE
                if is_spoiled:
                    self.fault("answer_corrupt", who)
                self.later(at - self.now, asked.hear, (answer, is_spoiled))
            case _:
                return

    def _haunt(self, who: str, deliver: Deliver) -> None:
        if not self.is_calm:
            self.fault("ghost", who)
        deliver(False)


class _Asked:
    """A question is answered once: by whatever comes first, or by the end of patience."""

    __slots__ = ("_hear", "_is_open", "_world")

    def __init__(self, world: World, hear: Callable[[Any], None]) -> None:
        self._world, self._hear, self._is_open = world, hear, True

    def hear(self, answer: Any) -> None:
        if self._is_open:
            self._is_open = False
            self._hear(answer)

    def give_up(self, who: str) -> None:
        if self._is_open:
            self._world.fault("silence", who)
            self.hear(None)
