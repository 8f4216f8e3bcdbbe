"""Recordings taken without a line are brought once, whatever is sent how often."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import delete, func, select

from services.regional.field.batches import Flag, Station, count_exceptions, flags_of
from services.regional.tables import field_batch, field_batch_item
from services.regional.tables import recording as recording_table
from shared.clock import SystemClock
from shared.contracts.field_batch import MEDIA_TYPE, seal
from shared.contracts.recording import Recording, canonical_bytes
from shared.ids import new_id
from shared.roles import Role
from shared.signing import SigningKey, new_key
from tests.recordings import NOON, a_recording
from tests.town import Town

STATION = "kecamatan-1"


def a_field_recording(number: int, recording_id: UUID | None = None, **changes: Any) -> Recording:
    return a_recording(number, recording_id, station=STATION, place="field", **changes)


async def enrolled(town: Town, station: str = STATION) -> SigningKey:
    key = new_key(str(new_id()))
    answer = await town.at_region(Role.HEAD_OF_OFFICE).put(
        f"/v1/field-stations/{key.kid}", json={"station": station, "x": key.public_jwk["x"]}
    )
    assert answer.status_code == 200, answer.text
    return key


def packed(
    key: SigningKey, recordings: Sequence[Recording], batch_id: UUID, station: str = STATION
) -> bytes:
    bodies = [(one.recording_id, canonical_bytes(one.recording_id, one)) for one in recordings]
    return seal(key, batch_id, station, SystemClock().now(), bodies)


async def bring(town: Town, batch_id: UUID, content: bytes) -> httpx.Response:
    return await town.at_region(Role.OFFICER).put(
        f"/v1/field-batches/{batch_id}", content=content, headers={"content-type": MEDIA_TYPE}
    )


async def held(town: Town) -> int:
    async with town.databases["regional"].begin() as transaction:
        return int(await transaction.scalar(select(func.count()).select_from(recording_table)) or 0)


async def test_a_batch_is_taken_item_by_item_and_its_report_stays(town: Town) -> None:
    await town.line.cut()
    key, batch_id = await enrolled(town), new_id()
    here, same_nik, other = (a_field_recording(number) for number in (3, 3, 4))
    client = town.at_region(Role.OFFICER)
    body = canonical_bytes(here.recording_id, here)
    await client.post(
        "/v1/recordings",
        content=b'{"recordings":[%b]}' % body,
        headers={"content-type": "application/json"},
    )
    child = a_field_recording(5, card={"birth_date": "2005-01-01"})
    changed = a_field_recording(6, here.recording_id)
    content = packed(key, [here, same_nik, other, child], batch_id)

    answer = await bring(town, batch_id, content)

    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert [(one["outcome"], one["code"]) for one in report["items"]] == [
        ("held", None),
        ("refused", "nik-already-recorded"),
        ("taken", None),
        ("refused", "too-young-to-record"),
    ]
    assert report["items"][1]["earlier_id"] == str(here.recording_id)
    assert report["exceptions"] == [{"modality": "iris_left", "reason": "unreadable", "count": 2}]
    # Example people are recorded in 2017, long before this key was enrolled.
    assert report["items"][2]["flags"] == ["captured_before_enrolment"]
    assert report["items"][2]["captured_at"].startswith("2017-10-13T")
    assert await held(town) == 2
    assert (await bring(town, batch_id, content)).json() == report
    assert (await client.get(f"/v1/field-batches/{batch_id}")).json() == report
    (summary,) = (await client.get("/v1/field-batches")).json()["items"]
    assert (summary["taken"], summary["held"], summary["refused"]) == (1, 1, 2)
    differs = await bring(town, batch_id, packed(key, [changed], batch_id))
    assert differs.json()["code"] == "field-batch-differs"
    again = new_id()
    conflict = (await bring(town, again, packed(key, [changed], again))).json()
    assert [one["code"] for one in conflict["items"]] == ["recording-differs"]


async def test_a_report_that_was_lost_finds_its_recordings_held(town: Town) -> None:
    key, batch_id = await enrolled(town), new_id()
    content = packed(key, [a_field_recording(number) for number in range(10, 20)], batch_id)
    answers = await asyncio.gather(*(bring(town, batch_id, content) for _ in range(3)))
    assert len({answer.text for answer in answers}) == 1

    async with town.databases["regional"].begin() as transaction:
        await transaction.execute(delete(field_batch_item))
        await transaction.execute(delete(field_batch))
    report = (await bring(town, batch_id, content)).json()

    assert (report["taken"], report["held"]) == (0, 10)
    assert await held(town) == 10


async def test_only_an_enrolled_stations_key_opens_the_door(town: Town) -> None:
    key, batch_id = await enrolled(town), new_id()
    content = packed(key, [a_field_recording(30)], batch_id)
    stranger, other = new_key(key.kid), new_id()
    refused = [
        (batch_id, packed(stranger, [a_field_recording(30)], batch_id)),
        (batch_id, packed(key, [a_field_recording(30)], batch_id, "kecamatan-2")),
        (batch_id, content[:-20]),
        (other, content),
    ]

    for path, body in refused:
        assert (await bring(town, path, body)).json()["code"] == "field-batch-not-signed"
    head = town.at_region(Role.HEAD_OF_OFFICE)
    for _ in range(2):
        assert (await head.delete(f"/v1/field-stations/{key.kid}")).status_code == 204
    assert (await bring(town, batch_id, content)).json()["code"] == "field-batch-not-signed"
    again = await head.put(
        f"/v1/field-stations/{key.kid}", json={"station": STATION, "x": key.public_jwk["x"]}
    )
    assert again.json()["code"] == "station-key-differs"
    assert await held(town) == 0


async def test_an_unreadable_line_keeps_no_other_from_being_taken(town: Town) -> None:
    key, batch_id = await enrolled(town), new_id()
    one, other = a_field_recording(40), a_field_recording(41)
    bodies = [
        (new_id(), b'{"recording_id": "nobody"}'),
        (new_id(), canonical_bytes(other.recording_id, other)),
        (one.recording_id, canonical_bytes(one.recording_id, one)),
    ]
    content = seal(key, batch_id, STATION, SystemClock().now(), bodies)

    report = (await bring(town, batch_id, content)).json()

    assert [(it["outcome"], it["code"]) for it in report["items"]] == [
        ("refused", "invalid-input"),
        ("refused", "recording-not-the-named"),
        ("taken", None),
    ]


@pytest.mark.rules
def test_a_wrong_clock_is_flagged_and_never_corrected() -> None:
    station = Station(new_id(), STATION, b"", "head-1", NOON)
    packed_at, now = NOON + timedelta(days=2), NOON + timedelta(days=3)

    def flags(after_noon: timedelta, by: str = STATION) -> set[Flag]:
        one = a_recording(1, captured_at=(NOON + after_noon).isoformat(), station=by)
        return set(flags_of(one, station, packed_at, now))

    assert flags(timedelta(days=1)) == set()
    assert flags(timedelta(days=-1)) == {Flag.CAPTURED_BEFORE_ENROLMENT}
    assert flags(timedelta(days=2, hours=1)) == {Flag.CAPTURED_AFTER_PACKING}
    future = {Flag.CAPTURED_AFTER_PACKING, Flag.CAPTURED_IN_FUTURE}
    assert flags(timedelta(days=4)) == future
    assert flags(timedelta(days=1), by="other-1") == {Flag.OTHER_STATION}


@pytest.mark.rules
def test_exceptions_are_counted_by_part_and_reason() -> None:
    counts = count_exceptions([a_recording(1), a_recording(2)])

    assert [(one.modality, one.reason, one.count) for one in counts] == [
        ("iris_left", "unreadable", 2)
    ]
