"""The epoch and its barrier, asked by whoever is about to speak or to settle."""

import pytest

from services.central import epochs
from shared.database.engine import Database
from shared.refusals import DatabaseUnavailable
from tests.town import REGION, Databases


async def test_a_centre_that_has_not_begun_has_nothing_to_say(databases: Databases) -> None:
    async with databases.fresh("central") as url:
        database = Database(url)
        try:
            for ask in (epochs.current, lambda one: epochs.standing(one, REGION)):
                with pytest.raises(DatabaseUnavailable):
                    async with database.begin() as transaction:
                        await ask(transaction)
        finally:
            await database.close()
