"""How often keys may be handed in by nobody in particular: so many at once, then one a second."""

from dataclasses import dataclass

from services.central.keys.steps import TooManyKeyRequests

BURST_MAX = 60
SECONDS_EACH = 1.0


@dataclass(slots=True)
class Pace:
    """One for all: a flood here costs everybody's first enrolment, and no region's line."""

    _paid_until: float = 0.0

    def check(self, now: float) -> None:
        """Refuses: TooManyKeyRequests."""
        paid_until = max(self._paid_until, now)
        early = paid_until - now - SECONDS_EACH * (BURST_MAX - 1)
        if early > 0:
            raise TooManyKeyRequests(headers={"Retry-After": str(int(early) + 1)})
        self._paid_until = paid_until + SECONDS_EACH
