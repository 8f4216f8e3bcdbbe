"""Penunggalan by an ABIS of somebody else's: a stand-in on a real socket, MOSIP's messages."""

import asyncio

import pytest
from sqlalchemy import delete

from services.central import deciding
from services.central.feed.loop import NewEntries
from services.central.penunggalan import gallery
from services.central.penunggalan.abis import matcher as abis_matcher
from services.central.penunggalan.abis.client import AbisTrouble
from services.central.penunggalan.abis.loop import AbisWatch
from services.central.penunggalan.abis.store import Mark, mark_of, move_mark
from services.central.penunggalan.checks import Uniqueness
from services.central.penunggalan.iris.matcher import Probe
from services.central.penunggalan.rules import Basis
from services.central.print_authorization.rules import Permitter
from services.central.settings import Irises
from services.central.tables import abis_mark, undecided, uniqueness_check
from services.central.worker import Settler
from shared.contracts.outcomes import Outcome
from shared.ids import new_id
from shared.iris import to_bytes
from shared.telemetry.metrics import ABIS_BEHIND
from tests.abis import COUNT, DELETE, IDENTIFY, INSERT
from tests.central.abis_world import FAILURE, World, abis, world
from tests.central.centre_world import THIRD, decisions, raise_epoch, settle_all, take
from tests.central.iris_world import PRR, rows_of, settle
from tests.eyes import KEYS, PlainMatcher, a_person, an_eye
from tests.recordings import NOON, batch_of
from tests.town import NEIGHBOUR, REGION

__all__ = ["abis", "world"]


async def test_a_person_under_a_second_nik_is_found_by_the_abis(world: World) -> None:
    first = a_person(1)

    told = await world.settle(first, a_person(2), region=NEIGHBOUR)
    (again,) = await world.settle(a_person(3, eyes=1, take=1))

    assert [one.outcome for one in told] == [PRR, PRR]
    assert (again.outcome, again.reason) == (Outcome.DUPLICATE_RECORD, "same-irises")
    assert again.rival is not None
    assert (again.rival.recording_id, again.rival.region) == (first.recording_id, NEIGHBOUR)
    *_, check = [
        row for row in await rows_of(world.database, uniqueness_check) if row.region_code == REGION
    ]
    (like,) = check.evidence["likenesses"]
    assert (check.gallery_pos, check.gallery_size) == (2, 2)
    assert like["left"] < 0.2, "our own distance"
    assert float(like["score"]) > 80, "the ABIS's number, for whoever looks"


async def test_of_three_who_come_at_once_one_is_unique(world: World, permitter: Permitter) -> None:
    regions = (REGION, NEIGHBOUR, THIRD)
    for place, region in enumerate(regions, 1):
        people = [a_person(10 * place), a_person(place, eyes=100, take=place)]
        await take(world.database, region, batch_of(region, 1, people))
    settlers = [
        Settler(world.database, permitter, world.clock, NewEntries(), world.settler.uniqueness)
        for _ in regions
    ]

    await asyncio.gather(*(settle_all(one) for one in settlers))

    told = [one for region in regions for one in await decisions(world.database, region)]
    same = sorted(one.outcome for one in told if one.seq == 2)
    assert same == sorted([PRR, Outcome.DUPLICATE_RECORD, Outcome.DUPLICATE_RECORD])
    assert all(one.outcome is PRR for one in told if one.seq == 1)


async def test_while_the_abis_is_away_nobody_is_unique_and_afterwards_all_are_decided(
    world: World,
) -> None:
    await world.abis.stop()
    await world.settle(a_person(1), a_person(2, eyes=1, take=1))
    down = await world.outcomes()
    assert await world.search_again() == 0
    await world.abis.start()

    assert await world.search_again() == 2

    assert down == [(FAILURE, "search-impossible")] * 2
    assert sorted(one for one, _ in (await world.outcomes())[2:]) == sorted(
        [PRR, Outcome.DUPLICATE_RECORD]
    )
    assert await rows_of(world.database, undecided) == []


@pytest.mark.parametrize("message", [INSERT, IDENTIFY, COUNT])
async def test_a_lost_answer_is_asked_for_again_and_nothing_is_done_twice(
    world: World, message: str
) -> None:
    await world.settle(a_person(1))
    world.abis.drop = [message]

    (again,) = await world.settle(a_person(2, eyes=1, take=1))

    assert world.abis.drop == []
    assert again.outcome is Outcome.DUPLICATE_RECORD
    assert len(world.abis.held) == 2


async def test_an_insert_whose_answers_are_all_lost_is_harmless(world: World) -> None:
    world.abis.drop = [INSERT] * 2
    (lost,) = await world.settle(a_person(1))
    assert len(world.abis.held) == 1, "it was done, and the centre does not know"

    assert await world.search_again() == 1

    assert [lost.outcome, (await world.outcomes())[-1][0]] == [FAILURE, PRR]
    assert len(world.abis.held) == 1


