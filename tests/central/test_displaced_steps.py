"""A restored centre decided on before anybody noticed: what the region must still be told of it.

`another` is the life that is lost; `database` is restored, and goes on from the backup.
"""

from collections.abc import Iterable
from uuid import UUID

import pytest

from services.central import revoking
from services.central.journey.permissions import Grounds
from services.central.print_authorization.rules import Permitter
from services.central.resync import steps as resync
from services.central.resync.displaced import Entry, left_to_tell
from services.central.resync.steps import HandedBack
from shared.contracts.amendments import AmendmentDecision
from shared.contracts.envelopes import CardResult, Envelope
from shared.contracts.feed import Decision, FreshPermission, KnownEntry
from shared.contracts.resync import ResyncClaim
from shared.contracts.revocation import Revocation
from shared.database.engine import Database
from shared.signing import PinnedKeys, SigningKey, jwks_of
from tests.amendments import RENAMED, a_change, an_amendment
from tests.central.amendment_world import climb, live_id, request_envelope
from tests.central.centre_world import REGIONS, copy, feed_of, live, raise_epoch, told
from tests.recordings import NOON, a_recording, card_envelope, recording_envelope
from tests.town import REGION

PERSON = a_recording(3)
RELIGION = a_change("religion", "religious_leader_letter")


class Lives:
    """Two lives of one centre that part after the backup."""

    def __init__(self, lost: Database, restored: Database, permitter: Permitter) -> None:
        self.lost, self.restored, self.permitter = lost, restored, permitter

    async def part_after(self, *envelopes: Envelope) -> None:
        await climb(self.lost, self.permitter, *envelopes)
        await copy(self.lost, self.restored)

    async def hear_in_both(self, *envelopes: Envelope) -> None:
        for centre in (self.lost, self.restored):
            await climb(centre, self.permitter, *envelopes)

    async def hear_again(self, *envelopes: Envelope) -> None:
        """In the backup already, and answered in the lost life after the region last read."""
        await climb(self.restored, self.permitter, *envelopes)

    async def resync(self, own: PinnedKeys) -> list[KnownEntry]:
        """The region hands back all it applied; gives what it is told from there on."""
        page = HandedBack.of(await feed_of(self.lost))
        await raise_epoch(self.restored)
        async with self.restored.begin() as transaction:
            await resync.take_page(transaction, REGION, page, own, NOON)
            for region in REGIONS:
                pos = len(page.bodies) if region == REGION else 0
                claim = ResyncClaim(version=1, epoch=2, applied_pos=pos, acked_seq=0)
                word = await resync.declare(transaction, region, claim, NOON)
                assert word.state == "done"
        return (await told(self.restored, REGION))[len(page.bodies) :]

    async def live_permissions(self) -> set[UUID]:
        """As the region folds its feed: given, and neither ended nor replaced."""
        return _live(await told(self.restored, REGION))


def _live(entries: Iterable[KnownEntry]) -> set[UUID]:
    found: set[UUID] = set()
    for one in entries:
        if isinstance(one, Revocation):
            found.discard(one.authorization_id)
        if isinstance(one, FreshPermission):
            found.discard(one.replaces)
        if isinstance(one, Decision | FreshPermission) and one.permission is not None:
            found.add(one.permission.authorization_id)
    return found


@pytest.fixture
def lives(another: Database, database: Database, permitter: Permitter) -> Lives:
    return Lives(another, database, permitter)


@pytest.fixture
def own(centre_key: SigningKey) -> PinnedKeys:
    return PinnedKeys(jwks_of([centre_key]))


async def test_a_second_amendment_of_a_person_is_told_though_the_first_came_back(
    lives: Lives, own: PinnedKeys
) -> None:
    first, second = an_amendment(RENAMED), an_amendment(RELIGION)
    await lives.part_after(recording_envelope(1, PERSON))
    await lives.hear_in_both(request_envelope(2, first))
    await lives.hear_again(request_envelope(3, second))

    again = await lives.resync(own)

    (answer,) = [one for one in again if isinstance(one, AmendmentDecision)]
    assert answer.request_id == second.request.request_id
    assert await lives.live_permissions() == {await live_id(lives.restored)}


async def test_a_change_after_a_spoiled_blank_takes_back_the_permission_the_region_holds(
    lives: Lives, own: PinnedKeys
) -> None:
    await lives.part_after(recording_envelope(1, PERSON))
    given = await live_id(lives.lost)
    await lives.hear_in_both(card_envelope(2, given, PERSON.recording_id, CardResult.SPOILED))
    held = await live_id(lives.lost)
    await lives.hear_again(request_envelope(3, an_amendment(RENAMED)))

    ended, fresh, _ = await lives.resync(own)

    assert isinstance(ended, Revocation)
    assert isinstance(fresh, FreshPermission)
    assert (ended.authorization_id, fresh.replaces) == (held, held)
    assert ended.replaced_by == fresh.permission.authorization_id
    assert await lives.live_permissions() == {await live_id(lives.restored)}
    assert await live_id(lives.restored) == fresh.permission.authorization_id


async def test_an_officers_revocation_holds_for_the_permission_that_came_back(
    lives: Lives, own: PinnedKeys
) -> None:
    await lives.part_after(recording_envelope(1, PERSON))
    given = await live_id(lives.lost)
    await lives.hear_in_both(card_envelope(2, given, PERSON.recording_id, CardResult.SPOILED))
    held = await live_id(lives.lost)
    async with lives.restored.begin() as transaction:
        grounds = Grounds("fraud", "pusat-3")
        assert await revoking.revoke(transaction, REGION, PERSON.recording_id, grounds, NOON)

    (ended,) = await lives.resync(own)

    assert isinstance(ended, Revocation)
    assert (ended.authorization_id, ended.reason) == (held, "fraud")
    row = await live(lives.restored, 3)
    assert (row.authorization_id, row.authorization_revoked_at) == (held, NOON)
    assert await lives.live_permissions() == set()


async def test_what_both_lives_said_is_not_told_twice(lives: Lives, own: PinnedKeys) -> None:
    await lives.part_after(recording_envelope(1, PERSON))
    await lives.hear_in_both(request_envelope(2, an_amendment(RENAMED)))
    held = await live_id(lives.lost)

    assert await lives.resync(own) == []

    assert await lives.live_permissions() == {held} == {await live_id(lives.restored)}


@pytest.mark.rules
def test_that_people_let_somebody_through_is_told_though_their_case_came_back() -> None:
    def decided(outcome: str, seq: int) -> Entry:
        return Entry("decision", PERSON.recording_id, outcome, b'{"seq":%d}' % seq)

    waits, passed = decided("ADJUDICATE_RECORD", 1), decided("PRINT_READY_RECORD", 1)

    assert left_to_tell([waits, passed], [waits]) == [(1, passed)]
    assert left_to_tell([waits, passed], [waits, passed]) == []
    assert left_to_tell([waits], []) == [(0, waits)]
