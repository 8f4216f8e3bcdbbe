"""The faults a line can have and their arithmetic: delay, pace, slices. Pure, no clock, no I/O.

The vocabulary is Toxiproxy's, so its clients, habits and documentation apply; `blackhole`,
`corrupt`, `down`, `half_open`, `answer_lost`, `status` and the attribute `shared` of `bandwidth`
are ours. Source: docs/LINE.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from random import Random
from types import MappingProxyType
from typing import Final, Literal, cast, get_args

Stream = Literal["upstream", "downstream"]
ToxicType = Literal[
    "latency",
    "bandwidth",
    "slow_close",
    "timeout",
    "reset_peer",
    "slicer",
    "limit_data",
    "blackhole",
    "corrupt",
    "down",
    "half_open",
    "answer_lost",
    "status",
]

STREAMS: Final[tuple[Stream, ...]] = get_args(Stream)
BYTES_PER_KB: Final = 1000  # Toxiproxy's KB: a rate of 1 passes 1,000 bytes in a second.
ATTRIBUTE_MAX: Final = 2**53 - 1  # Larger integers change their value in JSON clients.
PACKET_BYTES: Final = 1460  # What one Ethernet frame carries: the smallest turn on a shared line.
TURN_SECONDS: Final = 0.02

# Every attribute with its default; an attribute not listed here is not known to the toxic.
ATTRIBUTES: Final[Mapping[ToxicType, Mapping[str, int]]] = MappingProxyType(
    {
        "latency": {"latency": 0, "jitter": 0},  # milliseconds
        "bandwidth": {"rate": 0, "shared": 0},  # KB/s, 0 is unlimited; shared is 0 or 1
        "slow_close": {"delay": 0},  # milliseconds
        "timeout": {"timeout": 0},  # milliseconds, 0 waits until the toxic is lifted
        "reset_peer": {"timeout": 0},  # milliseconds
        "slicer": {"average_size": 0, "size_variation": 0, "delay": 0},  # bytes, microseconds
        "limit_data": {"bytes": 0},
        "blackhole": {},
        "corrupt": {"every": 1000},  # mean bytes between two flipped bits
        "down": {},
        "half_open": {},
        # bytes of the answer let through, milliseconds until the cut
        "answer_lost": {"bytes": 0, "timeout": 0, "skip": 0, "times": 0},
        "status": {"status": 503, "skip": 0, "times": 0},
    }
)
# These bite answers, not connections: their toxicity is drawn for each answer, and `skip` answers
# of the line pass before they bite `times` ones; 0 is for ever.
HTTP_TYPES: Final[frozenset[ToxicType]] = frozenset({"answer_lost", "status"})


class ToxicRefused(ValueError):
    """The toxic makes no sense; the message says which part and never echoes long input."""


class StreamUnknown(ToxicRefused):
    """The stream is neither upstream nor downstream."""


class ToxicTypeUnknown(ToxicRefused):
    """No toxic has this type."""


@dataclass(frozen=True, slots=True)
class Toxic:
    """One fault on one direction of a line.

    stream: `upstream` runs from client to server, `downstream` back.
    toxicity: share of connections it bites, 0..1, drawn once per connection; for `HTTP_TYPES`
        the share of answers, drawn for each.
    attributes: integers; absent ones take the defaults of `ATTRIBUTES`, unknown ones are dropped.
    starts_after_seconds, expires_after_seconds: when it begins and ends to bite, both counted
        from its mounting on a line; None never ends.
    Raises ToxicRefused.
    """

    type: ToxicType
    stream: Stream = "downstream"
    toxicity: float = 1.0
    attributes: Mapping[str, int] = field(default_factory=dict, hash=False)
    name: str = ""
    starts_after_seconds: float = 0.0
    expires_after_seconds: float | None = None

    def __post_init__(self) -> None:
        if self.stream not in STREAMS:
            raise StreamUnknown("stream was invalid, can be either upstream or downstream")
        if self.type not in ATTRIBUTES:
            raise ToxicTypeUnknown("invalid toxic type")
        if self.type in HTTP_TYPES and self.stream != "downstream":
            raise ToxicRefused("answers go downstream")
        if not 0.0 <= self.toxicity <= 1.0:
            raise ToxicRefused("toxicity must be between 0 and 1")
        ends_after = inf if self.expires_after_seconds is None else self.expires_after_seconds
        if not 0.0 <= self.starts_after_seconds < ends_after:
            raise ToxicRefused("it must expire later than it starts")
        known = ATTRIBUTES[self.type]
        given = {key: self.attributes.get(key, default) for key, default in known.items()}
        _refuse_attributes(self.type, given)
        object.__setattr__(self, "attributes", MappingProxyType(given))
        object.__setattr__(self, "name", self.name or f"{self.type}_{self.stream}")

    def changed(
        self, attributes: Mapping[str, int] | None = None, toxicity: float | None = None
    ) -> "Toxic":
        """Give the same toxic with some attributes or its toxicity set anew; the rest keep."""
        return replace(
            self,
            attributes={**self.attributes, **(attributes or {})},
            toxicity=self.toxicity if toxicity is None else toxicity,
        )


def both_ways(
    type_: ToxicType, toxicity: float = 1.0, attributes: Mapping[str, int] | None = None
) -> tuple[Toxic, Toxic]:
    """Make the same fault for both directions."""
    up, down = (Toxic(type_, stream, toxicity, attributes or {}) for stream in STREAMS)
    return up, down


def toxic_type(word: str) -> ToxicType:
    """Read a type from outside. Raises ToxicTypeUnknown."""
    if word not in ATTRIBUTES:
        raise ToxicTypeUnknown("invalid toxic type")
    return cast("ToxicType", word)


def stream_named(word: str) -> Stream:
    """Read a direction from outside; as in Toxiproxy its case does not matter."""
    lowered = word.lower()
    if lowered not in STREAMS:
        raise StreamUnknown("stream was invalid, can be either upstream or downstream")
    return lowered


def delay_seconds(latency_ms: int, jitter_ms: int, draw: Random) -> float:
    """Draw the delay of one piece: latency ± jitter, evenly spread, never below zero."""
    jitter = draw.uniform(-jitter_ms, jitter_ms) if jitter_ms else 0.0
    return max(0.0, latency_ms + jitter) / 1000


class Pace:
    """When bytes sent at a steady rate are through: a queue with one server.

    One Pace may serve one direction of one connection, or all of them (`shared`).
    """

    def __init__(self, rate_kb: int, now: float) -> None:
        self.bytes_per_second = rate_kb * BYTES_PER_KB
        self._free_at = now

    def through_at(self, arrived_at: float, size_bytes: int) -> float:
        """Take a place in the queue; returns the moment (seconds) the last byte is through.

        A piece on an idle line needs size/rate and nothing more. The arrival, not the moment
        of asking, counts: a timer that fires late does not cost throughput.
        """
        if self.bytes_per_second <= 0:
            return arrived_at
        self._free_at = max(self._free_at, arrived_at) + size_bytes / self.bytes_per_second
        return self._free_at

    @property
    def turn_bytes(self) -> int:
        """What one connection may send before the next one's turn."""
        return max(PACKET_BYTES, int(self.bytes_per_second * TURN_SECONDS))


