"""Images follow their recordings over a bad line: every byte verified, none sent for nothing."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.central.tables import evidence as held_at_centre
from services.regional.central_client import client as central_client
from services.regional.tables import evidence as held_here
from services.simulator.link import both_ways
from shared.contracts.recording import Modality
from shared.ids import new_id
from tests.recordings import content
from tests.stories.core_world import until
from tests.town import REGION, Databases, Town, town_of

IMAGE_TYPE = {"content-type": "application/octet-stream"}


@pytest.fixture
async def hasty_town(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    """A silence counts as one much sooner."""
    monkeypatch.setattr(central_client, "SILENCE_SECONDS", 1.5)
    async with town_of(databases, tmp_path) as running:
        yield running


def images_of(seed: int, *sizes: int) -> dict[str, bytes]:
    """Part → an image of this many bytes; parts in their order."""
    draw = Random(seed)
    parts = list(Modality)[: len(sizes)]
    return {part.value: draw.randbytes(size) for part, size in zip(parts, sizes, strict=True)}


async def record_with(town: Town, number: int, images: dict[str, bytes]) -> UUID:
    """Hand in a recording that names exactly these images; everything else is excused."""
    recording_id = new_id()
    made = content(number)
    made["biometrics"]["images"] = {
        part: sha256(image).hexdigest() for part, image in images.items()
    }
    made["biometrics"]["exceptions"] = {
        part.value: "unreadable" for part in Modality if part.value not in images
    }
    answer = await town.at_region().put(f"/v1/recordings/{recording_id}", json=made)
    assert answer.status_code == 202, answer.text
    return recording_id


async def hand_in(town: Town, recording_id: UUID, images: dict[str, bytes]) -> None:
    for part, image in images.items():
        answer = await town.at_region().put(
            f"/v1/recordings/{recording_id}/evidence/{part}", content=image, headers=IMAGE_TYPE
        )
        assert answer.status_code == 200, answer.text


async def states(town: Town, recording_id: UUID) -> dict[str, str]:
    view = (await town.at_region().get(f"/v1/recordings/{recording_id}/evidence")).json()
    return {one["part"]: one["state"] for one in view["parts"]}


async def received(town: Town, recording_id: UUID) -> None:
    async def are_there() -> bool:
        return set((await states(town, recording_id)).values()) == {"received"}

    await until(are_there)


async def rows_at_centre(town: Town) -> list[Any]:
    async with town.databases["central"].begin() as transaction:
        return list(await transaction.execute(select(held_at_centre)))


def stored(town: Town, service: str, *key: object) -> bytes:
    folder = Path(town.keys.issuer_jwks).parent.parent / service / "evidence"
    return folder.joinpath(*map(str, key)).read_bytes()


async def test_images_follow_their_recording_and_lie_at_the_centre_byte_for_byte(
    town: Town,
) -> None:
    images = images_of(1, 300_000, 70_000, 1)
    recording_id = await record_with(town, 1, images)
    assert set((await states(town, recording_id)).values()) == {"awaited"}

    await hand_in(town, recording_id, images)
    await received(town, recording_id)

    for part, image in images.items():
        assert stored(town, "central", REGION, recording_id, part) == image
        assert stored(town, "regional", recording_id, part) == image
    assert [row.restarts for row in await rows_at_centre(town)] == [0, 0, 0]
    spool = Path(town.keys.issuer_jwks).parent.parent / "central" / "evidence-spool"
    assert list(spool.iterdir()) == []


@pytest.mark.parametrize("seed", [5, 29])
async def test_a_line_that_is_cut_mid_piece_costs_a_piece_and_never_a_byte(
    hasty_town: Town, seed: int
) -> None:
    town, draw = hasty_town, Random(seed)
    images = images_of(seed, 400_000, 90_000)
    recording_id = await record_with(town, 1, images)
    await town.settled()
    await hand_in(town, recording_id, images)
    await town.line.apply(both_ways("bandwidth", attributes={"rate": 120, "shared": 1}))
    offsets: list[int] = []

    async def is_done() -> bool:
        rows = await rows_at_centre(town)
        offsets.append(sum(row.offset_bytes for row in rows))
        return set((await states(town, recording_id)).values()) == {"received"}

    cuts = 0
    while not await is_done():
        await asyncio.sleep(draw.uniform(0.2, 0.6))
        if cuts < 6:
            await town.line.cut()
            await town.line.restore()
            cuts += 1

    assert cuts > 3
    assert town.line.tally.resets > 0
    assert offsets == sorted(offsets), "an offset went back"
    for part, image in images.items():
        assert stored(town, "central", REGION, recording_id, part) == image
    assert {row.restarts for row in await rows_at_centre(town)} == {0}


async def test_an_envelope_is_decided_while_images_wait(hasty_town: Town) -> None:
    """Half a minute of images at this rate; a recording taken meanwhile does not wait for them."""
    town = hasty_town
    images = images_of(3, 1_500_000)
    first = await record_with(town, 1, images)
    await town.settled()
    await hand_in(town, first, images)
    await town.line.apply(both_ways("bandwidth", attributes={"rate": 50, "shared": 1}))

    async def is_under_way() -> bool:
        return any(row.offset_bytes > 0 for row in await rows_at_centre(town))

    await until(is_under_way)
    await record_with(town, 2, images_of(4, 10))
    await town.settled()

    assert (await states(town, first)) == {"face": "waiting"}
    async with town.databases["regional"].begin() as transaction:
        assert (await transaction.scalar(select(held_here.c.refusals))) == 0
