"""The uplink on a real database: the oldest prefix, a receipt kept, a position never guessed."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from services.regional.central_client.client import Heard
from services.regional.tables import metadata, uplink_batch
from services.regional.uplink import steps, store
from services.regional.uplink.rules import Line, Reached, Send
from services.regional.uplink.steps import ForeignPosition, Offer
from shared.contracts.envelopes import unpack, wire_bytes
from shared.database.engine import Database
from tests.dying import contents, died_at_each_statement
from tests.recordings import NOON, an_arrival
from tests.regional.office_world import taken
from tests.town import REGION

ALL = Send(items_max=1_000, bytes_max=10**9)
SEEN = Line(batch_bytes=50_000, goodput_bytes_per_second=9_000.0, last_heard_at=NOON)
LATER = NOON + timedelta(hours=1)


def word(accepted_seq: int, epoch: int = 1) -> Heard:
    return Heard(accepted_seq, epoch, b"the centre's words", "its signature")


async def offer(database: Database, move: Send = ALL, *, is_later: bool = False) -> Offer | None:
    async with database.begin() as transaction:
        return await steps.offer(transaction, REGION, move, LATER if is_later else NOON)


async def hear(
    database: Database,
    heard: Heard,
    *,
    is_receipt: bool = True,
    asked: Reached | None = None,
) -> int:
    """As the receipt of a batch up to the seq it names, or as an answered probe."""
    async with database.begin() as transaction:
        here = await store.position(transaction, REGION)
        return await steps.hear(
            transaction,
            REGION,
            heard,
            SEEN,
            asked=asked or here.reached,
            vouched_seq=heard.accepted_seq if is_receipt else 0,
            payload_bytes=900,
            attempts=2,
            now=LATER,
        )


async def position(database: Database) -> store.Position:
    async with database.begin() as transaction:
        return await store.position(transaction, REGION)


async def test_nothing_waiting_offers_nothing(database: Database) -> None:
    assert await offer(database) is None


async def test_an_offer_is_the_oldest_prefix_within_bounds(database: Database) -> None:
    arrivals = [an_arrival(number) for number in range(6)]
    await taken(database, *arrivals)
    two_bodies = sum(len(one.body) for one in arrivals[:2])

    by_items = await offer(database, Send(items_max=4, bytes_max=10**9))
    by_bytes = await offer(database, Send(items_max=6, bytes_max=two_bodies))
    one_too_large = await offer(database, Send(items_max=6, bytes_max=1))

    assert by_items is not None
    assert by_bytes is not None
    assert one_too_large is not None
    assert by_items.batch.bodies == tuple(one.body for one in arrivals[:4])
    assert by_bytes.batch.bodies == tuple(one.body for one in arrivals[:2])
    assert one_too_large.batch.bodies == (arrivals[0].body,)  # else it would block for ever


async def test_an_offer_goes_as_bytes_the_centre_reads_whole(database: Database) -> None:
    arrivals = [an_arrival(number) for number in range(3)]
    await taken(database, *arrivals)

    offered = await offer(database)

    assert offered is not None
    received = unpack(wire_bytes(offered.batch))
    assert [head.envelope_id for head in received.manifest.envelopes] == [
        one.recording_id for one in arrivals
    ]
    assert [head.happened_at for head in received.manifest.envelopes] == [
        one.captured_at for one in arrivals
    ]


async def test_what_is_offered_again_was_first_sent_when_it_was_first_sent(
    database: Database,
) -> None:
    await taken(database, an_arrival(1))
    await offer(database)
    await taken(database, an_arrival(2))

    again = await offer(database, is_later=True)

    assert again is not None
    assert again.first_sent_at == NOON
    assert (await position(database)).offered_seq == 2


async def test_a_receipt_moves_the_position_and_is_kept(database: Database) -> None:
    await taken(database, *(an_arrival(number) for number in range(3)))
    await offer(database)

    assert await hear(database, word(2)) == 2

    now = await position(database)
    assert (now.acked_seq, now.epoch) == (2, 1)
    assert replace(now.line, batch_bytes=SEEN.batch_bytes) == SEEN
    async with database.begin() as transaction:
        (row,) = await transaction.execute(select(uplink_batch))
    assert (row.first_seq, row.last_seq, row.payload_bytes, row.attempts) == (1, 2, 900, 2)
    assert (row.first_sent_at, row.acknowledged_at) == (NOON, LATER)
    assert (row.receipt, row.signature) == (b"the centre's words", "its signature")


async def test_the_same_word_again_changes_nothing(database: Database) -> None:
    await taken(database, *(an_arrival(number) for number in range(3)))
    await offer(database)
    await hear(database, word(2))
    before = await contents(database, metadata)

    assert await hear(database, word(2)) == 2
    assert await contents(database, metadata) == before


async def test_after_a_receipt_the_rest_is_offered(database: Database) -> None:
    arrivals = [an_arrival(number) for number in range(3)]
    await taken(database, *arrivals)
    await offer(database)
    await hear(database, word(2))

    rest = await offer(database)

    assert rest is not None
    assert rest.batch.bodies == (arrivals[2].body,)
    assert (rest.batch.first_seq, rest.reached.seq) == (3, 2)


@pytest.mark.parametrize(
    "heard",
    [word(4, epoch=2), word(1, epoch=2), word(0, epoch=2), word(4, epoch=3), word(3, epoch=1)],
    ids=["more-than-written", "taken-back", "forgotten", "restored-and-foreign", "old-epoch"],
)
async def test_a_word_that_cannot_be_true_moves_nothing(database: Database, heard: Heard) -> None:
    await taken(database, *(an_arrival(number) for number in range(3)))
    await offer(database)
    await hear(database, word(2, epoch=2))
    before = await contents(database, metadata)

    with pytest.raises(ForeignPosition):
        await hear(database, heard)

    assert await contents(database, metadata) == before


@pytest.mark.parametrize("late", [word(1, epoch=2), word(3, epoch=1)], ids=["seq", "epoch"])
@pytest.mark.parametrize("is_receipt", [True, False], ids=["receipt", "position"])
async def test_a_word_that_another_sender_overtook_changes_nothing_and_alarms_nobody(
    database: Database, late: Heard, *, is_receipt: bool
) -> None:
    await taken(database, *(an_arrival(number) for number in range(3)))
    await offer(database)
    asked = (await position(database)).reached
    await hear(database, word(2, epoch=2))
    before = await contents(database, metadata)

    assert await hear(database, late, is_receipt=is_receipt, asked=asked) == 2
    assert await contents(database, metadata) == before


async def test_an_answered_probe_is_no_receipt(database: Database) -> None:
    """What the centre holds under these seqs may be another server's: only a receipt knows."""
    await taken(database, *(an_arrival(number) for number in range(3)))
    first = await offer(database)

    assert await hear(database, word(3), is_receipt=False) == 0
    again = await offer(database)

    assert first is not None
    assert again is not None
    assert again.batch.bodies == first.batch.bodies
    async with database.begin() as transaction:
        assert list(await transaction.execute(select(uplink_batch))) == []


