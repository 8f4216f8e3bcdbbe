"""How often one may ask, in memory that never grows and forgets nothing early. Pure.

A slot holds one moment: when whoever shares it will have waited enough for all that was asked
(GCRA, as ATM networks count cells). Two who share a slot only wait a little longer; nobody can
push another's count out by asking for many.
"""

from array import array
from dataclasses import dataclass, field
from hashlib import blake2b

SLOTS = 1 << 16
SLOT_BYTES = 4
KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class Pace:
    """So many at once, and one more every so many seconds."""

    burst: int
    seconds_each: float


@dataclass(slots=True)
class Limiter:
    """Counts askers by a keyed hash: what they said about themselves is not kept.

    key: drawn at the start, so that nobody can choose who shares their slot.
    """

    pace: Pace
    key: bytes
    _paid_until: "array[float]" = field(default_factory=lambda: array("d", bytes(8 * SLOTS)))

    def wait_seconds(self, asker: bytes, now: float) -> float:
        """0.0 and counted when `asker` may ask at `now` (seconds); else how long to wait."""
        slot = self._slot(asker)
        paid_until = max(self._paid_until[slot], now)
        early = paid_until - now - self.pace.seconds_each * (self.pace.burst - 1)
        # A hair of tolerance: moments are floats.
        if early > 1e-6:
            return early
        self._paid_until[slot] = paid_until + self.pace.seconds_each
        return 0.0

    def _slot(self, asker: bytes) -> int:
        found = blake2b(asker, digest_size=SLOT_BYTES, key=self.key).digest()
        return int.from_bytes(found, "big") % SLOTS


def address_of(host: str) -> bytes:
    """What counts as one address: of IPv6 the network, since a household has all of a /64."""
    if ":" in host:
        groups = _spelled_out(host.partition("%")[0])
        return ":".join(groups[:4]).encode()
    return host.encode()


def _spelled_out(host: str) -> list[str]:
    head, gap, tail = host.lower().partition("::")
    left = [group for group in head.split(":") if group]
    right = [group for group in tail.split(":") if group]
    zeros = ["0"] * max(0, 8 - len(left) - len(right)) if gap else []
    return [group.lstrip("0") or "0" for group in (*left, *zeros, *right)]
