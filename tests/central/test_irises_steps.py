"""Penunggalan with irises on a real database: one person, one recording, whoever comes at once."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from services.central import deciding
from services.central.feed.loop import NewEntries
from services.central.penunggalan import freeing, gallery
from services.central.penunggalan.checks import Uniqueness
from services.central.penunggalan.iris.keeping import opened
from services.central.penunggalan.iris.matcher import Search
from services.central.penunggalan.rules import Basis
from services.central.print_authorization.rules import Permitter
from services.central.settings import Irises
from services.central.tables import adjudication_case, metadata, undecided, uniqueness_check
from services.central.tables import gallery as gallery_table
from services.central.worker import Settler
from shared.clock import ManualClock
from shared.contracts.outcomes import DuplicateKind, Outcome
from shared.contracts.recording import Recording
from shared.database.engine import Database
from tests.central.centre_world import THIRD, decisions, live, settle_all, take
from tests.central.iris_world import PRR, a_settler, rows_of, settle
from tests.dying import contents, died_at_each_statement
from tests.eyes import KEYS, PlainMatcher, a_person, an_eye, covered, seen
from tests.recordings import NOON, a_recording, batch_of
from tests.town import NEIGHBOUR, REGION


async def test_a_person_under_a_second_nik_is_a_duplicate_of_the_first(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    settler = a_settler(database, permitter, matcher)
    first = a_person(1)

    (one,) = await settle(settler, NEIGHBOUR, first)
    (two,) = await settle(settler, REGION, a_person(2, eyes=1, take=1))

    assert one.outcome is PRR
    assert (two.outcome, two.reason) == (Outcome.DUPLICATE_RECORD, "same-irises")
    assert two.duplicate is DuplicateKind.ONE_TO_ONE
    assert two.rival is not None
    assert (two.rival.recording_id, two.rival.region) == (first.recording_id, NEIGHBOUR)
    assert two.rival.captured_at == first.captured_at
    assert await live(database, 2) is None


async def test_a_third_nik_of_one_person_is_one_to_many(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    settler = a_settler(database, permitter, matcher)

    *_, third = await settle(
        settler, REGION, a_person(1), a_person(2, eyes=1, take=1), a_person(3, eyes=1, take=2)
    )

    assert third.duplicate is DuplicateKind.ONE_TO_MANY


async def test_everybody_else_is_unique_and_leaves_what_was_searched(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    people = [a_person(number) for number in range(1, 9)]

    told = await settle(a_settler(database, permitter, matcher), REGION, *people)

    assert [one.outcome for one in told] == [PRR] * len(people)
    rows = await rows_of(database, gallery_table)
    assert sorted(row.pos for row in rows) == list(range(1, len(people) + 1))
    checks = await rows_of(database, uniqueness_check)
    assert {row.recording_id for row in checks} == {one.recording_id for one in people}
    assert {(row.outcome, row.attempt) for row in checks} == {(PRR, 1)}


@pytest.mark.parametrize(
    ("left", "right", "card"),
    [
        pytest.param(True, False, {}, id="one eye only"),
        pytest.param(True, True, {"sex": "male"}, id="both eyes, but another sex"),
    ],
)
async def test_what_a_machine_cannot_say_is_for_people(
    database: Database,
    permitter: Permitter,
    matcher: PlainMatcher,
    left: bool,
    right: bool,
    card: dict[str, str],
) -> None:
    settler = a_settler(database, permitter, matcher)
    first = a_person(1)
    await settle(settler, REGION, first)
    eyes = [an_eye(2 if left else 90, 1), an_eye(3 if right else 91, 1)]

    (two,) = await settle(settler, REGION, seen(2, *eyes, card=card))

    assert (two.outcome, two.reason) == (Outcome.ADJUDICATE_RECORD, "resembling")
    assert two.rival is not None
    assert two.rival.recording_id == first.recording_id
    (waiting,) = await rows_of(database, undecided)
    assert (waiting.recording_id, waiting.seq) == (two.recording_id, two.seq)


@pytest.mark.parametrize("pair", range(6))
async def test_of_two_who_come_at_once_one_is_unique(
    database: Database, permitter: Permitter, matcher: PlainMatcher, pair: int
) -> None:
    """One person at three regions in the same moment, under three NIKs, with three settlers."""
    regions = (REGION, NEIGHBOUR, THIRD)
    for place, region in enumerate(regions, 1):
        others = [a_person(10 * place + number) for number in range(pair)]
        one = a_person(place, eyes=100, take=place)
        await take(database, region, batch_of(region, 1, [*others, one]))
    settlers = [a_settler(database, permitter, matcher) for _ in regions]

    await asyncio.gather(*(settle_all(one) for one in settlers))

    told = [one for region in regions for one in await decisions(database, region)]
    same = [one for one in told if one.seq == pair + 1]
    assert sorted(one.outcome for one in same) == sorted([PRR, *[Outcome.DUPLICATE_RECORD] * 2])
    assert all(one.outcome is PRR for one in told if one.seq <= pair)


async def test_without_a_matcher_nobody_with_irises_is_called_unique(
    database: Database, permitter: Permitter
) -> None:
    settler = Settler(
        database,
        permitter,
        ManualClock(NOON),
        NewEntries(),
        Uniqueness(Irises.WHERE_READABLE),
    )

    (one,) = await settle(settler, REGION, a_person(1))

    assert one.outcome is Outcome.SEARCH_FAILURE_AT_CENTRAL


BOTH_EXCUSED = {"iris_left": "missing", "iris_right": "ill"}


def _biometrics(number: int, templates: dict[str, Any], exceptions: dict[str, str]) -> Recording:
    plain = a_recording(number).biometrics.model_dump(mode="json")
    images = plain["images"] | {"iris_left": "5e" * 32, "iris_right": "5e" * 32}
    for excused in exceptions:
        images.pop(excused)
    return a_recording(
        number,
        biometrics={"images": images, "templates": templates, "exceptions": exceptions},
    )


@pytest.mark.parametrize(
    ("templates", "exceptions", "outcome", "reason"),
    [
        (
            {"iris_left": {"format": "other-1", "data": "AAAA"}},
            {},
            Outcome.REQUEST_VALIDATION,
            "unreadable-template",
        ),
        ({}, BOTH_EXCUSED, Outcome.ADJUDICATE_RECORD, "biometric-exception"),
        ({}, {}, Outcome.ENROLL_FAILURE_AT_CENTRAL, "no-templates"),
        ({}, {"iris_left": "ill"}, Outcome.ENROLL_FAILURE_AT_CENTRAL, "no-templates"),
    ],
)
async def test_where_a_search_is_required_nobody_passes_without_one(
    database: Database,
    permitter: Permitter,
    matcher: PlainMatcher,
    templates: dict[str, Any],
    exceptions: dict[str, str],
    outcome: Outcome,
    reason: str,
) -> None:
    strict = a_settler(database, permitter, matcher, Irises.REQUIRED)
    lenient = a_settler(database, permitter, matcher)

    (one,) = await settle(strict, REGION, _biometrics(1, templates, exceptions))
    (two,) = await settle(lenient, REGION, _biometrics(2, templates, exceptions))

    assert (one.outcome, one.reason) == (outcome, reason)
    assert two.outcome is PRR
    assert matcher.searches == 0


async def test_names_and_births_prove_less_in_a_larger_gallery(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    class NationalMatcher(PlainMatcher):
        async def search(self, probes: Any, position: int, *, exhaustive: bool = False) -> Search:
            found = await super().search(probes, position, exhaustive=exhaustive)
            return replace(found, gallery_size=280_000_000)

    await settle(a_settler(database, permitter, matcher), REGION, a_person(1))
    one, other = a_person(2, eyes=1, take=1), a_person(3, eyes=1, take=2)
    await settle(a_settler(database, permitter, matcher), REGION, one)
    await settle(a_settler(database, permitter, NationalMatcher(database)), REGION, other)

    scores = {
        row.recording_id: row.evidence["likenesses"][0]["demographic"]["score"]
        for row in await rows_of(database, uniqueness_check)
        if row.evidence["likenesses"]
    }
    assert 0 < scores[other.recording_id] < scores[one.recording_id]


@pytest.mark.parametrize("irises", [Irises.WHERE_READABLE, Irises.REQUIRED])
@pytest.mark.parametrize("columns", [0, 100])
async def test_covered_irises_are_no_way_around_the_search(
    database: Database, permitter: Permitter, matcher: PlainMatcher, irises: Irises, columns: int
) -> None:
    settler = a_settler(database, permitter, matcher, irises)
    await settle(settler, REGION, a_person(1))
    eyes = [covered(an_eye(seed, take=1), columns) for seed in (2, 3)]
    poor = seen(2, *eyes)

    (asked,) = await settle(settler, REGION, poor)
    async with database.begin() as transaction:
        again = deciding.decider(permitter, settler.uniqueness)
        await again(transaction, REGION, poor.recording_id, Basis.VALIDATED, None, NOON)
    confirmed = (await decisions(database, REGION))[-1]

    assert (asked.outcome, asked.reason) == (Outcome.REQUEST_VALIDATION, "poor-quality")
    assert (confirmed.outcome, confirmed.reason) == (
        Outcome.ADJUDICATE_RECORD,
        "biometric-exception",
    )
    assert len(await rows_of(database, gallery_table)) == 1


async def test_one_good_eye_is_searched_and_a_covered_one_is_as_if_it_were_missing(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    settler = a_settler(database, permitter, matcher)
    await settle(settler, REGION, a_person(1))
    covered_right = [an_eye(2, take=1), covered(an_eye(3, take=1), 100)]

    one, other = await settle(
        settler, REGION, seen(2, *covered_right), seen(3, an_eye(80), covered(an_eye(81), 100))
    )

    # Both eyes are alike, but of one of them too little was seen to prove anything.
    assert (one.outcome, one.reason) == (Outcome.ADJUDICATE_RECORD, "resembling")
    assert other.outcome is PRR
    kept = [opened(row, KEYS).irises[4_096:] for row in await rows_of(database, gallery_table)]
    assert [any(right) for right in kept] == [True, False, False]


async def test_the_nik_of_one_with_the_eyes_of_another_is_told_apart_from_a_repetition(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    settler = a_settler(database, permitter, matcher)
    await settle(settler, REGION, a_person(1))

    again, swapped = await settle(
        settler, REGION, a_person(1, take=1), a_person(1, eyes=50, take=1)
    )

    assert (again.outcome, again.reason) == (Outcome.DUPLICATE_RECORD, "same-nik")
    assert (swapped.outcome, swapped.reason) == (
        Outcome.DUPLICATE_RECORD,
        "same-nik-other-irises",
    )


async def test_a_removed_recording_is_found_no_more_and_its_person_can_be_recorded(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    settler = a_settler(database, permitter, matcher)
    first = a_person(1)
    await settle(settler, REGION, first)
    async with database.begin() as transaction:
        assert await gallery.remove(transaction, [first.recording_id], NOON) == 1
    async with database.begin() as transaction:
        assert await gallery.remove(transaction, [first.recording_id], NOON) == 0, "once"

    (two,) = await settle(settler, REGION, a_person(2, eyes=1, take=1))

    assert two.outcome is PRR


async def test_a_settler_that_dies_leaves_neither_half_a_gallery_nor_half_a_verdict(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    settler = a_settler(database, permitter, matcher)
    await settle(settler, REGION, a_person(1))
    people = [a_person(2, eyes=1, take=1), a_person(3), a_person(1, take=3)]
    await take(database, REGION, batch_of(REGION, 2, people))

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: settler._settle_in(transaction, REGION, 100, NOON),
    )

    assert statements >= 15
    after = await contents(database, metadata)
    assert await settle_all(settler) == 0
    assert await contents(database, metadata) == after
    async with database.begin() as transaction:
        assert await transaction.scalar(select(func.count()).select_from(gallery_table)) == 3


async def test_who_has_no_irises_is_shown_with_whoever_resembles_by_name_and_birth(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    """The example's people share name, birth and mother; the last one shares nothing with them."""
    settler = a_settler(database, permitter, matcher, Irises.REQUIRED)
    first = a_person(1)
    await settle(settler, NEIGHBOUR, first)
    other = {"name": "TJHIN SIAU KHIONG", "birth_date": "1951-03-02", "birth_place": "SAMBAS"}
    alike = _biometrics(2, {}, BOTH_EXCUSED)
    alone = _biometrics(3, {}, BOTH_EXCUSED).model_copy(update={"mother_name": "BONG FUI LAN"})
    alone = alone.model_copy(update={"card": alone.card.model_copy(update=_card(other))})

    one, two = await settle(settler, REGION, alike, alone)

    assert (one.outcome, one.reason) == (Outcome.ADJUDICATE_RECORD, "biometric-exception")
    assert one.rival is not None
    assert one.rival.recording_id == first.recording_id
    assert (two.outcome, two.rival) == (Outcome.ADJUDICATE_RECORD, None)
    assert len(await rows_of(database, adjudication_case)) == 2


async def test_two_without_irises_find_each_other_in_one_batch_until_one_is_deleted(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    settler = a_settler(database, permitter, matcher, Irises.REQUIRED)
    first, second = (_biometrics(number, {}, BOTH_EXCUSED) for number in (1, 2))

    told = await settle(settler, REGION, first, second)

    rivals = [one.rival.recording_id for one in told if one.rival is not None]
    assert rivals == [second.recording_id, first.recording_id]
    async with database.begin() as transaction:
        both = [(REGION, first.recording_id), (REGION, second.recording_id)]
        await freeing.forget(transaction, both, NOON)
    (third,) = await settle(settler, REGION, _biometrics(3, {}, BOTH_EXCUSED))
    assert third.rival is None


def _card(changes: dict[str, str]) -> dict[str, Any]:
    return changes | {"birth_date": date.fromisoformat(changes["birth_date"])}