async def test_after_the_centre_was_restored_what_it_lost_is_sent_again(
    database: Database,
) -> None:
    arrivals = [an_arrival(number) for number in range(4)]
    await taken(database, *arrivals)
    await offer(database)
    await hear(database, word(4))

    assert await hear(database, word(1, epoch=2)) == 1
    again = await offer(database)

    assert again is not None
    assert again.batch.bodies == tuple(one.body for one in arrivals[1:])
    assert again.reached.epoch == 2
    assert await hear(database, word(4, epoch=2)) == 4


async def test_hearing_that_dies_anywhere_moves_nothing(database: Database) -> None:
    await taken(database, *(an_arrival(number) for number in range(3)))
    await offer(database)

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: steps.hear(
            transaction,
            REGION,
            word(3),
            SEEN,
            asked=Reached(0, 0),
            vouched_seq=3,
            payload_bytes=1,
            attempts=1,
            now=LATER,
        ),
    )

    assert statements == 5
    assert (await position(database)).acked_seq == 3


async def test_offering_that_dies_anywhere_offers_the_same_again(database: Database) -> None:
    await taken(database, an_arrival(1))

    await died_at_each_statement(
        database,
        metadata,
        lambda transaction: steps.offer(transaction, REGION, ALL, NOON),
    )

    assert (await position(database)).offered_seq == 1


async def test_an_offer_never_has_a_hole_while_stations_record(database: Database) -> None:
    """A seq that is committed later than a higher one would be lost for ever."""
    are_recording = True

    async def station(number: int) -> None:
        for nth in range(10):
            await taken(database, *(an_arrival(1_000 * number + 10 * nth + k) for k in range(3)))

    async def uplink() -> int:
        acked = 0
        while True:
            is_last_look = not are_recording
            offered = await offer(database, Send(items_max=7, bytes_max=10**9))
            if offered is None:
                if is_last_look:
                    return acked
                await asyncio.sleep(0)
                continue
            assert offered.batch.first_seq == acked + 1
            unpack(wire_bytes(offered.batch))  # which refuses a seq that does not rise by one
            acked = await hear(database, word(offered.batch.last_seq))

    sending = asyncio.create_task(uplink())
    await asyncio.gather(*(station(number) for number in range(4)))
    are_recording = False

    assert await sending == 120
