"""What tests of penunggalan with irises say often."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from services.central.feed.loop import NewEntries
from services.central.penunggalan.checks import Uniqueness
from services.central.penunggalan.iris.matcher import Matcher
from services.central.print_authorization.rules import Permitter
from services.central.settings import Irises
from services.central.worker import Settler
from shared.clock import ManualClock
from shared.contracts.feed import Decision
from shared.contracts.outcomes import Outcome
from shared.contracts.recording import Recording
from shared.database.engine import Database
from tests.central.centre_world import decisions, settle_all, take
from tests.eyes import KEYS
from tests.recordings import NOON, batch_of

PRR = Outcome.PRINT_READY_RECORD


def a_settler(
    database: Database,
    permitter: Permitter,
    matcher: Matcher,
    irises: Irises = Irises.WHERE_READABLE,
) -> Settler:
    uniqueness = Uniqueness(irises, matcher, keys=KEYS)
    return Settler(database, permitter, ManualClock(NOON), NewEntries(), uniqueness)


async def settle(settler: Settler, region: str, *recordings: Recording) -> list[Decision]:
    """Send recordings as a region's next batch; gives their decisions."""
    before = await decisions(settler.database, region)
    first = 1 + max((one.seq for one in before), default=0)
    await take(settler.database, region, batch_of(region, first, recordings))
    await settle_all(settler)
    return (await decisions(settler.database, region))[len(before) :]


async def rows_of(database: Database, table: Any) -> Sequence[Any]:
    async with database.begin() as transaction:
        return (await transaction.execute(select(table))).all()
