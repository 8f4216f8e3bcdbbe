"""Requests at the centre on a real database: two officers, two regions, deaths, validations."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from sqlalchemy import select, update

from services.central.journey import steps as journey
from services.central.journey.refusals import CentreWaits
from services.central.penunggalan.checks import Uniqueness
from services.central.print_authorization.rules import Permitter
from services.central.remedies import steps
from services.central.remedies.steps import (
    DeletionAlreadyDecided,
    DeletionContradicts,
    Word,
)
from services.central.settings import Irises
from services.central.settling import REMEDY_HANDS, settle_in
from services.central.tables import deletion, gallery, metadata, operator, resync, validation
from services.central.worker import SearchAgain
from shared.contracts.authorization import claims_told
from shared.contracts.envelopes import Envelope
from shared.contracts.feed import FreshPermission, page_bytes, read_page
from shared.contracts.outcomes import Outcome
from shared.contracts.remedies import (
    DeletionDecision,
    DeletionRequest,
    MoveDecision,
    ValidationResult,
)
from shared.contracts.revocation import Revocation
from shared.database.engine import Database
from shared.refusals import NotFound
from tests.central.centre_world import THIRD, a_settler, live, settle_all, take
from tests.dying import died_at_each_statement
from tests.eyes import KEYS, PlainMatcher, a_person
from tests.recordings import NOON, a_recording, nik, received, recording_envelope
from tests.remedies import (
    a_move,
    a_reply,
    a_request,
    an_enrolment,
    at,
    move_envelope,
    operator_envelope,
    reply_envelope,
    request_envelope,
)
from tests.town import NEIGHBOUR, REGION

CONFIRM = Word("pusat-3", None)

Decide = Callable[[str, UUID, Word], Awaitable[object]]


@pytest.fixture
def decide(database: Database) -> Decide:

    async def by_officer(region: str, request_id: UUID, word: Word) -> object:
        return await database.repeat(
            lambda transaction: steps.decide(
                transaction, REMEDY_HANDS, region, request_id, word, NOON
            )
        )

    return by_officer


async def said(database: Database, permitter: Permitter, region: str, *envelopes: Envelope) -> None:
    await take(database, region, received(region, envelopes))
    await settle_all(a_settler(database, permitter))


async def told(database: Database, region: str) -> list[object]:
    """Every entry of a region, as it reads them."""
    async with database.begin() as transaction:
        found = await journey.page_after(transaction, region, 0, 100)
    return [item.entry for item in read_page(page_bytes(region, 1, 0, len(found), found)).entries]


async def deletions(database: Database, region: str) -> list[DeletionDecision]:
    return [one for one in await told(database, region) if isinstance(one, DeletionDecision)]


async def two_of_one_nik(
    database: Database, permitter: Permitter
) -> tuple[DeletionRequest, DeletionRequest]:
    """Person 1 stands next door and is a duplicate here; each region asks to keep its own."""
    first, second = a_recording(1), a_recording(1)
    await said(database, permitter, NEIGHBOUR, recording_envelope(1, first))
    await said(database, permitter, REGION, recording_envelope(1, second))
    theirs, ours = at(first.recording_id, NEIGHBOUR), at(second.recording_id, REGION)
    from_here, from_there = a_request([theirs], keeps=ours), a_request([ours], keeps=theirs)
    await said(database, permitter, REGION, request_envelope(2, from_here))
    await said(database, permitter, NEIGHBOUR, request_envelope(2, from_there))
    return from_here, from_there


async def test_of_two_regions_that_delete_each_others_one_wins_and_the_other_is_told_so(
    database: Database, permitter: Permitter, decide: Decide
) -> None:
    here, there = await two_of_one_nik(database, permitter)

    answers = await asyncio.gather(
        decide(REGION, here.request_id, CONFIRM),
        decide(NEIGHBOUR, there.request_id, CONFIRM),
        return_exceptions=True,
    )

    refused = [one for one in answers if isinstance(one, Exception)]
    assert [type(one) for one in refused] == [DeletionContradicts]
    async with database.begin() as transaction:
        rows = await transaction.execute(
            select(deletion.c.recording_id).where(deletion.c.deleted_at.is_not(None))
        )
        (gone,) = rows.scalars()
    assert await SearchAgain(a_settler(database, permitter)).round() == (answers[0] not in refused)
    stays = here.keeps_recording if answers[1] is refused[0] else there.keeps_recording
    assert stays is not None
    assert gone != stays.recording_id
    assert (await live(database, 1)).recording_id == stays.recording_id


async def test_every_region_concerned_is_told_and_the_one_that_kept_is_decided_again(
    database: Database, permitter: Permitter, decide: Decide
) -> None:
    here, _ = await two_of_one_nik(database, permitter)

    await decide(REGION, here.request_id, CONFIRM)
    assert await SearchAgain(a_settler(database, permitter)).round() == 1

    (next_door,) = await deletions(database, NEIGHBOUR)
    *_, at_home, decided = await told(database, REGION)
    assert at_home.recordings == next_door.recordings == here.recordings  # type: ignore[attr-defined]
    assert (next_door.request_region, next_door.may_record_again) == (REGION, ())
    assert decided.outcome is Outcome.PRINT_READY_RECORD  # type: ignore[attr-defined]


async def test_a_confirmation_dies_at_no_statement_halfway(
    database: Database, permitter: Permitter
) -> None:
    here, _ = await two_of_one_nik(database, permitter)

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: steps.decide(
            transaction, REMEDY_HANDS, REGION, here.request_id, CONFIRM, NOON
        ),
    )

    assert statements > 10
    assert len(await deletions(database, NEIGHBOUR)) == 1


async def test_the_word_is_given_once_and_not_while_the_centre_recovers(
    database: Database, permitter: Permitter, decide: Decide
) -> None:
    here, _ = await two_of_one_nik(database, permitter)
    async with database.begin() as transaction:
        await transaction.execute(
            resync.insert().values(
                epoch=1, region_code=THIRD, awaiting_since=NOON, witnessed_seq=0, compared_pos=0
            )
        )

    with pytest.raises(CentreWaits):
        await decide(REGION, here.request_id, CONFIRM)
    async with database.begin() as transaction:
        await transaction.execute(update(resync).values(synced_at=NOON))
    first = await decide(REGION, here.request_id, CONFIRM)
    assert await decide(REGION, here.request_id, Word("pusat-9", None)) == first
    with pytest.raises(DeletionAlreadyDecided):
        await decide(REGION, here.request_id, Word("pusat-9", "no"))
    with pytest.raises(NotFound):
        await decide(THIRD, here.request_id, CONFIRM)
    assert len(await deletions(database, NEIGHBOUR)) == 1


async def test_a_nik_is_free_only_when_nobody_holds_it_and_the_person_keeps_it(
    database: Database, permitter: Permitter, decide: Decide
) -> None:
    first, second = a_recording(1), a_recording(1)
    await said(database, permitter, NEIGHBOUR, recording_envelope(1, first))
    await said(database, permitter, REGION, recording_envelope(1, second))
    theirs, ours = at(first.recording_id, NEIGHBOUR), at(second.recording_id, REGION)
    only_ours, both = a_request([ours]), a_request([ours, theirs])
    await said(database, permitter, REGION, request_envelope(2, only_ours))
    await decide(REGION, only_ours.request_id, CONFIRM)
    before = (await live(database, 1)).recording_id
    await said(database, permitter, REGION, request_envelope(3, both))
    await decide(REGION, both.request_id, CONFIRM)

    assert before == first.recording_id
    held, free = await deletions(database, REGION)
    assert held.may_record_again == ()
    assert free.may_record_again == (second.recording_id,)
    assert await live(database, 1) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"number": 9}, "nik-is-no-partys"),
        ({"consent": {"given_on": NOON.date().replace(year=2018)}}, "consent-not-yet-given"),
        ({"recordings": "unknown"}, "recording-unknown"),
    ],
    ids=str,
)
async def test_a_request_that_cannot_stand_is_refused_and_kept(
    database: Database, permitter: Permitter, changes: dict[str, object], reason: str
) -> None:
    person = a_recording(1)
    await said(database, permitter, REGION, recording_envelope(1, person))
    ours = at(person.recording_id, REGION)
    named = [ours, at(a_recording(2).recording_id, REGION)] if "recordings" in changes else [ours]
    request = a_request(named, number=int(str(changes.get("number", 1))))
    if "consent" in changes:
        late = request.consent.model_copy(update=changes["consent"])  # type: ignore[arg-type]
        request = request.model_copy(update={"consent": late})

    await said(database, permitter, REGION, request_envelope(2, request))

    (entry,) = await deletions(database, REGION)
    assert (entry.verdict, entry.reason, entry.recordings) == ("refused", reason, ())
    assert (await live(database, 1)).recording_id == person.recording_id


async def under_validation(database: Database, permitter: Permitter) -> UUID:
    """A recording with templates nobody here can read: the centre asks its region about it."""
    person = a_recording(1)
    strict = Uniqueness(Irises.REQUIRED)
    await take(database, REGION, received(REGION, [recording_envelope(1, person)]))
    await settle_all(a_settler(database, permitter, strict))
    (asked,) = await told(database, REGION)
    assert asked.outcome is Outcome.REQUEST_VALIDATION  # type: ignore[attr-defined]
    return person.recording_id


async def test_a_confirmed_recording_is_decided_again_and_a_second_answer_changes_nothing(
    database: Database, permitter: Permitter
) -> None:
    recording_id = await under_validation(database, permitter)
    confirmed = a_reply(recording_id, ValidationResult.CONFIRMED)
    other = a_reply(recording_id, ValidationResult.NOT_CONFIRMED)

    await said(database, permitter, REGION, reply_envelope(2, confirmed), reply_envelope(3, other))

    _, decided = await told(database, REGION)
    assert decided.outcome is Outcome.PRINT_READY_RECORD  # type: ignore[attr-defined]
    assert (await live(database, 1)).recording_id == recording_id
    async with database.begin() as transaction:
        effects = await transaction.scalars(select(validation.c.effect).order_by(validation.c.seq))
    assert list(effects) == ["decided_again", "no_news"]


async def test_a_recording_that_is_not_confirmed_is_to_be_recorded_again(
    database: Database, permitter: Permitter
) -> None:
    recording_id = await under_validation(database, permitter)

    await said(
        database,
        permitter,
        REGION,
        reply_envelope(2, a_reply(recording_id, ValidationResult.NOT_CONFIRMED)),
    )

    _, decided = await told(database, REGION)
    assert decided.outcome is Outcome.ENROLL_FAILURE_AT_CENTRAL  # type: ignore[attr-defined]
    assert decided.reason == "not-confirmed"  # type: ignore[attr-defined]
    assert await live(database, 1) is None


async def test_an_officers_irises_meet_a_citizens_search_until_they_are_removed(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    settler = a_settler(database, permitter, Uniqueness(Irises.WHERE_READABLE, matcher, keys=KEYS))
    enrolled = an_enrolment(eyes=7)

    async def hear(region: str, *envelopes: Envelope) -> None:
        await take(database, region, received(region, envelopes))
        await settle_all(settler)

    again = operator_envelope(2, enrolled)
    await hear(NEIGHBOUR, operator_envelope(1, enrolled), again)
    await hear(REGION, recording_envelope(1, a_person(1, eyes=7, take=1)))
    removal = enrolled.model_copy(update={"is_removed": True, "left": None, "right": None})
    await hear(NEIGHBOUR, operator_envelope(3, removal))
    await hear(REGION, recording_envelope(2, a_person(2, eyes=7, take=2)))

    asked, second = await told(database, REGION)
    assert (asked.outcome, asked.reason) == (  # type: ignore[attr-defined]
        Outcome.REQUEST_VALIDATION,
        "operator-irises",
    )
    assert second.outcome is Outcome.PRINT_READY_RECORD  # type: ignore[attr-defined]
    async with database.begin() as transaction:
        kinds = await transaction.scalars(select(gallery.c.kind).order_by(gallery.c.pos))
        rows = (await transaction.execute(select(operator))).all()
    assert list(kinds) == ["operator", "removed", "person"]
    assert [(row.region_code, row.officer, row.removed_at) for row in rows] == [
        (NEIGHBOUR, "officer-7", NOON)
    ]


async def test_two_regions_a_person_moved_to_never_hold_two_permissions(
    database: Database, permitter: Permitter
) -> None:
    person = a_recording(1)
    await said(database, permitter, NEIGHBOUR, recording_envelope(1, person))
    here = a_move(1, at(person.recording_id, NEIGHBOUR))
    address = {"street": "JALAN LAIN 2", "rt": "001", "rw": "001", "ward": f"{THIRD}.01.2001"}
    onward = a_move(1, address=address)

    await said(database, permitter, REGION, move_envelope(1, here), move_envelope(2, here))
    await said(database, permitter, THIRD, move_envelope(1, onward))
    await said(database, permitter, THIRD, move_envelope(2, a_move(1, address=address)))

    moved, permitted, taken_back = await told(database, REGION)
    assert isinstance(moved, MoveDecision)
    assert (moved.verdict, moved.from_region) == ("moved", NEIGHBOUR)
    assert moved.identity is not None
    assert moved.identity.card.address.ward == here.address.ward
    assert isinstance(permitted, FreshPermission)
    assert isinstance(taken_back, Revocation)
    assert taken_back.authorization_id == permitted.permission.authorization_id
    _, first_end = await told(database, NEIGHBOUR)
    assert isinstance(first_end, Revocation)
    assert first_end.replaced_by == permitted.permission.authorization_id
    onward_moved, last, refused = await told(database, THIRD)
    assert isinstance(last, FreshPermission)
    row = await live(database, 1)
    assert (row.region_code, row.authorization_id) == (THIRD, last.permission.authorization_id)
    claims = claims_told(last.permission.jws)
    assert onward_moved.identity.card.digest() == claims.card_sha256  # type: ignore[attr-defined]
    assert refused.reason == "already-here"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"nik": nik(9)}, "nobody-recorded"),
        ({"recording": {"recording_id": str(UUID(int=5)), "region": NEIGHBOUR}}, "another-"),
        ({"address": {"street": "X", "rt": "001", "rw": "001", "ward": "61.01.01.2001"}}, "addr"),
        ({"moved_on": "2018-10-13"}, "not-moved-yet"),
    ],
    ids=str,
)
async def test_a_move_that_cannot_be_is_refused_and_moves_nothing(
    database: Database, permitter: Permitter, changes: dict[str, object], reason: str
) -> None:
    person = a_recording(1)
    await said(database, permitter, NEIGHBOUR, recording_envelope(1, person))

    await said(database, permitter, REGION, move_envelope(1, a_move(1, **changes)))

    (refused,) = await told(database, REGION)
    assert isinstance(refused, MoveDecision)
    assert (refused.verdict, refused.identity) == ("refused", None)
    assert (refused.reason or "").startswith(reason)
    assert (await live(database, 1)).region_code == NEIGHBOUR


async def test_a_move_dies_at_no_statement_halfway(
    database: Database, permitter: Permitter
) -> None:
    person = a_recording(1)
    await said(database, permitter, NEIGHBOUR, recording_envelope(1, person))
    asked = move_envelope(1, a_move(1, at(person.recording_id, NEIGHBOUR)))
    await take(database, REGION, received(REGION, [asked]))

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: settle_in(transaction, permitter, REGION, 10, NOON),
    )

    assert statements > 10
    assert (await live(database, 1)).region_code == REGION


async def test_whoever_moved_is_deleted_where_the_permission_is(
    database: Database, permitter: Permitter, decide: Decide
) -> None:
    person = a_recording(1)
    await said(database, permitter, NEIGHBOUR, recording_envelope(1, person))
    await said(database, permitter, REGION, move_envelope(1, a_move(1)))
    request = a_request([at(person.recording_id, NEIGHBOUR)])
    await said(database, permitter, NEIGHBOUR, request_envelope(2, request))

    await decide(NEIGHBOUR, request.request_id, CONFIRM)

    *_, taken_back, deleted = await told(database, REGION)
    assert isinstance(taken_back, Revocation)
    assert isinstance(deleted, DeletionDecision)
    assert await live(database, 1) is None
