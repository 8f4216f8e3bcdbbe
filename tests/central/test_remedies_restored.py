"""A restore forgets what officers decided: it comes back with the feeds, and is carried out again.

`another` is the life that is lost, `database` the centre restored from a backup before it.
"""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.central.journey import steps as journey
from services.central.penunggalan.checks import Uniqueness
from services.central.print_authorization.rules import Permitter
from services.central.remedies import steps
from services.central.remedies.steps import Word
from services.central.resync import steps as resync
from services.central.resync.steps import HandedBack
from services.central.settings import Irises
from services.central.settling import REMEDY_HANDS, carry_out_again
from services.central.tables import (
    contested,
    deletion,
    deletion_request,
    gallery,
    move,
    registry,
)
from services.central.worker import SearchAgain
from shared.contracts.envelopes import Envelope
from shared.contracts.feed import page_bytes
from shared.contracts.outcomes import Outcome
from shared.contracts.recording import Recording
from shared.contracts.remedies import DeletionRequest
from shared.contracts.resync import ResyncClaim
from shared.database.engine import Database
from shared.signing import PinnedKeys, SigningKey, jwks_of
from tests.central.centre_world import (
    REGIONS,
    THIRD,
    a_settler,
    copy,
    decisions,
    live,
    raise_epoch,
    settle_all,
    take,
)
from tests.dying import contents
from tests.eyes import KEYS, PlainMatcher, a_person
from tests.recordings import NOON, a_recording, received, recording_envelope
from tests.remedies import a_move, a_request, at, move_envelope, request_envelope
from tests.town import NEIGHBOUR, REGION

PAGE_ENTRIES = 2  # so that what belongs together comes back in several pages
ALL_IN_ONE = 100


class Said:
    """What every region said so far, to the life that is lost and in part to the backup."""

    def __init__(self, lost: Database, backup: Database, permitter: Permitter) -> None:
        self.lost, self.backup, self.permitter = lost, backup, permitter
        self.envelopes: dict[str, list[Envelope]] = {region: [] for region in REGIONS}
        self.in_backup = dict.fromkeys(REGIONS, 0)
        matcher = PlainMatcher(lost)
        self.uniqueness = Uniqueness(Irises.WHERE_READABLE, matcher, keys=KEYS)

    async def hear(self, region: str, *envelopes: Envelope) -> None:
        self.envelopes[region] += envelopes
        await take(self.lost, region, received(region, envelopes))
        await settle_all(a_settler(self.lost, self.permitter, self.uniqueness))

    def seq(self, region: str) -> int:
        return len(self.envelopes[region]) + 1

    async def record(self, region: str, one: Recording) -> None:
        await self.hear(region, recording_envelope(self.seq(region), one))

    async def delete(self, region: str, request: DeletionRequest) -> None:
        await self.hear(region, request_envelope(self.seq(region), request))
        await self.lost.repeat(
            lambda transaction: steps.decide(
                transaction, REMEDY_HANDS, region, request.request_id, Word("pusat-3", None), NOON
            )
        )

    async def back_up(self) -> None:
        """What is in the backup: the same words, and the same ids and permissions."""
        await copy(self.lost, self.backup)
        self.in_backup = {region: len(said) for region, said in self.envelopes.items()}

    async def restore(self, own: PinnedKeys, page_entries: int = PAGE_ENTRIES) -> None:
        """Every region hands back its feed and what it said, and says that this was all."""
        await raise_epoch(self.backup)
        for region in REGIONS:
            await self._hand_back(region, own, page_entries)
        # Twice: a declaration that got no answer comes again.
        for region in (*REGIONS, *REGIONS):
            await self._declare(region)
        await settle_all(a_settler(self.backup, self.permitter, self._matched()))

    def _matched(self) -> Uniqueness:
        return Uniqueness(Irises.WHERE_READABLE, PlainMatcher(self.backup), keys=KEYS)

    async def search_again(self) -> int:
        settler = a_settler(self.backup, self.permitter, self._matched())
        return await SearchAgain(settler).round()

    async def _hand_back(self, region: str, own: PinnedKeys, page_entries: int) -> None:
        async with self.lost.begin() as transaction:
            entries = await journey.page_after(transaction, region, 0, 100)
        for first in range(0, len(entries), page_entries):
            some = entries[first : first + page_entries]
            page = HandedBack.of(page_bytes(region, 1, first, len(entries), some))
            for _ in "ab":
                async with self.backup.begin() as transaction:
                    await resync.take_page(transaction, region, page, own, NOON)
        rest = self.envelopes[region][self.in_backup[region] :]
        if rest:
            await take(self.backup, region, received(region, rest))

    async def _declare(self, region: str) -> None:
        async with self.lost.begin() as transaction:
            applied_pos = await journey.last_pos(transaction, region)
        claim = ResyncClaim(
            version=1,
            epoch=2,
            applied_pos=applied_pos,
            acked_seq=len(self.envelopes[region]),
        )
        async with self.backup.begin() as transaction:
            word = await resync.declare(transaction, region, claim, NOON, carry_out_again)
        assert word.state == "done"


