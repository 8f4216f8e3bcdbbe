"""The audit of searches: whoever a search missed is found, told, and judged by two officers."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from services.central import deciding
from services.central.adjudication import steps as adjudication
from services.central.adjudication.rules import Ballot, Reason, Verdict
from services.central.auditing import SearchAudit, Tally
from services.central.journey import steps as journey
from services.central.journey.permissions import Grounds
from services.central.penunggalan import audit_store, freeing, gallery
from services.central.penunggalan.iris.matcher import GalleryIncomplete, Probe, Search
from services.central.penunggalan.rules import Basis
from services.central.print_authorization import steps as print_authorization
from services.central.print_authorization.rules import Permitter
from services.central.tables import adjudication_candidate, adjudication_case, uniqueness_check
from services.central.worker import Settler
from shared.clock import ManualClock
from shared.contracts.feed import Decision
from shared.contracts.outcomes import Outcome
from shared.contracts.revocation import Revocation
from shared.database.engine import Database
from tests.central.centre_world import told
from tests.central.iris_world import PRR, a_settler, rows_of, settle
from tests.eyes import KEYS, PlainMatcher, a_person, an_eye, seen
from tests.recordings import NOON
from tests.town import NEIGHBOUR, REGION

DAY = date(2017, 10, 13)


class BlindMatcher(PlainMatcher):
    """Its short looks miss whoever is in `hidden`; in full it finds everybody."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.hidden: set[UUID] = set()

    async def search(
        self, probes: Sequence[Probe], position: int, *, exhaustive: bool = False
    ) -> Search:
        found = await super().search(probes, position, exhaustive=exhaustive)
        if exhaustive:
            return found
        left = tuple(
            tuple(one for one in alike if one.recording_id not in self.hidden)
            for alike in found.likenesses
        )
        return replace(found, likenesses=left)


def an_audit(
    settler: Settler, matcher: PlainMatcher, share: float = 1.0, now: datetime = NOON
) -> SearchAudit:
    return SearchAudit(settler.database, ManualClock(now), matcher, KEYS, share, hour=2)


async def audits_of(database: Database) -> dict[tuple[UUID, int], bool | None]:
    return {
        (row.recording_id, row.attempt): row.audit_agrees
        for row in await rows_of(database, uniqueness_check)
    }


async def missed(
    database: Database, permitter: Permitter
) -> tuple[Settler, BlindMatcher, UUID, UUID]:
    """One person under two NIKs, of whom the second search found nothing; both ids."""
    matcher = BlindMatcher(database)
    settler = a_settler(database, permitter, matcher)
    first, second = a_person(1), a_person(2, eyes=1, take=1)
    matcher.hidden.add(first.recording_id)
    await settle(settler, NEIGHBOUR, first)
    (decided,) = await settle(settler, REGION, second)
    assert decided.outcome is PRR
    return settler, matcher, first.recording_id, second.recording_id


async def vote(settler: Settler, verdict: Verdict, rival: UUID | None) -> None:
    (case,) = await rows_of(settler.database, adjudication_case)
    again = deciding.decider(settler.permitter, settler.uniqueness)
    reason = Reason.FACES_AGREE if rival else Reason.FACES_DIFFER
    ballot = Ballot(case.edition, verdict, rival, reason, "Both faces were looked at.")
    for officer in ("sri", "budi"):
        await settler.database.repeat(
            lambda one, who=officer: adjudication.vote(
                one, case.region_code, case.case_id, who, ballot, again, NOON
            )
        )


async def test_whom_a_search_missed_is_found_and_comes_before_officers(
    database: Database, permitter: Permitter
) -> None:
    settler, matcher, first, second = await missed(database, permitter)
    before = await told(database, REGION)

    tally = await an_audit(settler, matcher).audit(DAY)

    assert tally == Tally(audited=2, disagreed=1)
    assert await audits_of(database) == {(first, 1): True, (second, 1): False, (second, 2): None}
    kept = {
        row.attempt: row for row in await rows_of(database, uniqueness_check) if row.attempt > 1
    }
    assert (kept[2].basis, kept[2].outcome) == (Basis.AUDIT, PRR)
    (case,) = await rows_of(database, adjudication_case)
    (candidate,) = await rows_of(database, adjudication_candidate)
    assert (case.recording_id, case.reason, case.seq) == (second, "audit", 1)
    assert candidate.recording_id == first
    assert max(candidate.left_distance, candidate.right_distance) < case.one_eye_max
    # Nobody loses a permission by a machine's word.
    assert await told(database, REGION) == before
    assert await an_audit(settler, matcher).audit(DAY + timedelta(days=1)) == Tally(audited=1)


