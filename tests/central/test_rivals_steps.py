"""Whose rivals count: all that are found, each once, and none that was deleted by consent."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from services.central.penunggalan.checks import NIK_ALONE, Uniqueness
from services.central.penunggalan.rules import RIVALS_KEPT_MAX
from services.central.print_authorization.rules import Permitter
from services.central.remedies import steps
from services.central.remedies.steps import Word
from services.central.settings import Irises
from services.central.settling import REMEDY_HANDS
from services.central.tables import deletion_request, uniqueness_check
from services.central.worker import SearchAgain
from shared.contracts.envelopes import Envelope
from shared.contracts.feed import Decision
from shared.contracts.outcomes import DuplicateKind
from shared.contracts.remedies import DeletionRequest
from shared.database.engine import Database
from tests.central.centre_world import THIRD, a_settler, decisions, live, settle_all, take
from tests.eyes import KEYS, PlainMatcher, a_person
from tests.recordings import NOON, a_recording, nik, received, recording_envelope
from tests.remedies import a_request, at, request_envelope
from tests.town import NEIGHBOUR, REGION


class Centre:
    """A centre that regions talk to, one after the other."""

    def __init__(
        self, database: Database, permitter: Permitter, uniqueness: Uniqueness = NIK_ALONE
    ) -> None:
        self.database = database
        self.settler = a_settler(database, permitter, uniqueness)

    async def hear(self, region: str, *envelopes: Envelope) -> None:
        await take(self.database, region, received(region, envelopes))
        await settle_all(self.settler)

    async def delete(self, region: str, seq: int, request: DeletionRequest) -> None:
        """A region asks, and an officer at the centre confirms."""
        await self.hear(region, request_envelope(seq, request))
        await self.database.repeat(
            lambda transaction: steps.decide(
                transaction, REMEDY_HANDS, region, request.request_id, Word("pusat-3", None), NOON
            )
        )

    async def newest(self, region: str) -> Decision:
        return (await decisions(self.database, region))[-1]

    async def rivals_kept(self, region: str) -> Sequence[UUID]:
        async with self.database.begin() as transaction:
            evidence = await transaction.scalar(
                select(uniqueness_check.c.evidence).where(uniqueness_check.c.region_code == region)
            )
        return [UUID(one["recording_id"]) for one in (evidence or {}).get("rivals", ())]


async def test_a_deleted_duplicate_is_nobodys_rival(
    database: Database, permitter: Permitter
) -> None:
    centre = Centre(database, permitter)
    theirs, ours, third = a_recording(1), a_recording(1), a_recording(1)
    await centre.hear(NEIGHBOUR, recording_envelope(1, theirs))
    await centre.hear(REGION, recording_envelope(1, ours))
    kept = at(theirs.recording_id, NEIGHBOUR)
    await centre.delete(REGION, 2, a_request([at(ours.recording_id, REGION)], keeps=kept))

    await centre.hear(THIRD, recording_envelope(1, third))

    found = await centre.newest(THIRD)
    assert found.duplicate is DuplicateKind.ONE_TO_ONE
    assert found.rival is not None
    assert found.rival.recording_id == theirs.recording_id


async def test_who_was_a_duplicate_and_stands_now_is_one_rival_and_not_two(
    database: Database, permitter: Permitter
) -> None:
    centre = Centre(database, permitter)
    theirs, ours, third = a_recording(1), a_recording(1), a_recording(1)
    await centre.hear(NEIGHBOUR, recording_envelope(1, theirs))
    await centre.hear(REGION, recording_envelope(1, ours))
    kept = at(ours.recording_id, REGION)
    await centre.delete(REGION, 2, a_request([at(theirs.recording_id, NEIGHBOUR)], keeps=kept))
    assert await SearchAgain(centre.settler).round() == 1
    assert (await live(database, 1)).recording_id == ours.recording_id

    await centre.hear(THIRD, recording_envelope(1, third))

    found = await centre.newest(THIRD)
    assert found.duplicate is DuplicateKind.ONE_TO_ONE
    assert found.rival is not None
    assert found.rival.recording_id == ours.recording_id


async def test_all_rivals_of_a_nik_are_kept_though_a_decision_names_the_first(
    database: Database, permitter: Permitter
) -> None:
    centre = Centre(database, permitter)
    person = [a_recording(1) for _ in range(RIVALS_KEPT_MAX + 2)]
    await centre.hear(NEIGHBOUR, recording_envelope(1, person[0]))
    await centre.hear(
        REGION, *(recording_envelope(seq, one) for seq, one in enumerate(person[1:], 1))
    )

    await centre.hear(THIRD, recording_envelope(1, a_recording(1)))

    found = await centre.newest(THIRD)
    assert found.duplicate is DuplicateKind.ONE_TO_MANY
    kept = await centre.rivals_kept(THIRD)
    assert (kept[0], len(kept)) == (person[0].recording_id, RIVALS_KEPT_MAX)
    assert set(kept) < {one.recording_id for one in person}


async def test_a_region_may_name_every_rival_that_was_found_by_irises(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    centre = Centre(database, permitter, Uniqueness(Irises.WHERE_READABLE, matcher, keys=KEYS))
    first, second, third = (a_person(number, eyes=7, take=number) for number in (1, 2, 3))
    await centre.hear(NEIGHBOUR, recording_envelope(1, first))
    await centre.hear(REGION, recording_envelope(1, second))
    await centre.hear(THIRD, recording_envelope(1, third))
    found = await centre.newest(THIRD)
    others = [at(first.recording_id, NEIGHBOUR), at(second.recording_id, REGION)]

    stays = at(third.recording_id, THIRD)
    request = a_request(others, keeps=stays, keeps_nik=nik(3))
    await centre.hear(THIRD, request_envelope(2, request))

    assert found.duplicate is DuplicateKind.ONE_TO_MANY
    assert set(await centre.rivals_kept(THIRD)) == {one.recording_id for one in others}
    async with database.begin() as transaction:
        states = await transaction.scalars(select(deletion_request.c.state))
    assert list(states) == ["waiting"]