@pytest.fixture
def said(another: Database, database: Database, permitter: Permitter) -> Said:
    return Said(another, database, permitter)


@pytest.fixture
def own(centre_key: SigningKey) -> PinnedKeys:
    return PinnedKeys(jwks_of([centre_key]))


async def holders(database: Database) -> set[tuple[Any, ...]]:
    async with database.begin() as transaction:
        rows = await transaction.execute(
            select(
                registry.c.nik,
                registry.c.recording_id,
                registry.c.region_code,
                registry.c.authorization_id,
                registry.c.authorization_revoked_at,
            )
        )
        return {tuple(row) for row in rows}


async def gone(database: Database) -> set[UUID]:
    async with database.begin() as transaction:
        rows = await transaction.scalars(
            select(deletion.c.recording_id).where(deletion.c.deleted_at.is_not(None))
        )
        return set(rows)


async def searched(database: Database) -> set[UUID]:
    """Whose irises a search still meets."""
    async with database.begin() as transaction:
        rows = await transaction.execute(
            select(gallery.c.recording_id, gallery.c.kind).order_by(gallery.c.pos)
        )
        kinds = {row.recording_id: row.kind for row in rows}
    return {one for one, kind in kinds.items() if kind == "person"}


@pytest.mark.parametrize(
    ("backed_up_after", "page_entries"),
    [
        ("nothing", PAGE_ENTRIES),
        ("nothing", ALL_IN_ONE),
        ("recordings", PAGE_ENTRIES),
        ("request", ALL_IN_ONE),
    ],
)
async def test_a_deletion_of_a_lost_life_is_carried_out_again_and_what_followed_it_stands(
    said: Said, own: PinnedKeys, backed_up_after: str, page_entries: int
) -> None:
    first, other = a_person(1), a_person(2)
    request = a_request([at(first.recording_id, REGION)])

    await said.record(REGION, first)
    await said.record(NEIGHBOUR, other)
    if backed_up_after == "recordings":
        await said.back_up()
    await said.hear(REGION, request_envelope(said.seq(REGION), request))
    if backed_up_after == "request":
        await said.back_up()
    await said.lost.repeat(
        lambda transaction: steps.decide(
            transaction, REMEDY_HANDS, REGION, request.request_id, Word("pusat-3", None), NOON
        )
    )
    again = a_person(1, take=1)
    await said.record(REGION, again)
    lost = await holders(said.lost)

    await said.restore(own, page_entries)

    assert await holders(said.backup) == lost
    assert (await live(said.backup, 1)).recording_id == again.recording_id
    assert await gone(said.backup) == {first.recording_id}
    assert await searched(said.backup) == {other.recording_id, again.recording_id}
    async with said.backup.begin() as transaction:
        states = await transaction.scalars(select(deletion_request.c.state))
        assert list(states) == ["confirmed"]
        assert (await transaction.execute(select(contested))).all() == []


async def test_the_recording_that_stays_is_searched_for_if_the_lost_life_had_no_time_to(
    said: Said, own: PinnedKeys
) -> None:
    theirs, ours = a_recording(1), a_recording(1)
    await said.record(NEIGHBOUR, theirs)
    await said.record(REGION, ours)
    kept = at(ours.recording_id, REGION)
    await said.delete(REGION, a_request([at(theirs.recording_id, NEIGHBOUR)], keeps=kept))

    await said.restore(own)
    decided = await said.search_again()

    assert decided == 1
    assert (await live(said.backup, 1)).recording_id == ours.recording_id
    assert (await decisions(said.backup, REGION))[-1].outcome is Outcome.PRINT_READY_RECORD


@pytest.mark.parametrize("is_in_backup", [True, False])
async def test_a_move_of_a_lost_life_leaves_one_permission_where_the_person_lives(
    said: Said, own: PinnedKeys, *, is_in_backup: bool
) -> None:
    person = a_recording(1)
    address = {"street": "JALAN LAIN 2", "rt": "001", "rw": "001", "ward": f"{THIRD}.01.2001"}
    await said.record(NEIGHBOUR, person)
    if is_in_backup:
        await said.back_up()
    await said.hear(REGION, move_envelope(said.seq(REGION), a_move(1)))
    await said.hear(THIRD, move_envelope(said.seq(THIRD), a_move(1, address=address)))
    lost = await holders(said.lost)

    await said.restore(own)

    assert await holders(said.backup) == lost
    async with said.backup.begin() as transaction:
        moves = await transaction.execute(select(move.c.region_code, move.c.verdict))
        assert sorted(moves) == [(THIRD, "moved"), (REGION, "moved")]
        assert (await transaction.execute(select(contested))).all() == []
    again = await contents(said.backup, registry.metadata)
    async with said.backup.begin() as transaction:
        for region in REGIONS:
            await carry_out_again(transaction, region, NOON)
    assert await contents(said.backup, registry.metadata) == again