async def test_two_officers_who_find_the_same_person_take_the_permission_back(
    database: Database, permitter: Permitter
) -> None:
    settler, matcher, first, second = await missed(database, permitter)
    await an_audit(settler, matcher).audit(DAY)

    await vote(settler, Verdict.SAME_PERSON, first)

    *_, revoked, decided = await told(database, REGION)
    assert isinstance(revoked, Revocation)
    assert (revoked.recording_id, revoked.reason) == (second, "same-person")
    assert isinstance(decided, Decision)
    assert (decided.outcome, decided.reason) == (Outcome.DUPLICATE_RECORD, "adjudicated")
    assert decided.rival is not None
    assert decided.rival.recording_id == first
    checks = [
        row for row in await rows_of(database, uniqueness_check) if row.recording_id == second
    ]
    assert {row.attempt: row.basis for row in checks} == {
        1: Basis.ARRIVAL,
        2: Basis.AUDIT,
        3: Basis.SAME_PERSON,
    }


async def test_of_somebody_who_moved_the_permission_is_taken_back_where_it_is(
    database: Database, permitter: Permitter
) -> None:
    settler, matcher, first, second = await missed(database, permitter)
    await an_audit(settler, matcher).audit(DAY)
    async with database.begin() as transaction:
        candidate = (await audit_store.candidates(transaction, REGION, [second]))[second]
        moved = await print_authorization.readdress(
            transaction, (REGION, NEIGHBOUR), candidate.recording, permitter, Grounds("moved"), NOON
        )
        assert moved is not None
        assert moved[0] is not None
        await journey.publish(transaction, REGION, [moved[0]], NOON)
        await journey.publish(transaction, NEIGHBOUR, [moved[1]], NOON)

    await vote(settler, Verdict.SAME_PERSON, first)

    revoked, decided = (await told(database, NEIGHBOUR))[-1], (await told(database, REGION))[-1]
    assert isinstance(revoked, Revocation)
    assert (revoked.recording_id, revoked.reason) == (second, "same-person")
    assert isinstance(decided, Decision)
    assert decided.outcome is Outcome.DUPLICATE_RECORD


async def test_the_centre_audits_by_itself_at_night_and_once(
    database: Database, permitter: Permitter
) -> None:
    settler, matcher, _, second = await missed(database, permitter)
    by_day, by_night = (
        datetime(2017, 10, 13, hour, tzinfo=UTC) for hour in (5, 20)
    )  # noon and three in the morning, WIB
    loops = [an_audit(settler, matcher, now=now) for now in (by_day, by_night)]
    running = [asyncio.create_task(one.run()) for one in loops]
    try:
        async with asyncio.timeout(60):
            while (await audits_of(database)).get((second, 1)) is not False:
                await asyncio.sleep(0.02)
    finally:
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    rows = await rows_of(database, uniqueness_check)
    assert {row.audited_at for row in rows if row.audited_at} == {by_night}


async def test_two_officers_who_find_different_people_change_nothing_and_are_not_asked_again(
    database: Database, permitter: Permitter
) -> None:
    settler, matcher, first, _ = await missed(database, permitter)
    await an_audit(settler, matcher).audit(DAY)
    before = await told(database, REGION)

    await vote(settler, Verdict.DIFFERENT_PEOPLE, None)

    assert await told(database, REGION) == before
    later = await an_audit(settler, matcher).audit(DAY + timedelta(days=1))
    assert later == Tally(audited=1)
    assert len(await rows_of(database, adjudication_case)) == 1
    assert (first, 1) in await audits_of(database)


