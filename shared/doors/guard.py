"""Limits by address, by bearer and by region: who asks too often waits, and nobody else does.

A request that a token, a session or a region's signature vouches for counts to its bearer or its
region; any other counts to its address. So a flood from an address that regions share (one front,
one NAT) does not keep them out, and a stolen token does not keep out its office. What is refused is
answered late: one connection then floods once in a second, not as fast as it can.
"""

import secrets
import time
from collections.abc import Callable
from math import ceil

from starlette.types import Scope

from shared.limits import (
    KEY_BYTES,
    Limiter,
    address_of,
    behind_fronts,
    fronts_of,
    is_among,
    pace_of,
    role_paces_of,
)
from shared.refusals import TooManyRequests
from shared.settings import ServiceSettings
from shared.telemetry.metrics import REQUESTS_LIMITED

HOLD_SECONDS = 1.0
HOLD_SECONDS_MAX = 5.0
# The more are held, the longer each: many connections shall not make a flood of refusals.
HELD_EACH_SECOND = 50
_CREDENTIALS = frozenset({b"authorization", b"cookie", b"tunggal-signature"})
# Whatever address asks: a server that is flooded must still be watched.
ALWAYS_LET_IN = frozenset({"/livez", "/readyz", "/metrics"})
# Where a scope says that one of our fronts handed the request on.
FRONT = "tunggal.front"

IsWork = Callable[[Scope], bool]


def nothing_is_work(_: Scope) -> bool:
    return False


class Guard:
    """One per service; its memory is bounded by the limiters' slots and the open connections."""

    def __init__(self, settings: ServiceSettings, is_work: IsWork = nothing_is_work) -> None:
        """is_work: what a service is there for; of it a bearer may ask as often as they like."""
        self.is_work = is_work
        self.roles = role_paces_of(settings.role_per_second)
        self.unproven_max = max(1, settings.connections_max // 2)
        self._fronts = fronts_of(settings.trusted_fronts)
        self._addresses = _limiter(settings.address_per_second)
        self._regions = _limiter(settings.region_per_second)
        self._bearers: dict[float, Limiter | None] = {}
        self._unproven: dict[bytes, int] = {}
        self._held = 0

    def enter(self, scope: Scope) -> "Visitor":
        """Begin a visit. `Visitor.leave` is to be called at its end."""
        host = self._host(scope)
        visitor = Visitor(self, scope, address_of(host))
        if scope["path"] not in ALWAYS_LET_IN:
            self._unproven[visitor.address] = self._unproven.get(visitor.address, 0) + 1
        else:
            visitor.is_proven = True
        return visitor

    def _host(self, scope: Scope) -> str:
        """Where a request comes from; a word of the request counts only from a front of ours."""
        client = scope.get("client")
        host = str(client[0]) if client else ""
        if not self._fronts or not is_among(host, self._fronts):
            return host
        said = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        real = behind_fronts(host, b",".join(said).decode("latin-1"), self._fronts)
        scope["client"] = (real, 0)
        scope[FRONT] = host
        return real

    def wait_at_door(self, visitor: "Visitor") -> float:
        """How long to wait before asking without any credential; 0.0 to come in."""
        if self._unproven.get(visitor.address, 0) > self.unproven_max:
            return HOLD_SECONDS
        if self._addresses is None or _has_credential(visitor.scope):
            return 0.0
        return self._addresses.look(visitor.address, time.monotonic())

    def charge_address(self, visitor: "Visitor") -> bool:
        """Count what nobody vouched for; True when its address has asked too often already."""
        if self._addresses is None:
            return False
        return self._addresses.wait_seconds(visitor.address, time.monotonic()) > 0

    def prove(self, address: bytes) -> None:
        left = self._unproven[address] - 1
        if left:
            self._unproven[address] = left
        else:
            del self._unproven[address]

    def wait_of_bearer(self, subject: str, roles: frozenset[str]) -> float:
        per_second = self.roles.per_second(sorted(roles))
        if per_second not in self._bearers:
            self._bearers[per_second] = _limiter(per_second)  # as many as the setting has numbers
        limiter = self._bearers[per_second]
        return limiter.wait_seconds(subject.encode(), time.monotonic()) if limiter else 0.0

    def wait_of_region(self, code: str) -> float:
        if self._regions is None:
            return 0.0
        return self._regions.wait_seconds(code.encode(), time.monotonic())

    def hold(self) -> float:
        """Seconds to keep an answer back; `let_go` when it has left."""
        self._held += 1
        return min(HOLD_SECONDS + self._held / HELD_EACH_SECOND, HOLD_SECONDS_MAX)

    def let_go(self) -> None:
        self._held -= 1


class Visitor:
    """One request and who vouches for it; the `Visit` of `shared.visits`."""

    __slots__ = ("_guard", "address", "is_paced", "is_proven", "scope")

    def __init__(self, guard: Guard, scope: Scope, address: bytes) -> None:
        self._guard = guard
        self.scope = scope
        self.address = address
        self.is_proven = False
        self.is_paced = False

    def by_bearer(self, subject: str, roles: frozenset[str]) -> None:
        if self._is_first() and not self._guard.is_work(self.scope):
            self._pace("role", self._guard.wait_of_bearer(subject, roles))

    def by_region(self, code: str) -> None:
        if self._is_first():
            self._pace("region", self._guard.wait_of_region(code))

    def by_name(self) -> None:
        self._is_first()

    def leave(self) -> None:
        if not self.is_proven:
            self._guard.prove(self.address)

    def refused_at_door(self) -> TooManyRequests | None:
        wait = self._guard.wait_at_door(self)
        return self._refusal("address", wait) if wait and not self.is_proven else None

    def must_be_held(self) -> bool:
        """Whether the answer is to be late. Counts what nobody vouched for, at its end."""
        return self.is_paced or (not self.is_proven and self._guard.charge_address(self))

    def _is_first(self) -> bool:
        """A page looks at its session more than once: a request counts once."""
        if self.is_proven:
            return False
        self.is_proven = True
        self._guard.prove(self.address)
        return True

    def _pace(self, by: str, wait: float) -> None:
        if wait:
            raise self._refusal(by, wait)

    def _refusal(self, by: str, wait: float) -> TooManyRequests:
        self.is_paced = True
        REQUESTS_LIMITED.labels(by).inc()
        return TooManyRequests(headers={"Retry-After": str(ceil(wait))})


def _limiter(per_second: float) -> Limiter | None:
    pace = pace_of(per_second)
    return Limiter(pace, secrets.token_bytes(KEY_BYTES)) if pace else None


def _has_credential(scope: Scope) -> bool:
    return any(name in _CREDENTIALS for name, _ in scope["headers"])
