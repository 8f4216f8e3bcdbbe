"""Ask for the centre's checkpoints at a set pace, showing it the newest that is held here."""

import asyncio
from dataclasses import dataclass

import httpx
import structlog
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from services.regional.central_client.client import CentralClient, Refused, Unknown
from services.regional.witness import steps
from shared.audit.checkpoints import Testimony
from shared.audit.witnessing import Doubt
from shared.clock import Clock
from shared.contracts.audit import CHECKPOINTS_MAX, PAGE
from shared.database.engine import Database
from shared.signing import BadSignature
from shared.telemetry.metrics import AUDIT_DOUBTS

PAGES_MAX = 200  # in one round: checkpoints of weeks without a line

log = structlog.get_logger()


@dataclass(slots=True)
class WitnessLoop:
    database: Database
    client: CentralClient
    clock: Clock
    pace_seconds: float

    async def run(self) -> None:
        while True:
            # The first one later, too: a start has its envelopes to send.
            await asyncio.sleep(self.pace_seconds)
            try:
                for _ in range(PAGES_MAX):
                    if not await self.round():
                        break
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("witness.database_trouble", trouble=type(trouble).__name__)

    async def round(self) -> bool:
        """Ask once; gives whether there may be more. An older centre knows no such question."""
        async with self.database.begin() as transaction:
            kept = await steps.kept(transaction)
        page = await self._ask(kept)
        if page is None:
            return False
        async with self.database.begin() as transaction:
            doubt = await steps.take(transaction, page, self.clock.now())
            AUDIT_DOUBTS.set(await steps.WITNESS.count_grave(transaction))
        is_full = len(page.steps) == CHECKPOINTS_MAX
        return is_full and doubt in {None, Doubt.RESTORED}

    async def _ask(self, kept: Testimony | None) -> steps.ToldPage | None:
        epoch, size = (kept.mark.epoch, kept.mark.size) if kept else (0, 0)
        shown = f"&witness={kept.jws}" if kept else ""
        question = f"audit-checkpoints?epoch={epoch}&size={size}{shown}"
        answer = await self.client.tell("GET", question, b"", "audit-checkpoints")
        if isinstance(answer, Unknown | Refused):
            return None
        return await self._read(answer)

    async def _read(self, answer: httpx.Response) -> steps.ToldPage | None:
        try:
            page = PAGE.validate_json(answer.content)
            return steps.read(await self.client.centre_keys(), page)
        except ValidationError:
            log.warning("witness.unreadable")
        except BadSignature:
            log.error("witness.not_the_centres")  # noqa: TRY400 it says all there is
        return None
