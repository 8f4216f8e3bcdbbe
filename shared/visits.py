"""Who vouches for the request that is being answered: a token, a session, a region's signature.

The outer door begins a visit; whoever checks a credential says so here. What is vouched for counts
to its bearer or region, everything else to the address it came from.
"""

from contextvars import ContextVar
from typing import Protocol


class Visit(Protocol):
    """One request, seen by whoever checks its credentials."""

    def by_bearer(self, subject: str, roles: frozenset[str]) -> None: ...

    def by_region(self, code: str) -> None: ...

    def by_name(self) -> None: ...


_current: ContextVar[Visit | None] = ContextVar("visit", default=None)
begin = _current.set


def vouched_by_bearer(subject: str, roles: frozenset[str]) -> None:
    """A good token or session of this person or station. Refuses: TooManyRequests."""
    if (visit := _current.get()) is not None:
        visit.by_bearer(subject, roles)


def vouched_by_region(code: str) -> None:
    """A signature by this region's key. Refuses: TooManyRequests."""
    if (visit := _current.get()) is not None:
        visit.by_region(code)


def vouched() -> None:
    """A credential of our own making that stands for one thing alone, such as an ABIS's share."""
    if (visit := _current.get()) is not None:
        visit.by_name()
