"""Who steals a region's database reads no person in it; the centre reads what only it may."""

from base64 import b64encode
from uuid import UUID

import asyncpg
import orjson
import pytest
from sqlalchemy import select

from services.central.intake.steps import content_of
from services.central.tables import envelope
from services.central.vault import steps as vault
from services.central.vault.steps import Body
from services.command import security_report
from services.regional.outbox.copies import copy_at
from services.regional.tables import outbox
from shared.contracts.recording import Recording
from shared.ids import new_id
from tests.recordings import content
from tests.stories.core_world import drained, until
from tests.town import REGION, Town

pytestmark = pytest.mark.security

CANARIES = 3


def a_canary(number: int) -> dict[str, object]:
    """A person with a word of their own in every field that speaks of them."""
    mark = f"KENARI{number}"
    made = content(
        900 + number,
        card={
            "name": f"NAMA {mark}",
            "birth_place": f"LAHIR {mark}",
            "occupation": f"KERJA {mark}",
            "address": {
                "street": f"JALAN {mark}",
                "rt": "001",
                "rw": "002",
                "ward": "61.72.01.1001",
            },
        },
        mother_name=f"IBU {mark}",
        family_card=f"61720199{number:08d}",
    )
    made["biometrics"]["templates"]["face"] = {
        "format": "synthetic-opaque-1",
        "data": b64encode(f"TEMPLATE {mark} {mark}".encode()).decode(),
    }
    return made


def traces_of(number: int) -> list[bytes]:
    mark = f"KENARI{number}".encode()
    template = b64encode(f"TEMPLATE KENARI{number} KENARI{number}".encode())
    return [mark, template, b"TEMPLATE " + mark, f"61720199{number:08d}".encode()]


async def record_canaries(town: Town) -> list[UUID]:
    ids = [new_id() for _ in range(CANARIES)]
    for number, one in enumerate(ids):
        await handed_in(town, one, number)
    return ids


async def handed_in(town: Town, recording_id: UUID, number: int) -> None:
    """Until there is a receipt: a server that just started may not take it yet."""
    path, made = f"/v1/recordings/{recording_id}", a_canary(number)

    async def has_receipt() -> bool:
        return (await town.at_region().put(path, json=made)).status_code == 202

    await until(has_receipt)


async def dump(url: str) -> dict[str, bytes]:
    """Every row of every table, as text, with bytes as they are."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        tables = await connection.fetch(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        )
        told = {}
        for (table,) in tables:
            rows = await connection.fetch(f'SELECT * FROM "{table}"')
            told[table] = b"\n".join(
                value if isinstance(value, bytes) else repr(value).encode()
                for row in rows
                for value in row.values()
            )
        return told
    finally:
        await connection.close()


async def test_a_stolen_regional_database_shows_nobody(town: Town) -> None:
    ids = await record_canaries(town)
    await drained(town)

    stolen = await dump(town.url("regional"))

    assert str(ids[0]).encode() in stolen["outbox"]  # what was looked through is what was written
    leaks = [
        (table, trace)
        for table, rows in stolen.items()
        for number in range(CANARIES)
        for trace in traces_of(number)
        if trace in rows
    ]
    security_report.put({"sealed_canaries": CANARIES, "sealed_canary_leaks": len(leaks)})
    assert leaks == []
    async with town.databases["regional"].begin() as transaction:
        copy = await copy_at(transaction, 1)
    assert copy.biodata.card.name == "NAMA KENARI0"


async def test_the_centre_reads_all_of_it_and_keeps_it_as_it_came(town: Town) -> None:
    ids = await record_canaries(town)
    await drained(town)

    async with town.databases["central"].begin() as transaction:
        rows = (await transaction.execute(select(envelope).order_by(envelope.c.seq))).all()
        read = await vault.recordings(
            transaction, [Body(REGION, row.envelope_id, row.body) for row in rows]
        )
    async with town.databases["regional"].begin() as transaction:
        sent = (await transaction.execute(select(outbox.c.body).order_by(outbox.c.seq))).scalars()
        assert [row.body for row in rows] == list(sent)

    assert {row.version for row in rows} == {2}
    assert [one.card.name for one in read if isinstance(one, Recording)] == [
        f"NAMA KENARI{number}" for number in range(CANARIES)
    ]
    told = (await town.at_region().get(f"/v1/recordings/{ids[0]}")).json()
    assert told["stage"] == "printable"
    central = await dump(town.url("central"))
    assert not [trace for trace in traces_of(0) if trace in central["envelope"]]


async def seals(town: Town) -> object:
    """What health says to operations."""
    told: dict[str, object] = {}

    async def is_told() -> bool:
        answer = await town.at_region().get("/v1/health")
        told.update(answer.json().get("detail") or {})
        return answer.status_code == 200

    await until(is_told)
    return told.get("seals_recordings")


async def test_a_region_without_the_centres_key_goes_on_in_clear(town: Town) -> None:
    await town.region.stop()
    public = orjson.loads(town.keys.centre_jwks.read_bytes())
    signing = {"keys": [one for one in public["keys"] if one["use"] == "sig"]}
    town.keys.centre_jwks.write_bytes(orjson.dumps(signing))
    await town.start_region()
    (older, *_) = await record_canaries(town)
    assert await seals(town) is False
    await town.region.stop()
    town.keys.centre_jwks.write_bytes(orjson.dumps(public))
    await town.start_region()
    newer = new_id()
    assert await seals(town) is True
    await handed_in(town, newer, 77)
    again = await town.at_region().put(f"/v1/recordings/{older}", json=a_canary(0))
    await drained(town)

    assert again.headers["idempotent-replayed"] == "true"
    async with town.databases["central"].begin() as transaction:
        rows = (await transaction.execute(select(envelope).order_by(envelope.c.seq))).all()
    assert [row.version for row in rows] == [1, 1, 1, 2]
    stages = [
        (await town.at_region().get(f"/v1/recordings/{one}")).json()["stage"]
        for one in (older, newer)
    ]
    assert stages == ["printable", "printable"]
    assert content_of(rows[0].body) != content_of(rows[3].body)
