"""Requests at the desk: judged, queued once, one at a time for a person, answered by the feed."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.regional.amendments import steps, store
from services.regional.amendments.rules import Arrival, State
from services.regional.amendments.steps import AnotherWaits, ContentDiffers, Reply, Taken
from services.regional.feed_reader import steps as feed_reader
from services.regional.outbox import store as outbox_store
from services.regional.printing import store as printing
from services.regional.tables import amendment, metadata, outbox, refused_envelope
from shared.amendment.law import Objected
from shared.amendment.objections import Objection
from shared.contracts.amendments import AMENDMENT, REPRINT, DocumentKind, Element
from shared.contracts.outcomes import Outcome
from shared.database.engine import Database
from shared.ids import new_id
from tests.amendments import (
    RENAMED,
    a_change,
    a_reprint,
    an_amendment,
    read_amendment,
)
from tests.dying import contents, died_at_each_statement
from tests.recordings import NOON, an_arrival
from tests.regional.office_world import applied_pos, apply, page, permitted, taken
from tests.regional.pages import answer, decision
from tests.town import REGION

TODAY = NOON.date()


async def ask(database: Database, arrival: Arrival) -> Reply:
    return await database.repeat(
        lambda transaction: steps.take(transaction, REGION, arrival, "desk-1", TODAY, NOON)
    )


async def asked(database: Database, arrival: Arrival) -> Taken:
    reply = await ask(database, arrival)
    assert isinstance(reply, Taken), reply
    return reply


async def envelopes(database: Database) -> list[Any]:
    async with database.begin() as transaction:
        rows = await transaction.execute(select(outbox).order_by(outbox.c.seq))
        return list(rows.all())


async def hear(database: Database, *bodies: bytes) -> None:
    await apply(database, page(*bodies, after=await applied_pos(database)))


async def state_of(database: Database, request_id: UUID) -> State:
    async with database.begin() as transaction:
        kept = await store.kept(transaction, request_id)
    assert kept is not None
    return kept.state


async def unspent(database: Database) -> int:
    async with database.begin() as transaction:
        return len(await printing.unspent(transaction, 0, 10))


async def test_a_request_and_its_envelope_are_one_commit(database: Database) -> None:
    recorded = an_arrival(3)
    await permitted(database, recorded)
    one = an_amendment()

    reply = await asked(database, one)

    assert (reply.kept.recording_id, reply.kept.seq) == (recorded.recording_id, 2)
    assert (reply.kept.state, reply.is_repeat) == (State.WAITING, False)
    _, envelope = await envelopes(database)
    assert (envelope.envelope_id, envelope.kind, envelope.version) == (
        one.request.request_id,
        "amendment",
        1,
    )
    assert AMENDMENT.validate_json(envelope.body) == one.request


async def test_the_same_request_again_is_answered_and_not_queued_again(database: Database) -> None:
    await permitted(database, an_arrival(3))
    one = an_amendment()
    first = await asked(database, one)

    again = await asked(database, Arrival.of(one.request.request_id, read_amendment(RENAMED)))

    assert again.is_repeat
    assert again.kept == first.kept
    assert len(await envelopes(database)) == 2


async def test_other_content_under_the_same_id_overwrites_nothing(database: Database) -> None:
    await permitted(database, an_arrival(3))
    one = an_amendment()
    await asked(database, one)
    before = await contents(database, metadata)

    other = read_amendment(a_change("religion", "religious_leader_letter"))
    reply = await ask(database, Arrival.of(one.request.request_id, other))

    assert reply == ContentDiffers()
    assert await contents(database, metadata) == before


@pytest.mark.parametrize(
    ("arrival", "objected"),
    [
        (an_amendment(a_change("nik")), Objected(Objection.NIK_NEVER, Element.NIK)),
        (
            an_amendment(a_change("sex", "birth_certificate")),
            Objected(Objection.SEX, Element.SEX, (DocumentKind.COURT_RULING,)),
        ),
        (
            an_amendment(a_change("name", "diploma")),
            Objected(Objection.ANOTHER_NAME, Element.NAME, (DocumentKind.COURT_RULING,)),
        ),
        (an_amendment(RENAMED, number=4), Objected(Objection.ELSEWHERE)),
        (
            an_amendment(RENAMED, recording_id=str(UUID(int=7))),
            Objected(Objection.OTHER_RECORDING),
        ),
        (a_reprint(), Objected(Objection.NO_CARD)),
    ],
    ids=lambda one: one.objection.value if isinstance(one, Objected) else "",
)
async def test_what_can_only_be_refused_is_refused_at_once_and_not_queued(
    database: Database, arrival: Arrival, objected: Objected
) -> None:
    await permitted(database, an_arrival(3))
    before = await contents(database, metadata)

    assert await ask(database, arrival) == objected
    assert await contents(database, metadata) == before


async def test_a_recording_without_a_decision_is_amended_behind_it(database: Database) -> None:
    recorded = an_arrival(3)
    await taken(database, recorded)

    assert (await asked(database, an_amendment())).kept.seq == 2


@pytest.mark.parametrize(
    "outcome", [one for one in Outcome if one is not Outcome.PRINT_READY_RECORD]
)
async def test_who_is_not_proven_is_not_amended(database: Database, outcome: Outcome) -> None:
    recorded = an_arrival(3)
    await taken(database, recorded)
    await hear(database, decision(recorded.recording_id, outcome))

    reply = await ask(database, an_amendment())

    frees = outcome.value.startswith("ENROLL_FAILURE")
    assert reply == Objected(Objection.ELSEWHERE if frees else Objection.NOT_PROVEN)


async def test_a_second_request_waits_for_the_answer_to_the_first(database: Database) -> None:
    recorded = an_arrival(3)
    await permitted(database, recorded)
    first = an_amendment()
    await asked(database, first)
    second = an_amendment(a_change("religion", "religious_leader_letter"))

    assert await ask(database, second) == AnotherWaits(first.request.request_id)

    await hear(database, answer(first, recorded, outcome="refused"))
    assert await state_of(database, first.request.request_id) is State.REFUSED
    await asked(database, second)


async def test_of_many_requests_at_once_for_a_person_one_is_queued(database: Database) -> None:
    await permitted(database, an_arrival(3))

    replies = await asyncio.gather(*(ask(database, an_amendment()) for _ in range(4)))

    assert sum(isinstance(reply, Taken) for reply in replies) == 1
    assert sum(isinstance(reply, AnotherWaits) for reply in replies) == 3
    assert len(await envelopes(database)) == 2


async def test_the_same_request_sent_twice_at_once_is_one(database: Database) -> None:
    await permitted(database, an_arrival(3))
    one = an_amendment()

    replies = await asyncio.gather(ask(database, one), ask(database, one))

    assert sorted(reply.is_repeat for reply in replies if isinstance(reply, Taken)) == [
        False,
        True,
    ]
    assert len(await envelopes(database)) == 2


async def test_a_request_the_centres_door_refuses_for_good_makes_room(database: Database) -> None:
    await permitted(database, an_arrival(3))
    first = await asked(database, an_amendment())
    assert await unspent(database) == 0
    async with database.begin() as transaction:
        await transaction.execute(
            refused_envelope.insert().values(
                seq=first.kept.seq,
                code="poison",
                refusals=3,
                refused_at=NOON,
                tombstone_id=new_id(),
                set_aside_at=NOON,
            )
        )

    assert await state_of(database, first.kept.request_id) is State.REFUSED
    assert await unspent(database) == 1
    await asked(database, an_amendment())


async def test_what_the_centre_said_holds_and_what_was_recorded_stays(database: Database) -> None:
    recorded = an_arrival(3)
    await permitted(database, recorded)
    renamed = an_amendment()
    await asked(database, renamed)
    await hear(database, answer(renamed, recorded))

    async with database.begin() as transaction:
        found = await steps.history(transaction, recorded.recording_id)
        (request,) = await store.of_recording(transaction, recorded.recording_id)
    assert [one.identity.card.name for one in found] == ["CONTOH SINTETIS", "NAMA BARU SEKALI"]
    assert [one.request_id for one in found] == [None, renamed.request.request_id]
    assert request.state is State.ACCEPTED
    again = await ask(database, an_amendment())
    assert again == Objected(Objection.NOTHING_CHANGES)


async def test_an_answer_to_a_request_nobody_here_knows_is_kept_too(database: Database) -> None:
    """A region restored from its backup hears the answers to what it lost."""
    recorded = an_arrival(3)
    await taken(database, recorded)

    await hear(database, answer(an_amendment(), recorded))

    async with database.begin() as transaction:
        found = await steps.history(transaction, recorded.recording_id)
    assert [one.identity.card.name for one in found] == ["CONTOH SINTETIS", "NAMA BARU SEKALI"]


async def test_a_request_that_dies_anywhere_leaves_nothing_half_done(database: Database) -> None:
    await permitted(database, an_arrival(3))
    one = an_amendment()

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: steps.take(transaction, REGION, one, "desk-1", TODAY, NOON),
    )

    assert statements > 8
    assert len(await envelopes(database)) == 2
    async with database.begin() as transaction:
        assert await outbox_store.last_seq(transaction, REGION) == 2
        assert await transaction.scalar(select(amendment.c.is_waiting))


async def test_an_answer_that_dies_anywhere_leaves_nothing_half_applied(database: Database) -> None:
    recorded = an_arrival(3)
    await permitted(database, recorded)
    renamed = an_amendment()
    await asked(database, renamed)
    told = page(answer(renamed, recorded), after=1)

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: feed_reader.apply(transaction, REGION, told, NOON),
    )

    assert statements == 4
    assert await state_of(database, renamed.request.request_id) is State.ACCEPTED


def test_equal_content_under_one_id_gives_equal_bytes() -> None:
    request_id = new_id()
    one = read_amendment(RENAMED)
    other = read_amendment(dict(reversed(RENAMED.items())))

    assert Arrival.of(request_id, one).sha256 == Arrival.of(request_id, other).sha256
    assert Arrival.of(new_id(), one).sha256 != Arrival.of(request_id, one).sha256
    assert REPRINT.validate_json(a_reprint().body)
