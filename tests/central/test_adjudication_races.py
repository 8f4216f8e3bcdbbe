"""Officers who act in the same moment."""

import asyncio

from shared.database.engine import Database
from tests.central.test_adjudication_steps import Decided, a_case_of, different, opened, vote
from tests.recordings import a_recording


async def test_two_officers_who_agree_in_the_same_moment_settle_it_once(database: Database) -> None:
    for number in range(8):
        decided = Decided()
        case_id = await opened(database, a_case_of(a_recording(number + 1), a_recording(20)))
        await asyncio.gather(
            *(vote(database, case_id, one, different(), decided) for one in ("sri", "budi"))
        )
        assert len(decided.heard) == 1