def slice_sizes(total_bytes: int, average: int, variation: int, draw: Random) -> Iterator[int]:
    """Cut a piece into sizes of average ± variation; the last one takes what is left."""
    left = total_bytes
    while left > 0:
        size = min(left, max(1, average + draw.randint(-variation, variation)))
        yield size
        left -= size


class Flips:
    """Where bits flip: a draw by position in the stream, however the bytes were cut."""

    def __init__(self, draw: Random) -> None:
        self._draw = draw
        self._until_next: int | None = None

    def spoil(self, data: bytes, every: int) -> bytes:
        """Flip one bit after each gap of 1..2·every-1 bytes, `every` on average."""
        spoiled = bytearray(data)
        for place, bit in self.places(len(data), every):
            spoiled[place] ^= 1 << bit
        return bytes(spoiled)

    def places(self, size_bytes: int, every: int) -> Iterator[tuple[int, int]]:
        """Tell which bits flip in the next so many bytes: (byte, bit)."""
        if self._until_next is None:
            self._until_next = self._gap(every)
        while self._until_next <= size_bytes:
            yield self._until_next - 1, self._draw.randrange(8)
            self._until_next += self._gap(every)
        self._until_next -= size_bytes

    def _gap(self, every: int) -> int:
        return self._draw.randint(1, 2 * every - 1)


def _refuse_attributes(type_: ToxicType, given: Mapping[str, int]) -> None:
    for key, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int):
            raise ToxicRefused(f"{key} must be an integer")
        if not 0 <= value <= ATTRIBUTE_MAX:
            raise ToxicRefused(f"{key} must be between 0 and {ATTRIBUTE_MAX}")
    if type_ == "slicer" and not 0 <= given["size_variation"] < given["average_size"]:
        raise ToxicRefused("average_size must be 1 or more and above size_variation")
    if type_ == "corrupt" and given["every"] < 1:
        raise ToxicRefused("every must be 1 or more")
    if type_ == "bandwidth" and given["shared"] > 1:
        raise ToxicRefused("shared must be 0 or 1")
    if type_ == "status" and not 200 <= given["status"] <= 599:
        raise ToxicRefused("status must be between 200 and 599")
