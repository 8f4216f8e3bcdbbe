"""One direction of one connection under its toxics, as a pure state machine.

Bytes and moments come in; what to do next comes out. The proxy drives it with sockets, a test with
two lists. `now` is seconds on any clock that never goes back.

A piece meets the toxics in this order, whatever order they were added in: half_open, timeout,
reset_peer, status, answer_lost, blackhole, limit_data, corrupt, bandwidth, slicer, latency.
slow_close delays the end only.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random

from services.simulator.answer_faults import AnswerFaults
from services.simulator.bites import Bite, Fitting
from services.simulator.link import (
    HTTP_TYPES,
    Pace,
    Stream,
    ToxicType,
    delay_seconds,
    slice_sizes,
)

READ_BYTES_MAX = 128 * 1024
FLIGHT_BYTES_MAX = 4 * 1024 * 1024  # One second at 32 Mbit/s; beyond it the sender must wait.
BACKLOG_SECONDS = 0.25
BACKLOG_BYTES_MIN = 4096


@dataclass(frozen=True, slots=True)
class Deliver:
    data: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    until: float | None  # None: only new bytes or new toxics change anything


@dataclass(frozen=True, slots=True)
class Finish:
    """The sender said its last word: pass the half-close on."""


@dataclass(frozen=True, slots=True)
class Close:
    """End the whole connection in good order."""


@dataclass(frozen=True, slots=True)
class Reset:
    """End the whole connection by RST."""


@dataclass(frozen=True, slots=True)
class Forsake:
    """Reset the receiver's side alone; the sender's stays open and is told nothing."""


Move = Deliver | Wait | Finish | Close | Reset | Forsake


class Channel:
    """requests: the other direction, if this one carries answers to it."""

    def __init__(self, stream: Stream, draw: Random, requests: "Channel | None" = None) -> None:
        self.stream = stream
        self.received_bytes = self.passed_bytes = 0
        self._draw = draw
        self._requests = requests
        self._asked_bytes = 0  # requests passed when the last bytes came
        self._is_new_turn = True
        self._answers: AnswerFaults | None = None
        self._breaks_at: float | None = None
        self._bites: dict[int, Bite] = {}
        self._biting: dict[ToxicType, list[Bite]] = {}
        self._backlog: deque[tuple[float, bytes]] = deque()  # (arrived at, piece)
        self._flight: deque[tuple[float, Move]] = deque()  # (due at, what arrives)
        self._backlog_bytes = self._flight_bytes = 0
        self._last_due = self._paced_until = self._held_until = 0.0
        self._reset_at: float | None = None
        self._has_hole = self._has_ended = self._is_sealed = self._is_forsaken = False

    @property
    def is_clear(self) -> bool:
        """No toxic bites and nothing is under way: bytes may pass by untouched."""
        is_idle = not (self._flight or self._backlog or self._has_ended)
        return is_idle and not (self._biting or self._is_forsaken)

    @property
    def biting(self) -> list[str]:
        """The names of the toxics that bite this connection in this direction."""
        return [bite.fitting.toxic.name for bites in self._biting.values() for bite in bites]

    @property
    def is_half_open(self) -> bool:
        return self._is_forsaken

    def fit(self, fittings: Iterable[Fitting], now: float) -> None:
        """Obey exactly these fittings from now on; known ones keep their luck and counts."""
        mine = [fitting for fitting in fittings if fitting.toxic.stream == self.stream]
        was_swallowing = "timeout" in self._biting and self._has_hole
        self._bites = {
            fitting.number: self._bites.get(fitting.number) or Bite(fitting, self._draw, now)
            for fitting in mine
        }
        self._biting = {}
        for bite in self._bites.values():
            if bite.is_biting:
                self._biting.setdefault(bite.fitting.toxic.type, []).append(bite)
        if "timeout" in self._biting:
            self._has_hole = self._has_hole or bool(self._backlog or self._flight)
            self._drop_everything()
        elif was_swallowing and self._reset_at is None:
            # Bytes are missing: TCP cannot go on after a hole, so the connection ends here.
            self._seal(Close(), now)
        if self._answers is not None and not self._http_bites():
            held = self._answers.flush()
            self._answers = None
            if held and not self._is_sealed:
                self._store(held, now)

    def room(self) -> int:
        """How many bytes it takes now; 0 leaves them with the sender, whose window closes."""
        if self._has_ended or self._is_sealed or self._reset_at is not None:
            return 0
        if "timeout" in self._biting or "half_open" in self._biting:
            return READ_BYTES_MAX
        if self._breaks_at is not None:
            return 0
        if "blackhole" in self._biting:
            return 0
        room = FLIGHT_BYTES_MAX - self._flight_bytes - self._backlog_bytes
        for pace in self._paces():
            backlog_bytes_max = max(BACKLOG_BYTES_MIN, int(pace.bytes_per_second * BACKLOG_SECONDS))
            room = min(room, backlog_bytes_max - self._backlog_bytes)
        return max(0, min(room, READ_BYTES_MAX))

    def hear(self, size_bytes: int) -> None:
        """Count bytes from the sender, whether they are taken or pass untouched."""
        self.received_bytes += size_bytes
        asked_bytes = self._requests.passed_bytes if self._requests else 0
        self._is_new_turn = asked_bytes > self._asked_bytes
        self._asked_bytes = asked_bytes

    def take(self, data: bytes, now: float) -> None:
        """Accept bytes from the sender; `b""` means the sender has finished."""
        self._has_ended = self._has_ended or not data
        self._count_bitten(data)
        if "half_open" in self._biting or self._is_forsaken:
            return
        if "timeout" in self._biting:
            self._has_hole = True
            return
        if "reset_peer" in self._biting and self._reset_at is None:
            wait_ms = min(bite["timeout"] for bite in self._biting["reset_peer"])
            self._reset_at = now + wait_ms / 1000
        if self._reset_at is not None:
            return
        if self._http_bites():
            data = self._bite_answers(data, now)
        if data:
            self._store(data, now)

    def next(self, now: float) -> Move:
        """Decide what happens at this moment. Ask again after doing it."""
        if "half_open" in self._biting or self._is_forsaken:
            return self._next_in_half_open()
        if self._reset_at is not None:
            return Reset() if now >= self._reset_at else Wait(self._reset_at)
        if "timeout" in self._biting:
            return self._next_in_timeout(now)
        if "blackhole" in self._biting:
            for bite in self._biting["blackhole"]:
                bite.fire()
            self._held_until = now
            return Wait(None)
        self._launch(now)
        if self._flight:
            due, move = self._flight[0]
            if due > now:
                is_paced = bool(self._backlog) and self._paced_until > now
                return Wait(min(due, self._paced_until) if is_paced else due)
            self._flight.popleft()
            if isinstance(move, Deliver):
                self._flight_bytes -= len(move.data)
            return move
        return Wait(self._paced_until if self._backlog else None)

    def _next_in_half_open(self) -> Move:
        if "half_open" not in self._biting:
            return Reset()  # The line is back, and the other side knows no such connection.
        if self._has_ended:
            return Close()
        if self._is_forsaken:
            return Wait(None)
        self._is_forsaken = True
        for bite in self._biting["half_open"]:
            bite.fire()
        self._drop_everything()
        return Forsake()

    def _next_in_timeout(self, now: float) -> Move:
        ends = [b.since + b["timeout"] / 1000 for b in self._biting["timeout"] if b["timeout"]]
        if ends and now >= min(ends):
            return Close()
        return Wait(min(ends, default=None))

    def _launch(self, now: float) -> None:
        """Move from the backlog into flight whatever the pace allows."""
        while self._backlog and not self._is_sealed:
            paces = self._paces()
            if (paces and self._paced_until > now) or self._flight_bytes >= FLIGHT_BYTES_MAX:
                return
            turn_bytes = min((pace.turn_bytes for pace in paces), default=READ_BYTES_MAX)
            arrived_at, piece = self._from_backlog(turn_bytes)
            piece, is_last = self._limit(piece)
            for bite in self._biting.get("corrupt", []):
                piece = bite.flips.spoil(piece, bite["every"])
            through_at = now
            if paces:
                arrived_at = max(arrived_at, self._held_until)
                through_at = max(pace.through_at(arrived_at, len(piece)) for pace in paces)
                self._paced_until = through_at
            self._send_off(piece, through_at)
            if is_last:
                self._seal(Close(), self._last_due)
        if self._breaks_at is not None and not self._backlog and not self._is_sealed:
            self._seal(Reset(), max(self._breaks_at, self._last_due))
        if self._has_ended and not self._backlog and not self._is_sealed:
            delay_ms = sum(bite["delay"] for bite in self._biting.get("slow_close", []))
            self._seal(Finish(), max(now, self._last_due) + delay_ms / 1000)

    def _send_off(self, piece: bytes, through_at: float) -> None:
        due = through_at + sum(
            delay_seconds(bite["latency"], bite["jitter"], self._draw)
            for bite in self._biting.get("latency", [])
        )
        for number, (part, gap_seconds) in enumerate(self._slices(piece)):
            due += gap_seconds if number else 0.0
            self._last_due = max(self._last_due, due)  # Jitter delays, it never reorders.
            self._flight.append((self._last_due, Deliver(part)))
            self._flight_bytes += len(part)

    def _slices(self, piece: bytes) -> Iterator[tuple[bytes, float]]:
        bites = self._biting.get("slicer")
        if not bites:
            if piece:
                yield piece, 0.0
            return
        bite, start = bites[0], 0
        sizes = slice_sizes(len(piece), bite["average_size"], bite["size_variation"], self._draw)
        for size in sizes:
            yield piece[start : start + size], bite["delay"] / 1_000_000
            start += size

    def _limit(self, piece: bytes) -> tuple[bytes, bool]:
        """Cut the piece at the nearest data limit; True when the limit is reached."""
        is_last = False
        for bite in self._biting.get("limit_data", []):
            left = max(0, bite["bytes"] - bite.passed_bytes)
            is_last = is_last or len(piece) >= left
            piece = piece[:left]
        for bite in self._biting.get("limit_data", []):
            bite.passed_bytes += len(piece)
        return piece, is_last

    def _from_backlog(self, size_bytes_max: int) -> tuple[float, bytes]:
        arrived_at, piece = self._backlog.popleft()
        if len(piece) > size_bytes_max:
            self._backlog.appendleft((arrived_at, piece[size_bytes_max:]))
            piece = piece[:size_bytes_max]
        self._backlog_bytes -= len(piece)
        return arrived_at, piece

    def _http_bites(self) -> list[Bite]:
        return [*self._biting.get("status", []), *self._biting.get("answer_lost", [])]

    def _bite_answers(self, data: bytes, now: float) -> bytes:
        if self._answers is None:
            self._answers = AnswerFaults()
            if not self._is_new_turn:
                self._answers.overhear()
        if self._is_new_turn:
            self._answers.next_answer()
        passes = self._answers.bite(data, self._http_bites())
        if self._answers.breaks_after_ms is not None:
            self._breaks_at = now + self._answers.breaks_after_ms / 1000
        elif self._has_ended:
            passes += self._answers.flush()
        return passes

    def _count_bitten(self, data: bytes) -> None:
        for kind, bites in self._biting.items():
            if kind not in HTTP_TYPES and (kind == "slow_close") is (not data):
                for bite in bites:
                    bite.fire()

    def _store(self, data: bytes, now: float) -> None:
        self._backlog.append((now, data))
        self._backlog_bytes += len(data)

    def _seal(self, move: Finish | Close | Reset, due: float) -> None:
        """Nothing follows this move."""
        self._is_sealed = True
        self._backlog.clear()
        self._backlog_bytes = 0
        self._flight.append((due, move))

    def _drop_everything(self) -> None:
        self._backlog.clear()
        self._flight.clear()
        self._backlog_bytes = self._flight_bytes = 0

    def _paces(self) -> list[Pace]:
        paces = (bite.pace for bite in self._biting.get("bandwidth", []))
        return [pace for pace in paces if pace.bytes_per_second > 0]
