"""What is past its time goes, files first; what is not stays. Every table is spoken for."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, insert, select

from services.central import tables as central_tables
from services.central.retention import rules as central_rules
from services.central.retention import store as central_store
from services.regional import tables
from services.regional.retention import rules, store
from services.regional.retention.rules import Kind
from services.regional.settings import RegionalSettings
from shared.clock import ManualClock
from shared.database.engine import Database
from shared.evidence.store import EvidenceStore
from shared.ids import new_id
from shared.retention import loop
from shared.retention.loop import Retention
from tests.recordings import NOON
from tests.town import Databases

SOMEBODY = 6172021708900001


@dataclass
class World:
    database: Database
    images: EvidenceStore
    folder: Path
    retention: Retention

    async def add(self, table: Table, **values: Any) -> None:
        async with self.database.begin() as transaction:
            await transaction.execute(insert(table).values(**values))

    async def count(self, table: Table) -> int:
        async with self.database.begin() as transaction:
            return int(await transaction.scalar(select(func.count()).select_from(table)) or 0)

    async def only(self, table: Table) -> Mapping[str, Any]:
        async with self.database.begin() as transaction:
            return (await transaction.execute(select(table))).mappings().one()


@pytest.fixture
async def world(databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    async with databases.fresh("regional") as url:
        database = Database(url)
        images = EvidenceStore(None, tmp_path / "evidence")
        sweeps = store.sweeps(rules.terms(rules.DAYS), images)
        yield World(
            database, images, tmp_path / "evidence", Retention(database, sweeps, ManualClock(NOON))
        )
        await database.close()


def ago(kind: Kind, more_days: int) -> datetime:
    return NOON - timedelta(days=rules.DAYS[kind] + more_days)


async def an_image(world: World, received_at: datetime | None) -> Path:
    recording_id = new_id()
    await world.images.put(f"{recording_id}/face", b"an image")
    await world.add(
        tables.evidence,
        recording_id=recording_id,
        part="face",
        seq=1,
        sha256=b"",
        size_bytes=8,
        officer="officer-12",
        handed_in_at=NOON,
        received_at=received_at,
        refusals=0,
    )
    return world.folder / str(recording_id) / "face"


async def a_letter(world: World, deliver_on: datetime) -> None:
    delivery_id = new_id()
    await world.add(
        tables.invitation_delivery,
        delivery_id=delivery_id,
        ward="61.72.02.1001",
        deliver_on=deliver_on.date(),
        letters=1,
        officer="officer-12",
        made_at=deliver_on,
    )
    await world.add(
        tables.invitation,
        delivery_id=delivery_id,
        place=1,
        nik=SOMEBODY,
        token=str(delivery_id),
        wrong_tries=0,
    )


async def a_visit(world: World, state: str, changed_at: datetime) -> None:
    visit_id = new_id()
    await world.add(
        tables.home_visit,
        visit_id=visit_id,
        nik=SOMEBODY,
        condition="ill",
        asked_by="family",
        asked_on=changed_at.date(),
        state=state,
        changed_at=changed_at,
    )
    await world.add(
        tables.home_visit_event,
        visit_id=visit_id,
        nth=1,
        act="asked",
        officer="officer-12",
        at=changed_at,
    )


async def a_list(world: World, state: str, handed_in_at: datetime) -> None:
    set_id = new_id()
    await world.add(
        tables.residents_change_set,
        change_set_id=set_id,
        state=state,
        listed_on=NOON.date(),
        handed_in_by="officer-12",
        handed_in_at=handed_in_at,
        size_bytes=1,
        sha256=b"",
    )
    await world.add(
        tables.resident_staged,
        change_set_id=set_id,
        nik=SOMEBODY,
        ward="61.72.02.1001",
        sex="F",
        birth_date=NOON.date(),
        obliged=True,
    )


async def test_images_go_once_the_centre_had_them_long_enough_and_the_row_says_so(
    world: World,
) -> None:
    old = await an_image(world, ago(Kind.IMAGES, 1))
    young = await an_image(world, ago(Kind.IMAGES, -1))
    waiting = await an_image(world, None)
    assert (await world.retention.due())["images"] == 1

    removed = await world.retention.turn()

    assert removed["images"] == 1
    assert [path.exists() for path in (old, young, waiting)] == [False, True, True]
    assert await world.retention.turn() == dict.fromkeys(removed, 0)


async def test_a_turn_that_died_after_the_file_is_finished_by_the_next(world: World) -> None:
    old = await an_image(world, ago(Kind.IMAGES, 1))
    old.unlink()

    assert (await world.retention.turn())["images"] == 1


async def test_letters_and_visits_go_and_those_under_way_stay(world: World) -> None:
    for days in (1, -1):
        await a_letter(world, ago(Kind.LETTERS, days))
    await a_visit(world, "closed", ago(Kind.VISITS, 1))
    await a_visit(world, "recorded", ago(Kind.VISITS, -1))
    await a_visit(world, "planned", ago(Kind.VISITS, 400))

    removed = await world.retention.turn()

    assert (removed["letters"], removed["visits"]) == (1, 2)
    assert await world.count(tables.invitation) == 1
    assert await world.count(tables.invitation_delivery) == 2, "how many were carried is kept"
    assert await world.count(tables.home_visit) == 2
    assert await world.count(tables.home_visit_event) == 2


async def test_words_and_collectors_numbers_go_and_the_act_stays(world: World) -> None:
    await world.add(
        tables.outreach_event,
        event_id=new_id(),
        nik=SOMEBODY,
        act="heard",
        remark="works in Pontianak",
        officer="officer-12",
        noted_at=ago(Kind.WORDS, 1),
    )
    await world.add(
        tables.handover,
        blank_serial="BLK-000123",
        recording_id=new_id(),
        collector="Sri",
        collector_nik=SOMEBODY,
        officer="officer-12",
        handed_at=ago(Kind.COLLECTORS, 1),
    )

    await world.retention.turn()

    heard, handed = await world.only(tables.outreach_event), await world.only(tables.handover)
    assert (heard["act"], heard["remark"]) == ("heard", None)
    assert (handed["collector"], handed["collector_nik"]) == ("Sri", None)


async def test_a_list_nobody_applied_is_discarded_before_its_people_go(world: World) -> None:
    await a_list(world, "read", ago(Kind.LISTS, 1))
    await a_list(world, "applied", ago(Kind.LISTS, 100))

    await world.retention.turn()

    assert await world.count(tables.resident_staged) == 0
    async with world.database.begin() as transaction:
        states = await transaction.scalars(select(tables.residents_change_set.c.state))
        assert sorted(states) == ["applied", "discarded"]


async def test_a_list_that_waits_for_an_officer_keeps_its_people(world: World) -> None:
    await a_list(world, "read", ago(Kind.LISTS, -1))

    await world.retention.turn()

    assert await world.count(tables.resident_staged) == 1


async def test_a_turn_is_bounded_and_the_next_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "BATCH_ROWS", 2)
    for days in range(1, 6):
        await a_letter(world, ago(Kind.LETTERS, days))

    assert (await world.retention.turn(batches_max=1))["letters"] == 2
    assert (await world.retention.turn())["letters"] == 3


async def test_zero_days_keep_for_ever(world: World) -> None:
    sweeps = store.sweeps(rules.terms(dict.fromkeys(Kind, 0)), world.images)
    await a_letter(world, ago(Kind.LETTERS, 9_000))

    kept = Retention(world.database, sweeps, ManualClock(NOON))

    assert set((await kept.turn()).values()) == set((await kept.due()).values()) == {0}


def test_the_settings_are_the_schedules_own() -> None:
    settings = RegionalSettings()

    assert {kind: getattr(settings, f"retention_{kind}_days") for kind in Kind} == rules.DAYS


@pytest.mark.parametrize("side", ["regional", "central"])
def test_every_table_is_in_a_sweep_or_kept_for_a_reason(side: str, tmp_path: Path) -> None:
    images = EvidenceStore(None, tmp_path)
    if side == "regional":
        swept = {one.table.name for one in store.sweeps(rules.terms(rules.DAYS), images)}
        kept, known = rules.KEPT, tables.metadata.tables
    else:
        terms = central_rules.terms(central_rules.DAYS)
        swept = {one.table.name for one in central_store.sweeps(terms, images)}
        kept, known = central_rules.KEPT, central_tables.metadata.tables

    assert set(kept) | swept == set(known)
    assert set(kept) & swept == set()
    assert all(len(why) > 10 for why in kept.values())
