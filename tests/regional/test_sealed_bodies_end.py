"""A sealed body leaves its region when the centre has it, has decided, and time has passed."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from services.regional.app import lay_positions
from services.regional.outbox.copies import CARRIED, DataTakenAway, biodata_at
from services.regional.recording import steps as recording
from services.regional.retention import rules, store
from services.regional.retention.rules import Kind
from services.regional.tables import decision, handover, outbox, uplink_batch
from services.regional.uplink import steps as uplink
from services.regional.uplink.rules import Send
from shared.clock import ManualClock
from shared.contracts.envelopes import MANIFEST
from shared.database.engine import Database
from shared.evidence.store import EvidenceStore
from shared.retention.loop import Retention
from tests.recordings import NOON, an_arrival
from tests.seals import sealing_keys, seals_to
from tests.town import REGION, Databases

DAYS = rules.DAYS[Kind.BODIES]
OLD = NOON - timedelta(days=DAYS + 1)
COPY_DAYS = 30


@dataclass
class Office:
    database: Database
    retention: Retention
    ids: list[UUID]

    async def acknowledged(self, last_seq: int, at: datetime) -> None:
        async with self.database.begin() as transaction:
            await transaction.execute(
                insert(uplink_batch).values(
                    first_seq=1,
                    last_seq=last_seq,
                    payload_bytes=1,
                    attempts=1,
                    first_sent_at=at,
                    acknowledged_at=at,
                    receipt=b"",
                    signature="",
                )
            )

    async def decided(self, number: int, outcome: str = "PRINT_READY_RECORD") -> None:
        async with self.database.begin() as transaction:
            await transaction.execute(
                insert(decision).values(
                    recording_id=self.ids[number],
                    pos=number + 1,
                    outcome=outcome,
                    decided_at=OLD,
                    applied_at=OLD,
                )
            )

    async def bodies(self) -> list[bool]:
        async with self.database.begin() as transaction:
            rows = await transaction.scalars(select(outbox.c.body).order_by(outbox.c.seq))
            return [bool(body) for body in rows]


@pytest.fixture
async def office(databases: Databases, tmp_path: Path) -> AsyncIterator[Office]:
    """Three recordings, sealed."""
    async with databases.fresh("regional") as url:
        database = Database(url)
        seals = seals_to(sealing_keys())
        database.carry(CARRIED, seals)
        await lay_positions(database, REGION)
        arrivals = [an_arrival(number) for number in range(3)]
        async with database.begin() as transaction:
            await recording.take(transaction, REGION, arrivals, OLD, sealer=seals.sealer)
        days = rules.DAYS | {Kind.COPIES: COPY_DAYS}
        sweeps = store.sweeps(rules.terms(days), EvidenceStore(None, tmp_path))
        retention = Retention(database, sweeps, ManualClock(NOON))
        yield Office(database, retention, [one.recording_id for one in arrivals])
        await database.close()


async def test_only_what_the_centre_has_and_has_decided_goes(office: Office) -> None:
    await office.acknowledged(2, OLD)
    await office.decided(0)
    await office.decided(1, "ADJUDICATE_RECORD")
    await office.decided(2)

    removed = await office.retention.turn()

    assert removed[Kind.BODIES] == 1
    assert await office.bodies() == [False, True, True]
    assert (await office.retention.turn())[Kind.BODIES] == 0


async def test_nothing_goes_before_its_time(office: Office) -> None:
    await office.acknowledged(3, NOON - timedelta(days=DAYS - 1))
    for number in range(3):
        await office.decided(number)

    assert (await office.retention.turn())[Kind.BODIES] == 0
    assert all(await office.bodies())


async def test_the_office_still_reads_until_the_copy_goes_too(office: Office) -> None:
    await office.acknowledged(3, OLD)
    await office.decided(0)
    await office.decided(1)
    await office.retention.turn()
    async with office.database.begin() as transaction:
        assert (await biodata_at(transaction, 1)).card.name
        await transaction.execute(
            insert(handover).values(
                blank_serial="BLK-1",
                recording_id=office.ids[0],
                collector="holder",
                officer="desk-1",
                handed_at=NOON - timedelta(days=COPY_DAYS + 1),
            )
        )

    removed = await office.retention.turn()

    assert removed[Kind.COPIES] == 1
    async with office.database.begin() as transaction:
        assert (await biodata_at(transaction, 2)).card.name
        with pytest.raises(DataTakenAway):
            await biodata_at(transaction, 1)


async def test_a_centre_that_asks_for_what_is_gone_gets_a_stone_in_its_place(
    office: Office,
) -> None:
    async with office.database.begin() as transaction:
        await transaction.execute(update(outbox).where(outbox.c.seq == 2).values(body=b""))

    async with office.database.begin() as transaction:
        first = await uplink.offer(transaction, REGION, Send(10, 10_000_000), NOON)
    async with office.database.begin() as transaction:
        again = await uplink.offer(transaction, REGION, Send(10, 10_000_000), NOON)

    assert first is not None
    assert again is not None
    assert first.is_whole
    assert again.batch == first.batch
    kinds = [one.kind for one in MANIFEST.validate_json(first.batch.manifest_bytes).envelopes]
    assert kinds == ["recording", "tombstone", "recording"]
