"""How often one may ask, in memory that never grows and forgets nothing early. Pure.

A slot holds one moment: when whoever shares it will have waited enough for all that was asked
(GCRA, as ATM networks count cells). Two who share a slot only wait a little longer; nobody can
push another's count out by asking for many.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

SLOTS = 1 << 16
SLOT_BYTES = 4
KEY_BYTES = 16
# Who was quiet may ask for so many seconds' worth at once: people come in bursts.
BURST_SECONDS = 20
FORWARDED_MAX = 16

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Pace:
    """So many at once, and one more every so many seconds."""

    burst: int
    seconds_each: float


def pace_of(per_second: float) -> Pace | None:
    """A pace with a generous burst; None for 0, which means as often as they like."""
    if not per_second:
        return None
    return Pace(max(1, round(per_second * BURST_SECONDS)), 1 / per_second)


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
        early = self._early(paid_until, now)
        if early == 0.0:
            self._paid_until[slot] = paid_until + self.pace.seconds_each
        return early

    def look(self, asker: bytes, now: float) -> float:
        """The same, and nothing is counted."""
        return self._early(max(self._paid_until[self._slot(asker)], now), now)

    def _early(self, paid_until: float, now: float) -> float:
        early = paid_until - now - self.pace.seconds_each * (self.pace.burst - 1)
        # A hair of tolerance: moments are floats.
        return early if early > 1e-6 else 0.0

    def _slot(self, asker: bytes) -> int:
        found = blake2b(asker, digest_size=SLOT_BYTES, key=self.key).digest()
        return int.from_bytes(found, "big") % SLOTS


@dataclass(frozen=True, slots=True)
class RolePaces:
    """Requests a second of one bearer, by role. usual: for roles that are not named."""

    usual: float
    named: dict[str, float]

    def per_second(self, roles: Sequence[str]) -> float:
        """The widest of what the roles allow; 0: as often as they like."""
        allowed = [self.named.get(role, self.usual) for role in roles] or [self.usual]
        return 0.0 if 0.0 in allowed else max(allowed)


def role_paces_of(text: str) -> RolePaces:
    """`20` or `20,operations=50`: for everybody, and for roles by name. Raises ValueError."""
    usual, *named = (part.strip() for part in text.split(","))
    found = {}
    for one in named:
        role, _, number = one.partition("=")
        found[role.strip()] = _rate(number)
    return RolePaces(_rate(usual), found)


def _rate(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1e6:
        raise ValueError("a pace is 0 to 1,000,000 a second")
    return number


def fronts_of(text: str) -> tuple[Network, ...]:
    """Addresses and networks, separated by commas. Raises ValueError."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def is_among(host: str, networks: Sequence[Network]) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in networks)


def behind_fronts(peer: str, forwarded: str, fronts: Sequence[Network]) -> str:
    """Who asks through fronts of ours: the last address in X-Forwarded-For that is none of them.

    Each front adds its own peer at the end; whatever stands before an address we do not trust is
    only what that address said.
    """
    for said in reversed(forwarded.split(",")[-FORWARDED_MAX:]):
        host = said.strip()
        try:
            ip_address(host)
        except ValueError:
            return peer
        if not is_among(host, fronts):
            return host
    return peer


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
