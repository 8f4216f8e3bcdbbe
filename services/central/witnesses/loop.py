"""Sign a checkpoint at a set pace."""

import asyncio
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.central.witnesses import steps
from shared.audit.checkpoints import ChainBroken, Made
from shared.clock import Clock
from shared.database.engine import Database
from shared.signing import SigningKey
from shared.telemetry.metrics import AUDIT_DOUBTS

log = structlog.get_logger()


@dataclass(slots=True)
class CheckpointMaker:
    database: Database
    key: SigningKey
    clock: Clock
    pace_seconds: float

    async def run(self) -> None:
        while True:
            try:
                while await self.round() is not None:
                    pass  # a long chain is signed in parts
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("audit.database_trouble", trouble=type(trouble).__name__)
            except ChainBroken as broken:
                log.error(  # noqa: TRY400 the position says it all
                    "audit.chain_broken", position=broken.position
                )
            await asyncio.sleep(self.pace_seconds)

    async def round(self) -> Made | None:
        """One checkpoint, or none when nothing came. Raises ChainBroken."""
        async with self.database.begin() as transaction:
            AUDIT_DOUBTS.set(await steps.WITNESS.count_grave(transaction))
            return await steps.make(transaction, self.key, self.clock.now())
