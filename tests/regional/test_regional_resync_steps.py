"""A restored centre and a copied server, as the region writes them down: whole or not at all."""

from sqlalchemy import select

from services.regional import lives
from services.regional.central_client.client import Heard
from services.regional.feed_reader import steps as feed_reader
from services.regional.resync import store
from services.regional.tables import metadata, server_life
from services.regional.uplink import steps as uplink
from services.regional.uplink import store as uplink_store
from services.regional.uplink.rules import Line, Send
from shared.database.engine import Database
from tests.dying import contents, died_at_each_statement
from tests.recordings import NOON, an_arrival
from tests.regional.office_world import taken
from tests.town import REGION


def word(accepted_seq: int, epoch: int) -> Heard:
    return Heard(accepted_seq, epoch, b'{"the":"receipt"}', "its signature")


async def receipted(database: Database, count: int) -> None:
    """So many recordings, sent and receipted in epoch 1."""
    await taken(database, *(an_arrival(number) for number in range(count)))
    async with database.begin() as transaction:
        await uplink.offer(transaction, REGION, Send(100, 10**6), NOON)
        here = (await uplink_store.position(transaction, REGION)).reached
        await uplink.hear(
            transaction,
            REGION,
            word(count, 1),
            Line(),
            asked=here,
            vouched_seq=count,
            payload_bytes=900,
            attempts=1,
            now=NOON,
        )


async def test_a_step_back_that_dies_anywhere_moves_nothing(database: Database) -> None:
    await receipted(database, 3)

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: uplink.step_back(transaction, REGION, word(1, 2), NOON),
    )

    assert statements > 3
    async with database.begin() as transaction:
        assert (await uplink_store.position(transaction, REGION)).reached == (2, 1)
        # What was receipted in the lost life is what the region goes on speaking of.
        own = await store.own(transaction, REGION)
    assert (own.receipted_seq, own.uplink_epoch) == (3, 2)


async def test_stepping_back_twice_is_stepping_back_once(database: Database) -> None:
    await receipted(database, 3)
    async with database.begin() as transaction:
        await uplink.step_back(transaction, REGION, word(1, 2), NOON)
    before = await contents(database, metadata)

    async with database.begin() as transaction:
        await uplink.step_back(transaction, REGION, word(1, 2), NOON)

    assert await contents(database, metadata) == before


async def test_a_higher_epoch_is_followed_and_the_name_doubted_together(
    database: Database,
) -> None:
    async with database.begin() as transaction:
        await lives.begin(transaction, NOON)
        await transaction.execute(server_life.update().values(claimed_at=NOON))

    async def follow(transaction: object) -> None:
        await feed_reader.follow_epoch(transaction, REGION, 2)  # type: ignore[arg-type]
        await lives.doubt_in(transaction)  # type: ignore[arg-type]

    statements = await died_at_each_statement(database, metadata, follow)

    assert statements >= 2
    async with database.begin() as transaction:
        assert (await store.own(transaction, REGION)).epoch == 2
        assert not (await lives.name(transaction)).may_speak


async def test_each_start_makes_one_life_after_the_one_before_it(database: Database) -> None:
    for _ in range(2):
        statements = await died_at_each_statement(
            database, metadata, lambda transaction: lives.begin(transaction, NOON)
        )
        assert statements == 2

    async with database.begin() as transaction:
        first, second = await transaction.execute(
            select(server_life).order_by(server_life.c.number)
        )
    assert (first.predecessor, second.predecessor) == (None, first.life)