async def test_searches_that_saw_everybody_agree_whatever_came_between(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    settler = a_settler(database, permitter, matcher)
    async with database.begin() as transaction:
        await gallery.enter_operator(
            transaction, REGION, UUID(int=9), irises_of(70), NOON, keys=KEYS
        )
    gone = a_person(1)
    await settle(settler, NEIGHBOUR, gone)
    # A batch of one who resembles another, and two with an officer's irises.
    officer = a_person(20, eyes=70, take=1)
    await settle(
        settler,
        REGION,
        a_person(2),
        officer,
        a_person(3, eyes=70, take=2),
        a_person(4, eyes=2, take=1),
    )
    await settle(settler, REGION, a_person(5, eyes=1, take=1))
    async with database.begin() as transaction:
        await freeing.forget(transaction, [(NEIGHBOUR, gone.recording_id)], NOON)
    await settle(settler, NEIGHBOUR, a_person(6, eyes=1, take=2), seen(7, an_eye(140, 3), None))

    tally = await an_audit(settler, matcher).audit(DAY)

    assert tally == Tally(audited=8)
    assert set((await audits_of(database)).values()) == {True}
    assert not [
        case for case in await rows_of(database, adjudication_case) if case.reason == "audit"
    ]


def irises_of(eyes: int) -> bytes:
    return b"".join(an_eye(2 * eyes + eye).astype("<u8").tobytes() for eye in (0, 1))


async def test_one_of_the_same_batch_who_was_missed_is_found_too(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    settler = a_settler(database, permitter, matcher)
    second = a_person(2, eyes=1, take=1)
    await settle(settler, REGION, a_person(1), second)
    async with database.begin() as transaction:
        nobody = uniqueness_check.c.evidence.concat({"likenesses": [], "likenesses_found": 0})
        await transaction.execute(update(uniqueness_check).values(evidence=nobody))

    assert await an_audit(settler, matcher).audit(DAY) == Tally(audited=2, disagreed=1)
    assert (await audits_of(database))[second.recording_id, 1] is False


async def test_who_was_missed_and_is_deleted_by_now_is_told_and_makes_no_case(
    database: Database, permitter: Permitter
) -> None:
    settler, matcher, first, second = await missed(database, permitter)
    async with database.begin() as transaction:
        await freeing.forget(transaction, [(NEIGHBOUR, first)], NOON)

    assert (await an_audit(settler, matcher).audit(DAY)).disagreed == 1
    assert (await audits_of(database))[second, 1] is False
    assert not await rows_of(database, adjudication_case)


async def test_somebody_settles_while_a_search_is_audited(
    database: Database, permitter: Permitter
) -> None:
    class SlowMatcher(BlindMatcher):
        def __init__(self, database: Database) -> None:
            super().__init__(database)
            self.began, self.may_end = asyncio.Event(), asyncio.Event()

        async def search(self, probes: Any, position: int, *, exhaustive: bool = False) -> Search:
            if exhaustive:
                self.began.set()
                await self.may_end.wait()
            return await super().search(probes, position, exhaustive=exhaustive)

    matcher = SlowMatcher(database)
    settler = a_settler(database, permitter, matcher)
    await settle(settler, REGION, a_person(1))
    auditing = asyncio.create_task(an_audit(settler, matcher).audit(DAY))
    await matcher.began.wait()

    (decided,) = await settle(settler, NEIGHBOUR, a_person(2))

    assert decided.outcome is PRR
    assert not auditing.done()
    matcher.may_end.set()
    assert (await auditing).disagreed == 0


async def test_an_audit_that_is_interrupted_goes_on_where_it_stopped(
    database: Database, permitter: Permitter
) -> None:
    class FewMatcher(BlindMatcher):
        searches_left = 2

        async def search(self, probes: Any, position: int, *, exhaustive: bool = False) -> Search:
            if exhaustive and not self.searches_left:
                raise GalleryIncomplete
            self.searches_left -= exhaustive
            return await super().search(probes, position, exhaustive=exhaustive)

    matcher = FewMatcher(database)
    settler = a_settler(database, permitter, matcher)
    await settle(settler, REGION, *(a_person(number) for number in range(1, 6)))

    with pytest.raises(GalleryIncomplete):
        await an_audit(settler, matcher).audit(DAY)
    matcher.searches_left = 9

    assert await an_audit(settler, matcher).audit(DAY) == Tally(audited=3)
    assert await an_audit(settler, matcher).audit(DAY) == Tally(audited=0)
    ended = await an_audit(settler, matcher).audit(DAY + timedelta(days=1), ends_at=NOON)
    assert ended == Tally(audited=0, is_whole=False)


async def test_a_share_is_drawn_by_id_and_day(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    settler = a_settler(database, permitter, matcher)
    people = [a_person(number) for number in range(1, 61)]
    await settle(settler, REGION, *people)

    async def drawn(day: date, share: float) -> set[UUID]:
        async with database.begin() as transaction:
            found = await audit_store.pick(transaction, REGION, day, share, UUID(int=0), 99)
        return {one.recording_id for one in found}

    third = await drawn(DAY, 0.33)
    assert third == await drawn(DAY, 0.33) < await drawn(DAY, 0.66)
    assert third != await drawn(DAY + timedelta(days=1), 0.33)
    assert 5 < len(third) < 40
    assert not await drawn(DAY, 0.0)
    assert len(await drawn(DAY, 1.0)) == len(people)
