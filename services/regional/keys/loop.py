"""Look now and then whether this region's key has to be handed in or renewed, and do it."""

import asyncio
import random
from dataclasses import dataclass

import structlog

from services.regional.central_client.client import CentralClient, Refused, Unknown
from services.regional.central_client.own_key import OwnKey
from services.regional.central_client.rules import wait_seconds
from services.regional.keys.steps import Renewal
from services.regional.settings import RegionalSettings
from shared.clock import Clock

LOOK_SECONDS_MAX = 30.0

log = structlog.get_logger()


@dataclass(slots=True)
class KeyRenewal:
    renewal: Renewal
    region: str
    retry_cap_seconds: float

    @classmethod
    def of(
        cls, settings: RegionalSettings, own: OwnKey, client: CentralClient, clock: Clock
    ) -> "KeyRenewal":
        renewal = Renewal(own, client, clock, settings.key_days)
        return cls(renewal, settings.region, settings.retry_cap_seconds)

    async def run(self) -> None:
        failures, said = 0, ""
        while True:
            try:
                word = await self.renewal.move()
            except (OSError, ValueError, KeyError) as trouble:
                log.error(  # noqa: TRY400 the kind says it all
                    "key.unreadable", region=self.region, trouble=type(trouble).__name__
                )
                word = Unknown(type(trouble).__name__)
            if isinstance(word, Refused | Unknown):
                failures += 1
                reason = word.code if isinstance(word, Refused) else word.reason
                log.warning("key.not_handed_in", region=self.region, reason=reason)
                pause = wait_seconds(failures, random.random(), self.retry_cap_seconds)
            else:
                failures = 0
                if word is not None and word.state != said:
                    said = word.state
                    log.warning("key.told", region=self.region, kid=word.kid, state=said)
                pause = min(LOOK_SECONDS_MAX, self.retry_cap_seconds)
            await asyncio.sleep(pause)