@pytest.mark.parametrize("rows", [1, 64])
async def test_an_abis_that_comes_later_is_told_of_everybody_before_it_is_asked(
    world: World, permitter: Permitter, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """However its rows are told, also those that were removed before it came."""
    monkeypatch.setattr(abis_matcher, "TOLD_AT_ONCE", rows)
    officer = new_id()
    async with world.database.begin() as transaction:
        irises = to_bytes(an_eye(400)) + to_bytes(an_eye(401))
        await gallery.enter_operator(transaction, REGION, officer, irises, NOON, keys=KEYS)
        await gallery.remove(transaction, [officer], NOON)
    plain = Uniqueness(Irises.REQUIRED, PlainMatcher(world.database), keys=KEYS)
    before = Settler(world.database, permitter, world.clock, NewEntries(), plain)
    gone = a_person(4)
    await settle(before, NEIGHBOUR, a_person(1), a_person(2), gone)
    await world.remove(gone)

    one, other = await world.settle(a_person(3, eyes=1, take=1), a_person(5, eyes=4, take=1))

    assert one.outcome is Outcome.DUPLICATE_RECORD
    assert other.outcome is PRR
    assert not {gone.recording_id, officer} & world.abis.held.keys()


async def test_what_was_told_before_a_crash_is_told_again_and_counted_once(world: World) -> None:
    """As if it died between the ABIS's answer and the commit of its mark."""
    await world.settle(a_person(1), a_person(2))
    await world.caught_up()
    (mark,) = await rows_of(world.database, abis_mark)
    async with world.database.begin() as transaction:
        await transaction.execute(delete(abis_mark))

    await world.caught_up()

    assert await rows_of(world.database, abis_mark) == [mark]
    assert (mark.position, mark.people, list(mark.refused)) == (2, 2, [])
    assert len(world.abis.held) == 2


async def test_how_far_behind_the_abis_is_can_be_seen(world: World) -> None:
    await world.settle(a_person(1), a_person(2))
    await world.abis.stop()

    with pytest.raises(AbisTrouble):
        await world.caught_up()
    behind = ABIS_BEHIND._value.get()
    await world.abis.start()
    await world.caught_up()

    assert (behind, ABIS_BEHIND._value.get()) == (2, 0)


async def test_a_deleted_person_is_deleted_there_and_can_be_recorded_again(world: World) -> None:
    first = a_person(1)
    await world.settle(first, a_person(2))
    await world.remove(first)
    await world.caught_up()
    held = set(world.abis.held)

    (again,) = await world.settle(a_person(3, eyes=1, take=1))

    assert first.recording_id not in held
    assert again.outcome is PRR
    assert world.abis.count_of(DELETE) == 1


async def test_whom_the_abis_still_names_after_a_deletion_is_nobody(world: World) -> None:
    first = a_person(1)
    await world.settle(first)
    await world.remove(first)
    await world.caught_up()
    world.abis.named_always = {first.recording_id: "99"}

    (again,) = await world.settle(a_person(3))

    assert again.outcome is PRR


async def test_a_name_the_centre_never_heard_is_no_verdict(world: World) -> None:
    world.abis.named_always = {new_id(): "99"}

    (one,) = await world.settle(a_person(1))
    world.abis.named_always = {}

    assert one.outcome is FAILURE
    assert await world.search_again() == 1
    assert (await world.outcomes())[-1][0] is PRR


async def test_whoever_was_searched_for_and_did_not_enter_is_no_candidate(world: World) -> None:
    """An officer's irises under a citizen's NIK: the ABIS keeps them, the gallery does not."""
    async with world.database.begin() as transaction:
        irises = to_bytes(an_eye(200)) + to_bytes(an_eye(201))
        await gallery.enter_operator(transaction, REGION, new_id(), irises, NOON, keys=KEYS)
    doubtful = a_person(1, eyes=100, take=1)

    (one,) = await world.settle(doubtful)
    (other,) = await world.settle(a_person(2))

    assert (one.outcome, one.reason) == (Outcome.REQUEST_VALIDATION, "operator-irises")
    assert doubtful.recording_id in world.abis.held
    world.abis.named_always = {doubtful.recording_id: "99"}
    (third,) = await world.settle(a_person(3))
    assert [other.outcome, third.outcome] == [PRR, PRR]


async def test_whom_only_the_abis_calls_alike_is_for_two_officers(world: World) -> None:
    first = a_person(1)
    await world.settle(first)
    world.abis.named_always = {first.recording_id: "71.5"}

    (other,) = await world.settle(a_person(2))

    assert (other.outcome, other.reason) == (Outcome.ADJUDICATE_RECORD, "resembling")
    assert other.rival is not None
    assert other.rival.recording_id == first.recording_id
    check = (await rows_of(world.database, uniqueness_check))[-1]
    (like,) = check.evidence["likenesses"]
    assert like["left"] > 0.4
    assert like["score"] == "71.5"


async def test_too_poor_is_for_the_region_then_for_officers_and_found_all_the_same(
    world: World,
) -> None:
    poor = a_person(1)
    world.abis.too_poor = {poor.recording_id}
    (one,) = await world.settle(poor)

    async with world.database.begin() as transaction:
        await deciding.decide_again(
            transaction,
            world.settler.permitter,
            world.settler.uniqueness,
            deciding.Again(REGION, poor.recording_id, Basis.VALIDATED),
            NOON,
        )
    again = (await world.outcomes())[-1]
    (other,) = await world.settle(a_person(2, eyes=1, take=1), region=NEIGHBOUR)

    assert (one.outcome, one.reason) == (Outcome.REQUEST_VALIDATION, "poor-quality")
    assert again == (Outcome.ADJUDICATE_RECORD, "biometric-exception")
    assert (other.outcome, other.reason) == (Outcome.DUPLICATE_RECORD, "same-irises")
    await world.remove(poor)
    await world.caught_up()
    (mark,) = await rows_of(world.database, abis_mark)
    assert (mark.position, mark.people, list(mark.refused)) == (3, 1, [])


async def test_an_abis_that_forgot_gives_no_verdict_and_is_told_anew(world: World) -> None:
    await world.settle(a_person(1), a_person(2))
    await world.caught_up()
    world.abis.held.clear()

    (one,) = await world.settle(a_person(3, eyes=1, take=1))
    watch = AbisWatch(world.matcher)
    for _ in range(3):
        await watch.round()

    assert one.outcome is FAILURE
    assert await world.search_again() == 1
    assert (await world.outcomes())[-1][0] is Outcome.DUPLICATE_RECORD


async def test_an_abis_that_is_told_anew_is_not_told_of_whom_was_erased(world: World) -> None:
    gone, stays = a_person(1), a_person(2)
    await world.settle(gone, stays)
    async with world.database.begin() as transaction:
        await gallery.erase(transaction, [gone.recording_id], NOON)
    world.abis.held.clear()

    await world.matcher.begin_anew()
    await world.caught_up()

    assert set(world.abis.held) == {stays.recording_id}
    assert (await world.settle(a_person(3, eyes=2, take=1)))[0].outcome is Outcome.DUPLICATE_RECORD


async def test_an_abis_that_forgot_for_a_moment_only_gives_no_verdict_either(
    world: World,
) -> None:
    """Asked while it lacked somebody, and told of them again before it was counted."""
    first = a_person(1)
    await world.settle(first, a_person(2))
    await world.caught_up()

    async def forget() -> None:
        del world.abis.held[first.recording_id]

    async def tell_anew() -> None:
        await world.matcher.begin_anew()
        await world.caught_up()

    world.abis.before = {IDENTIFY: forget, COUNT: tell_anew}
    (one,) = await world.settle(a_person(3, eyes=1, take=1))

    assert first.recording_id in world.abis.held
    assert one.outcome is FAILURE
    assert await world.search_again() == 1
    assert (await world.outcomes())[-1][0] is Outcome.DUPLICATE_RECORD


async def test_whoever_told_before_an_abis_forgot_does_not_move_its_mark_after(
    world: World,
) -> None:
    before = Mark(1)
    async with world.database.begin() as transaction:
        first = await move_mark(transaction, "an ABIS", before, Mark(1, 5, 5))
        anew = await move_mark(transaction, "an ABIS", Mark(1, 5, 5), Mark(1, times_begun=1))
        late = await move_mark(transaction, "an ABIS", before, Mark(1, 5, 5))
        now = await mark_of(transaction, "an ABIS")

    assert (first, anew, late) == (True, True, False)
    assert now == Mark(1, times_begun=1)


async def test_nobody_resembles_their_own_recording(world: World) -> None:
    first = a_person(1)
    await world.settle(first)
    eyes = [an_eye(2), an_eye(3)]

    found = await world.matcher.search([Probe(first.recording_id, *eyes)], 1)
    other = await world.matcher.search([Probe(first.recording_id, *eyes)], 0)

    assert found.likenesses == other.likenesses == ((),)
    assert (found.gallery_size, other.gallery_size) == (1, 0)


async def test_a_restored_centre_tells_everything_anew(world: World) -> None:
    await world.settle(a_person(1))
    await world.caught_up()
    before = await world.matcher.mark()
    await raise_epoch(world.database)

    after = await world.matcher.mark()

    assert (before.epoch, before.position) == (1, 1)
    assert (after.epoch, after.position) == (2, 0)


async def test_no_search_waits_for_a_long_telling(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.settle(a_person(1), a_person(2))
    async with world.database.begin() as transaction:
        await transaction.execute(delete(abis_mark))
    monkeypatch.setattr(abis_matcher, "ROWS_BEHIND_MAX", 1)
    monkeypatch.setattr(abis_matcher, "TOLD_AT_ONCE", 1)

    (one,) = await world.settle(a_person(3))
    await world.caught_up()

    assert one.outcome is FAILURE
    assert await world.search_again() == 1
