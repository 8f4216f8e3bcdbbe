"""Recordings of one person find each other among many, whatever single thing was written anew."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select

from services.central.penunggalan.demographic import store
from services.central.penunggalan.demographic.keys import KEYS_MAX, keys_of
from services.central.penunggalan.demographic.persons import Person
from services.central.tables import demographic_key, envelope
from services.simulator.population import city, recordings
from services.simulator.population.respelled import respelled
from shared.contracts.recording import RECORDING, Recording
from shared.database.engine import Database
from shared.ids import new_id
from tests.central.centre_world import take
from tests.recordings import batch_of
from tests.town import NEIGHBOUR, REGION

PEOPLE = 240


@cache
def people() -> tuple[dict[str, Any], ...]:
    return tuple(orjson.loads(one.body) for one in recordings(city(7, 4_000), PEOPLE))


def as_recording(content: dict[str, Any]) -> Recording:
    return RECORDING.validate_json(orjson.dumps(content))


def again(content: dict[str, Any], **card: Any) -> Recording:
    """The same person under another NIK, but for what is given."""
    changed = content["card"] | {"nik": "6171020202780001"} | card
    return as_recording(content | {"card": changed, "recording_id": str(new_id())})


async def hold(database: Database, region: str, some: Sequence[Recording]) -> None:
    """Receive recordings and enter them under their keys."""
    await take(database, region, batch_of(region, 1, some))
    async with database.begin() as transaction:
        await store.fill(transaction, region, some)


async def found(database: Database, probes: Sequence[Recording], limit: int = 3) -> Any:
    async with database.begin() as transaction:
        return await store.candidates(transaction, probes, limit, gallery=200_000)


async def test_a_second_recording_meets_the_first_with_its_evidence(database: Database) -> None:
    await hold(database, REGION, [as_recording(one) for one in people()])
    probe = again(people()[100], birth_date="1950-12-31")

    some = (await found(database, [probe]))[probe.recording_id]

    first = some[0]
    assert str(first.recording_id) == people()[100]["recording_id"]
    assert first.region == REGION
    assert first.captured_at == as_recording(people()[100]).captured_at
    assert first.comparison.weight == max(one.comparison.weight for one in some)
    assert len(some) <= 3


async def test_people_written_down_differently_are_found_again(database: Database) -> None:
    await hold(database, REGION, [as_recording(one) for one in people()])
    copies = [
        as_recording(respelled(one, number) | {"recording_id": str(new_id())})
        for number, one in enumerate(people())
    ]

    some = await found(database, copies)

    best = [some[copy.recording_id][:1] for copy in copies]
    hits = [
        one
        for one, original in zip(best, people(), strict=True)
        if one and str(one[0].recording_id) == original["recording_id"]
    ]
    # 98 % of 4,000 in the whole city: docs/UNIQUENESS.md. Fixed seed: a fall is a change of ours.
    assert len(hits) >= 0.97 * PEOPLE


async def test_a_recording_is_not_its_own_candidate_and_one_batch_meets_itself(
    database: Database,
) -> None:
    one = as_recording(people()[0])
    other = again(people()[0])
    await hold(database, REGION, [one, other])

    some = await found(database, [one, other])

    assert [each.recording_id for each in some[one.recording_id]] == [other.recording_id]
    assert [each.recording_id for each in some[other.recording_id]] == [one.recording_id]


async def test_candidates_come_from_every_region(database: Database) -> None:
    here, there = as_recording(people()[0]), again(people()[0])
    await hold(database, REGION, [here])
    await hold(database, NEIGHBOUR, [there])
    probe = again(people()[0])

    some = await found(database, [probe])

    assert {one.region for one in some[probe.recording_id]} == {REGION, NEIGHBOUR}


async def test_filling_twice_changes_nothing_and_forgetting_takes_all(database: Database) -> None:
    some = [as_recording(one) for one in people()[:20]]
    await hold(database, REGION, some)
    async with database.begin() as transaction:
        await store.fill(transaction, REGION, some)
        filled = await transaction.scalar(select(func.count()).select_from(demographic_key))
        await store.forget(transaction, some)
        left = await transaction.scalar(select(func.count()).select_from(demographic_key))

    assert filled == sum(len(keys_of(Person.of(one))) for one in some)
    assert left == 0


async def test_a_crowded_key_gives_a_bounded_answer(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BLOCK_MAX", 4)
    crowd = [again(people()[0]) for _ in range(12)]
    await hold(database, REGION, crowd)
    probe = again(people()[0])

    some = await found(database, [probe], limit=10)

    assert len(some[probe.recording_id]) == 4


async def test_a_body_that_is_no_recording_is_passed_over(database: Database) -> None:
    lost, kept = as_recording(people()[0]), again(people()[0])
    await hold(database, REGION, [lost, kept])
    async with database.begin() as transaction:
        await transaction.execute(
            envelope.update().where(envelope.c.envelope_id == lost.recording_id).values(body=b"{}")
        )
    probe = again(people()[0])

    some = await found(database, [probe])

    assert [one.recording_id for one in some[probe.recording_id]] == [kept.recording_id]


async def test_nothing_asked_is_nothing_found(database: Database) -> None:
    async with database.begin() as transaction:
        await store.fill(transaction, REGION, [])

        assert await store.candidates(transaction, [], gallery=0) == {}


@pytest.mark.rules
def test_keys_are_few_hide_names_and_depend_on_the_secret() -> None:
    person = Person.of(as_recording(people()[0]))

    open_keys, secret_keys = keys_of(person), keys_of(person, b"secret")

    assert len(set(open_keys)) == len(open_keys) <= KEYS_MAX
    assert all(-(2**63) <= key < 2**63 for key in open_keys)
    assert set(open_keys).isdisjoint(secret_keys)


@pytest.mark.rules
@pytest.mark.parametrize(
    "change",
    [
        {"card": {"name": "SITI AMINAH"}},
        {"card": {"birth_date": "1931-05-20"}},
        {"mother_name": "SITI AMINAH"},
        {"family_card": "6171020101050001"},
        {"card": {"sex": "male"}},
        {"card": {"birth_place": "MEDAN"}},
    ],
)
def test_whatever_one_field_is_changed_a_key_is_shared(change: dict[str, Any]) -> None:
    for one in people()[:50]:
        changed = one | change | {"card": one["card"] | change.get("card", {})}
        left, right = Person.of(as_recording(one)), Person.of(as_recording(changed))

        assert set(keys_of(left)) & set(keys_of(right))


def with_changes(one: dict[str, Any], born: date, **change: Any) -> Person:
    card = one["card"] | {"birth_date": born.isoformat()} | change.pop("card", {})
    return Person.of(
        as_recording(one | {"family_card": "6171020101050001"} | change | {"card": card})
    )


@pytest.mark.rules
def test_a_key_is_shared_when_two_things_were_changed() -> None:
    other_mother = {"mother_name": "SITI AMINAH"}
    for one in people()[:50]:
        left = set(keys_of(with_changes(one, date(1978, 3, 9))))
        moved = {"family_card": "6171020101050002"}

        another_date = with_changes(one, date(1951, 11, 30), **moved)
        swapped = with_changes(one, date(1978, 9, 3), **other_mother, **moved)
        another_year = with_changes(one, date(1979, 3, 9), **other_mother, **moved)

        assert all(left & set(keys_of(right)) for right in (another_date, swapped, another_year))


@pytest.mark.rules
def test_a_year_or_a_mother_alone_is_no_key() -> None:
    other_name = {"card": {"name": "DOMINIKUS"}, "family_card": "6171020101050002"}
    for one in people()[:50]:
        left = set(keys_of(with_changes(one, date(1978, 3, 9))))

        sibling = with_changes(one, date(1978, 11, 30), **other_name)

        assert not left & set(keys_of(sibling))
