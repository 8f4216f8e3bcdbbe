"""Programs with a planted bug, for processes of their own: what finds nothing proves nothing."""

import asyncio
from typing import Any

from services.central.penunggalan import gallery
from services.command.storm import eyes, kill_processes
from services.regional.recording import steps
from services.regional.recording.loop import CommitLane
from shared.database.engine import Transaction

COMMIT_SECONDS = 0.3  # so long that some kill meets it, on any machine
UNSEEN_SECONDS = 0.3


def run_regional_that_receipts_first(settings: Any) -> None:
    """The station has its receipt; the commit comes a moment later."""

    async def receipt_first(lane: CommitLane, group: list[Any]) -> None:
        arrivals = [arrival for waiting in group for arrival in waiting.arrivals]
        try:
            async with lane._database.begin() as transaction:
                answers = await steps.take(transaction, lane._region, arrivals, lane._clock.now())
                first = 0
                for waiting in group:
                    last = first + len(waiting.arrivals)
                    waiting.answer.set_result(answers[first:last])
                    first = last
                await asyncio.sleep(COMMIT_SECONDS)
        except Exception as trouble:  # noqa: BLE001 the lane goes on
            for waiting in group:
                if not waiting.answer.done():
                    waiting.answer.set_exception(trouble)

    CommitLane._commit = receipt_first  # type: ignore[method-assign]
    kill_processes.run_regional(settings)


def run_settler_without_the_ticket(settings: Any) -> None:
    """It searches and enters as any other, but lets others enter between the two."""

    async def head_without_lock(transaction: Transaction) -> int:
        position = await head(transaction)
        await asyncio.sleep(UNSEEN_SECONDS)  # whoever comes now is not seen
        return position

    head = gallery.head
    gallery.lock_head = head_without_lock
    eyes.run_settler(settings)
