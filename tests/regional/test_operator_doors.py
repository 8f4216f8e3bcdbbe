"""The operators' gallery at a region's doors: enrolled, caught, removed, and never told whose."""

from typing import Any

import orjson
from sqlalchemy import select

from services.regional.tables import outbox
from shared.contracts.remedies import OPERATOR_IRISES
from shared.ids import new_id
from shared.roles import Role
from tests.eyes import a_person, an_eye, templates
from tests.town import Town


def body_of(number: int, eyes: int, take: int = 1) -> dict[str, Any]:
    """What a station sends: the NIK of person `number`, the eyes of another."""
    told: dict[str, Any] = orjson.loads(a_person(number, eyes, take).model_dump_json())
    del told["recording_id"]
    return told


def irises_of(eyes: int, **changes: Any) -> dict[str, Any]:
    given = templates(an_eye(2 * eyes), an_eye(2 * eyes + 1))
    return {"left": given["iris_left"], "right": given["iris_right"], **changes}


async def said(town: Town) -> list[tuple[str, bool]]:
    """What the outbox tells the centre of officers: whose irises, and whether removed."""
    async with town.databases["regional"].begin() as transaction:
        rows = await transaction.scalars(
            select(outbox.c.body).where(outbox.c.kind == "operator_irises").order_by(outbox.c.seq)
        )
        told = [OPERATOR_IRISES.validate_json(body) for body in rows]
    return [(one.officer, one.is_removed) for one in told]


async def test_an_officers_irises_are_refused_in_a_citizens_recording_until_they_are_removed(
    town: Town,
) -> None:
    desk, head = town.at_region(Role.OFFICER), town.at_region(Role.HEAD_OF_OFFICE)
    kept_before, path = new_id(), "/v1/operators/officer-7/irises"
    earlier = body_of(5, eyes=7)
    assert (await desk.put(f"/v1/recordings/{kept_before}", json=earlier)).status_code == 202

    enrolled = await head.put(path, json=irises_of(7))
    again = await head.put(path, json=irises_of(7))
    refused = await desk.put(f"/v1/recordings/{new_id()}", json=body_of(6, eyes=7))
    many = await desk.post(
        "/v1/recordings",
        json={
            "recordings": [
                {"recording_id": str(new_id()), **body_of(8, eyes=7)},
                {"recording_id": str(new_id()), **body_of(9, eyes=9)},
            ]
        },
    )
    repeated = await desk.put(f"/v1/recordings/{kept_before}", json=earlier)
    await town.region.stop()
    await town.start_region()
    await town._ready(town.region)
    after_a_start = await town.at_region().put(f"/v1/recordings/{new_id()}", json=body_of(6, 7))
    removed = await town.at_region(Role.HEAD_OF_OFFICE).delete(path)
    accepted = await town.at_region().put(f"/v1/recordings/{new_id()}", json=body_of(6, eyes=7))

    assert enrolled.json() == again.json()
    assert enrolled.json()["eyes"] == ["left", "right"]
    assert (refused.status_code, refused.json()["code"]) == (422, "operator-irises")
    assert "officer-7" not in refused.text
    assert [one["outcome"] for one in many.json()["results"]] == ["refused", "accepted"]
    assert many.json()["results"][0]["problem"]["code"] == "operator-irises"
    assert repeated.status_code == 202
    assert repeated.headers["idempotent-replayed"] == "true"
    assert after_a_start.json()["code"] == "operator-irises"
    assert (removed.status_code, removed.content) == (204, b"")
    assert accepted.status_code == 202
    assert await said(town) == [("officer-7", False), ("officer-7", True)]


async def test_another_take_stands_in_the_place_of_the_first_and_nobody_sees_the_bits(
    town: Town,
) -> None:
    head = town.at_region(Role.HEAD_OF_OFFICE)
    path = "/v1/operators/officer-7/irises"

    await head.put(path, json=irises_of(7))
    await head.put(path, json=irises_of(8, right=None))
    unreadable = await head.put(path, json={"left": {"format": "x", "data": ""}, "right": None})
    listed = (await head.get("/v1/operators")).json()["items"]
    first = await town.at_region().put(f"/v1/recordings/{new_id()}", json=body_of(6, eyes=7))
    second = await town.at_region().put(f"/v1/recordings/{new_id()}", json=body_of(5, eyes=8))

    assert (unreadable.status_code, unreadable.json()["code"]) == (422, "irises-unreadable")
    assert [(one["officer"], one["eyes"]) for one in listed] == [("officer-7", ["left"])]
    assert set(listed[0]) == {"officer", "is_enrolled", "eyes", "head_of_office", "enrolled_at"}
    assert (first.status_code, second.status_code) == (202, 422)
