"""What tests of citizens' questions say often: acknowledge, decide, tell, learn."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import insert, update

from services.regional.citizen import steps
from services.regional.citizen.loop import Learner
from services.regional.citizen.steps import Told
from services.regional.recording.rules import Arrival
from services.regional.status import steps as status_steps
from services.regional.tables import uplink_batch, uplink_position
from shared.clock import ManualClock
from shared.contracts.outcomes import Outcome
from shared.database.engine import Database
from tests.recordings import NOON
from tests.regional.office_world import applied_pos, apply, page
from tests.regional.pages import decision as decision_entry
from tests.town import REGION

LATER = NOON + timedelta(hours=2)
SINCE = NOON - timedelta(days=30)


async def tell(database: Database, learner: Learner, recording_id: UUID) -> Told:
    async with database.begin() as transaction:
        standing = await status_steps.status_of(transaction, REGION, recording_id, NOON.date())
        return await steps.tell(transaction, REGION, standing, recording_id, learner.learnt, LATER)


def a_learner(database: Database) -> Learner:
    return Learner(database, REGION, ManualClock(LATER))


async def acknowledge(database: Database, first_seq: int, last_seq: int, hours: float) -> None:
    """The centre receipted these so many hours after noon."""
    at = NOON + timedelta(hours=hours)
    async with database.begin() as transaction:
        await transaction.execute(
            insert(uplink_batch).values(
                first_seq=first_seq,
                last_seq=last_seq,
                payload_bytes=1,
                attempts=1,
                first_sent_at=NOON,
                acknowledged_at=at,
                receipt=b"",
                signature="",
            )
        )
        await transaction.execute(update(uplink_position).values(acked_seq=last_seq))


async def decided(database: Database, arrival: Arrival, outcome: Outcome) -> None:
    after = await applied_pos(database)
    await apply(database, page(decision_entry(arrival.recording_id, outcome), after=after))
