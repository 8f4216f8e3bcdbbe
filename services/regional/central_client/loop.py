"""Say in the log, once a day, that a key or certificate of ours ends soon."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from services.regional.central_client.credentials import Credentials
from shared.clock import Clock
from shared.lives import LifeState

LOOK_SECONDS = 600.0
SAY_EVERY = timedelta(days=1)

log = structlog.get_logger()


@dataclass(slots=True)
class KeyWatch:
    credentials: Credentials
    region: str
    clock: Clock
    said_at: datetime | None = None

    async def run(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(LOOK_SECONDS)

    def look(self) -> None:
        now = self.clock.now()
        if self.said_at is not None and now - self.said_at < SAY_EVERY:
            return
        try:
            lives = self.credentials.lives()
        except (OSError, ValueError) as trouble:
            log.error(  # noqa: TRY400 the kind says it all
                "key.unreadable", region=self.region, trouble=type(trouble).__name__
            )
            self.said_at = now
            return
        if (told := self.credentials.refused) is not None:
            self.said_at = now
            log.error(
                "key.refused",
                region=self.region,
                state=told.state,
                happened=told.happened,
                next_action=told.next_action,
            )
        for what, life in lives.items():
            state = life.state(now)
            if state is LifeState.GOOD:
                continue
            self.said_at = now
            days = int(life.seconds_left(now) // 86_400)
            if state is LifeState.EXPIRED:
                log.error("key.expired", region=self.region, what=what, days_left=days)
            else:
                log.warning("key.expires_soon", region=self.region, what=what, days_left=days)
