"""What the centre does not count as an image, and what is said when one never comes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from services.central.evidence.loop import EvidenceWatch as CentreWatch
from services.regional.central_client.client import Refused
from services.regional.central_client.evidence import EvidenceLine
from services.regional.evidence.loop import EvidenceWatch as RegionWatch
from shared.clock import SystemClock
from shared.contracts.evidence import EVIDENCE_BYTES_MAX, UploadState, path_of
from shared.ids import new_id
from tests.stories.core_world import neighbour
from tests.stories.test_evidence_follows import (
    IMAGE_TYPE,
    hand_in,
    images_of,
    received,
    record_with,
    rows_at_centre,
)
from tests.town import NEIGHBOUR, REGION, Town

IMAGES = images_of(7, 30_000)
FACE = IMAGES["face"]


@asynccontextmanager
async def line_of(town: Town, region: str = REGION) -> AsyncIterator[EvidenceLine]:
    async with neighbour(town, region) as client:
        yield EvidenceLine(client)


async def recorded(town: Town) -> tuple[UUID, str]:
    """A recording at the centre whose face no station hands in; gives its upload's path, too."""
    recording_id = await record_with(town, 1, IMAGES)
    await town.settled()
    return recording_id, path_of(REGION, recording_id, "face")


def at_centre(town: Town, recording_id: UUID) -> Path:
    folder = Path(town.keys.issuer_jwks).parent.parent / "central" / "evidence"
    return folder / REGION / str(recording_id) / "face"


async def test_an_image_of_another_hash_is_dropped_counted_and_begun_again(town: Town) -> None:
    recording_id, path = await recorded(town)
    async with line_of(town) as line:
        refused = await line.append(path, 0, FACE[:-1] + b"?", is_last=True)
        stands = await line.ask(path)
        is_kept = at_centre(town, recording_id).exists()
        taken = await line.append(path, 0, FACE, is_last=True)

    assert isinstance(refused, Refused)
    assert refused.code == "evidence-differs"
    assert stands == UploadState(0, is_complete=False, epoch=1)
    assert not is_kept
    assert taken == UploadState(len(FACE), is_complete=True, epoch=1)
    assert at_centre(town, recording_id).read_bytes() == FACE
    assert [row.restarts for row in await rows_at_centre(town)] == [1]


async def test_pieces_count_where_they_belong_and_the_last_one_may_come_again(town: Town) -> None:
    _, path = await recorded(town)
    async with line_of(town) as line:
        first = await line.append(path, 0, FACE[:10_000], is_last=False)
        gap = await line.append(path, 20_000, FACE[20_000:], is_last=True)
        again = await line.append(path, 0, FACE[:10_000], is_last=False)
        stands = await line.ask(path)
        last = await line.append(path, 10_000, FACE[10_000:], is_last=True)
        once_more = await line.append(path, len(FACE), b"", is_last=True)

    assert first == stands == UploadState(10_000, is_complete=False, epoch=1)
    for answer in (gap, again):
        assert isinstance(answer, Refused)
        assert answer.code == "mismatching-upload-offset"
    assert last == once_more == UploadState(len(FACE), is_complete=True, epoch=1)


async def test_two_senders_of_one_piece_leave_one_piece(town: Town) -> None:
    recording_id, path = await recorded(town)
    async with line_of(town) as line:
        await asyncio.gather(
            *(line.append(path, 0, FACE[:10_000], is_last=False) for _ in range(3))
        )
        await line.append(path, 10_000, FACE[10_000:], is_last=True)

    assert at_centre(town, recording_id).read_bytes() == FACE
    assert [row.restarts for row in await rows_at_centre(town)] == [0]


async def test_a_lost_spool_begins_again_instead_of_pretending(town: Town) -> None:
    recording_id, path = await recorded(town)
    async with line_of(town) as line:
        await line.append(path, 0, FACE[:10_000], is_last=False)
        spool = Path(town.keys.issuer_jwks).parent.parent / "central" / "evidence-spool"
        (beginning,) = spool.iterdir()
        beginning.unlink()
        stands = await line.ask(path)
        taken = await line.append(path, 0, FACE, is_last=True)

    assert stands == UploadState(0, is_complete=False, epoch=1)
    assert taken == UploadState(len(FACE), is_complete=True, epoch=1)
    assert at_centre(town, recording_id).read_bytes() == FACE


async def test_an_image_before_its_envelope_or_beyond_its_limit_is_refused(town: Town) -> None:
    recording_id, path = await recorded(town)
    piece = bytes(2**20)
    async with line_of(town) as line, line_of(town, NEIGHBOUR) as stranger:
        early = await line.append(path_of(REGION, new_id(), "face"), 0, b"x", is_last=True)
        unnamed = await line.append(
            path_of(REGION, recording_id, "iris_left"), 0, b"x", is_last=True
        )
        foreign = await stranger.append(path, 0, FACE, is_last=True)
        for offset in range(0, EVIDENCE_BYTES_MAX, len(piece)):
            await line.append(path, offset, piece, is_last=False)
        large = await line.append(path, EVIDENCE_BYTES_MAX, b"x", is_last=False)

    answers = (early, unnamed, foreign, large)
    assert [answer.code for answer in answers if isinstance(answer, Refused)] == [
        "evidence-too-early",
        "evidence-not-named",
        "signed-by-another-region",
        "evidence-too-large",
    ]


@pytest.mark.parametrize(
    ("image", "code"),
    [(FACE[:-1], "evidence-differs"), (bytes(EVIDENCE_BYTES_MAX + 1), "evidence-too-large")],
)
async def test_a_station_cannot_hand_in_another_image(town: Town, image: bytes, code: str) -> None:
    recording_id, _ = await recorded(town)

    answer = await town.at_region().put(
        f"/v1/recordings/{recording_id}/evidence/face", content=image, headers=IMAGE_TYPE
    )

    assert answer.json()["code"] == code


async def test_what_never_came_is_listed_on_both_sides_until_it_comes(town: Town) -> None:
    """The centre decides all the same; the flag goes with the last image."""
    recording_id, _ = await recorded(town)
    clock = _Later(timedelta(days=8))
    watches = (
        CentreWatch(town.databases["central"], clock, 7),
        RegionWatch(town.databases["regional"], REGION, clock, 7),
    )
    for watch in watches:
        assert await watch.round() == 1
        assert await watch.round() == 0
    before = [await _overdue(town, side) for side in ("central", "regional")]
    decided = (await town.at_region().get(f"/v1/recordings/{recording_id}")).json()

    await hand_in(town, recording_id, IMAGES)
    await received(town, recording_id)

    assert before == [[str(recording_id)]] * 2
    assert decided["outcome"] == "PRINT_READY_RECORD"
    assert [await _overdue(town, side) for side in ("central", "regional")] == [[], []]


async def test_nothing_is_overdue_before_its_time(town: Town) -> None:
    await recorded(town)
    clock = _Later(timedelta(days=6))

    assert await CentreWatch(town.databases["central"], clock, 7).round() == 0
    assert await RegionWatch(town.databases["regional"], REGION, clock, 7).round() == 0


class _Later(SystemClock):
    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return super().now() + self._by


async def _overdue(town: Town, side: str) -> list[str]:
    client = town.at_centre() if side == "central" else town.at_region()
    answer = (await client.get("/v1/evidence/overdue")).json()
    listed = [one["recording_id"] for one in answer["recordings"]]
    assert answer["total"] == len(listed), json.dumps(answer)
    return listed
