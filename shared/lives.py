"""From when to when a key or a certificate may be used, and when to ask for the next. Pure.

A key that has expired looks like bad weather to whoever uses it (under TLS 1.3 a client is not even
told), so its owner must know long before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

RENEW_AT_LEFT = 1 / 3  # of its life
RENEW_BEFORE = timedelta(days=30)  # for a key that does not say when it was made


class LifeState(StrEnum):
    GOOD = "good"
    RENEW = "renew"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Life:
    """not_before: None for a key that does not say when it was made."""

    not_before: datetime | None  # aware, UTC
    not_after: datetime

    def state(self, now: datetime) -> LifeState:
        if now >= self.not_after:
            return LifeState.EXPIRED
        return LifeState.GOOD if now < self._renew_from else LifeState.RENEW

    def seconds_left(self, now: datetime) -> float:
        """Below zero once it has expired."""
        return (self.not_after - now).total_seconds()

    @property
    def _renew_from(self) -> datetime:
        if self.not_before is None:
            return self.not_after - RENEW_BEFORE
        return self.not_after - RENEW_AT_LEFT * (self.not_after - self.not_before)


def life_of(jwk: Mapping[str, object]) -> Life | None:
    """What a JWK says by `iat` and `exp`, seconds since 1970; None for one that never ends."""
    ends, began = jwk.get("exp"), jwk.get("iat")
    if not isinstance(ends, int):
        return None
    return Life(
        datetime.fromtimestamp(began, UTC) if isinstance(began, int) else None,
        datetime.fromtimestamp(ends, UTC),
    )


def members_of(life: Life | None) -> dict[str, int]:
    """The members of a JWK that say so; none for a key that never ends."""
    if life is None:
        return {}
    told = {"exp": int(life.not_after.timestamp())}
    if life.not_before is not None:
        told["iat"] = int(life.not_before.timestamp())
    return told
