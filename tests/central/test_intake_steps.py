"""Intake on a real database: strictly in order, each envelope once in effect."""

import asyncio

import pytest
from sqlalchemy import select

from services.central.intake import steps
from services.central.intake.rules import Differs, Gap
from services.central.intake.steps import Accepted, UnknownRegion
from services.central.tables import envelope as envelope_table
from services.central.tables import intake_head, metadata
from shared.contracts.envelopes import EnvelopeNote, ReceivedBatch
from shared.contracts.recording import Recording
from shared.database.engine import Database
from tests.central.centre_world import REGIONS, take
from tests.dying import contents, died_at_each_statement
from tests.recordings import NOON, a_recording, batch_of, envelope, received, recording_envelope
from tests.town import NEIGHBOUR, REGION


def people(first: int, count: int) -> list[Recording]:
    return [a_recording(number) for number in range(first, first + count)]


async def held_seqs(database: Database, region: str = REGION) -> list[int]:
    """Seqs held of a region; the head must name the last one."""
    async with database.begin() as transaction:
        seqs = await transaction.scalars(
            select(envelope_table.c.seq)
            .where(envelope_table.c.region_code == region)
            .order_by(envelope_table.c.seq)
        )
        found = list(seqs)
        head = await transaction.scalar(
            select(intake_head.c.accepted_seq).where(intake_head.c.region_code == region)
        )
    assert head == len(found)
    return found


async def test_the_same_batch_twice_gets_the_same_answer_and_changes_nothing(
    database: Database,
) -> None:
    batch = batch_of(REGION, 1, people(1, 3))

    first = await take(database, REGION, batch)
    before = await contents(database, metadata)
    again = await take(database, REGION, batch)

    assert first == again == Accepted(3, ())
    assert await contents(database, metadata) == before


async def test_notes_are_told_again_to_whoever_lost_the_receipt(database: Database) -> None:
    person = a_recording(1)
    batch = received(
        REGION,
        [
            recording_envelope(1, person),
            envelope(2, b"{}", kind="residence_move"),
            recording_envelope(3, person),
            envelope(4, b"other bytes", person.recording_id),
            envelope(5, b"{}", version=3),
        ],
    )

    first = await take(database, REGION, batch)
    again = await take(database, REGION, batch)

    assert isinstance(first, Accepted)
    assert again == first
    assert first.notes == (
        EnvelopeNote(seq=2, note="held"),
        EnvelopeNote(seq=3, note="repeat"),
        EnvelopeNote(seq=4, note="conflict"),
        EnvelopeNote(seq=5, note="held"),
    )
    assert await held_seqs(database) == [1, 2, 3, 4, 5]


async def test_repeats_and_conflicts_are_known_however_long_ago_the_first_came(
    database: Database,
) -> None:
    person = a_recording(1)
    await take(database, REGION, batch_of(REGION, 1, [person]))

    later = received(
        REGION,
        [recording_envelope(2, person), envelope(3, b"other bytes", person.recording_id)],
    )

    assert await take(database, REGION, later) == Accepted(
        3, (EnvelopeNote(seq=2, note="repeat"), EnvelopeNote(seq=3, note="conflict"))
    )


async def test_another_regions_id_is_another_envelope(database: Database) -> None:
    person = a_recording(1)
    await take(database, REGION, batch_of(REGION, 1, [person]))

    assert await take(database, NEIGHBOUR, batch_of(NEIGHBOUR, 1, [person])) == Accepted(1, ())


async def test_of_overlapping_batches_only_what_is_new_is_written(database: Database) -> None:
    all_five = people(1, 5)
    await take(database, REGION, batch_of(REGION, 1, all_five[:3]))

    inside = await take(database, REGION, batch_of(REGION, 2, all_five[1:2]))
    over_the_end = await take(database, REGION, batch_of(REGION, 2, all_five[1:]))

    assert (inside, over_the_end) == (Accepted(3, ()), Accepted(5, ()))
    assert await held_seqs(database) == [1, 2, 3, 4, 5]


async def test_a_gap_is_refused_with_the_seq_to_send_next_and_nothing_is_kept(
    database: Database,
) -> None:
    await take(database, REGION, batch_of(REGION, 1, people(1, 2)))
    before = await contents(database, metadata)

    assert await take(database, REGION, batch_of(REGION, 4, people(4, 2))) == Gap(3)
    assert await contents(database, metadata) == before


async def test_other_content_under_a_held_seq_is_refused_and_nothing_is_overwritten(
    database: Database,
) -> None:
    three = people(1, 3)
    await take(database, REGION, batch_of(REGION, 1, three))
    before = await contents(database, metadata)

    clone = batch_of(REGION, 2, [three[1], a_recording(9), a_recording(10)])

    assert await take(database, REGION, clone) == Differs(3)
    assert await contents(database, metadata) == before


async def test_a_region_never_enrolled_is_unknown(database: Database) -> None:
    with pytest.raises(UnknownRegion):
        await take(database, "99.99", batch_of("99.99", 1, people(1, 1)))


async def test_two_uplinks_of_one_region_at_once_do_no_harm(database: Database) -> None:
    """The one that was taken for dead wakes up and sends what the other one sends."""
    everything = people(1, 30)

    async def uplink(sizes: list[int]) -> list[object]:
        answers: list[object] = []
        first = 0
        for size in sizes:
            batch = batch_of(REGION, first + 1, everything[first : first + size])
            answers.append(await take(database, REGION, batch))
            first += size
        return answers

    answers = await asyncio.gather(uplink([7, 7, 7, 9]), uplink([10, 10, 10]), uplink([30]))

    assert all(isinstance(one, Accepted) for sent in answers for one in sent)
    assert await held_seqs(database) == list(range(1, 31))


async def test_regions_are_taken_side_by_side(database: Database) -> None:
    batches = {region: batch_of(region, 1, people(1, 10)) for region in REGIONS}

    answers = await asyncio.gather(
        *(take(database, region, batch) for region, batch in batches.items())
    )

    assert answers == [Accepted(10, ())] * 3


@pytest.mark.parametrize("first_seq", [1, 3])
async def test_intake_that_dies_anywhere_leaves_nothing_half_taken(
    database: Database, first_seq: int
) -> None:
    four = people(1, 4)
    await take(database, REGION, batch_of(REGION, 1, four[:3]))
    batch: ReceivedBatch = batch_of(REGION, first_seq, four[first_seq - 1 :])

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: steps.take(transaction, REGION, batch, NOON),
    )

    assert statements >= 4
    assert await held_seqs(database) == [1, 2, 3, 4]
