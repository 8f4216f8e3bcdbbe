"""A gallery split over processes: asked together, answered whole or not at all.

Each part says which shards it holds and how many rows it took up to the position. Positions have no
gaps, so parts that have everything count exactly as many rows as the position says: a part that is
missing, doubled, behind or of another database does not go unnoticed.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar

import httpx
from pydantic import SecretStr, TypeAdapter, ValidationError

from services.central.penunggalan.iris import thresholds, wire
from services.central.penunggalan.iris.gallery import in_order
from services.central.penunggalan.iris.matcher import (
    SHARDS,
    GalleryIncomplete,
    Likeness,
    Probe,
    Search,
)
from services.central.penunggalan.iris.wire import Standing

# A search in full takes thirty times as long, and nobody waits for it.
EXHAUSTIVE_PATIENCE = 60
T = TypeVar("T")


class MatcherApart:
    """Searches by asking other processes, each with some shards."""

    def __init__(
        self,
        addresses: Sequence[str],
        secret: SecretStr | None,
        seconds_max: float,
        key_id: str | None,
    ) -> None:
        """key_id: under which probes are here; the others may work under another key."""
        self._key_id = key_id
        self._seconds_max = seconds_max
        headers = {"authorization": f"Bearer {secret.get_secret_value()}"} if secret else {}
        # One deadline for the whole search, below; httpx's would be for each read alone.
        self._parts = [
            httpx.AsyncClient(
                base_url=one, headers=headers, timeout=seconds_max * EXHAUSTIVE_PATIENCE
            )
            for one in addresses
        ]

    async def close(self) -> None:
        await asyncio.gather(*(part.aclose() for part in self._parts))

    async def search(
        self, probes: Sequence[Probe], position: int, *, exhaustive: bool = False
    ) -> Search:
        seconds_max = self._seconds_max * (EXHAUSTIVE_PATIENCE if exhaustive else 1)
        try:
            async with asyncio.timeout(seconds_max):
                return await self._search(probes, position, exhaustive)
        except (httpx.HTTPError, TimeoutError, ValidationError, OSError) as trouble:
            raise GalleryIncomplete from trouble

    async def _search(self, probes: Sequence[Probe], position: int, is_exhaustive: bool) -> Search:
        standings = await asyncio.gather(
            *(_asked(part, wire.STANDING, "GET", f"/v1/gallery/{position}") for part in self._parts)
        )
        size = _whole(standings, position)
        limits = thresholds.for_gallery(size)
        found: list[list[Likeness]] = []
        for first in range(0, len(probes), wire.PROBES_MAX):
            some = probes[first : first + wire.PROBES_MAX]
            answers = await asyncio.gather(
                *(
                    _asked(
                        part,
                        wire.ANSWER,
                        "POST",
                        f"/v1/gallery/{position}/search",
                        content=wire.pack(some),
                        headers={"content-type": wire.MEDIA_TYPE},
                        params={
                            "one_eye": limits.one_eye,
                            "mean_of_two": limits.mean_of_two,
                            "is_exhaustive": is_exhaustive,
                            **({"key_id": self._key_id} if self._key_id else {}),
                        },
                    )
                    for part in self._parts
                )
            )
            if [one.standing for one in answers] != standings:
                raise GalleryIncomplete  # another process than the one that stood there
            if any(len(one.likenesses) != len(some) for one in answers):
                raise GalleryIncomplete
            found += [
                in_order(wire.heard(like) for alike in of_a_probe for like in alike)
                for of_a_probe in zip(*(one.likenesses for one in answers), strict=True)
            ]
        return Search(position, size, tuple(tuple(alike) for alike in found))


def _whole(standings: Sequence[Standing], position: int) -> int:
    """The gallery's size, if these parts are all of it at this position."""
    shards = sorted(shard for one in standings for shard in one.shards)
    is_there = all(one.position == position for one in standings)
    if shards != list(range(SHARDS)) or not is_there:
        raise GalleryIncomplete
    if sum(one.rows for one in standings) != position:
        raise GalleryIncomplete
    return sum(one.size for one in standings)


async def _asked(
    part: httpx.AsyncClient, expected: TypeAdapter[T], method: str, path: str, **question: Any
) -> T:
    answer = await part.request(method, path, **question)
    if answer.status_code != httpx.codes.OK:
        raise GalleryIncomplete
    return expected.validate_json(answer.content, strict=True)
