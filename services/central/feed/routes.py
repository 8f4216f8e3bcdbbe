"""Read the feed and the position: what a region asks of the centre."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response

from services.central import epochs, lives
from services.central.feed.loop import NewEntries
from services.central.identity import REGION_REFUSALS, Regions
from services.central.journey import steps as journey
from services.central.lives import RegionFenced
from shared.contracts.feed import (
    LONG_POLL_SECONDS_MAX,
    PAGE_ENTRIES_MAX,
    FeedPage,
    page_bytes,
)
from shared.contracts.strict import RegionCode
from shared.database.engine import Database
from shared.doors.room import Doors, door
from shared.doors.serve import Draining
from shared.refusals import problem_responses
from shared.signing import SIGNATURE_HEADER, SigningKey, sign_message

PAGE_BYTES_MAX = 4 * 1024 * 1024
PAGE_EXAMPLE = {
    "version": 1,
    "region": "61.72",
    "epoch": 1,
    "after": 0,
    "head_pos": 1,
    "entries": [
        {
            "pos": 1,
            "entry": {
                "version": 1,
                "kind": "decision",
                "recording_id": "01890a5d-ac96-774b-bcce-b302099a8057",
                "seq": 1,
                "outcome": "PRINT_READY_RECORD",
                "decided_at": "2017-10-13T02:15:12Z",
                "reason": None,
                "duplicate": None,
                "rival": None,
                "permission": {
                    "authorization_id": "01890a5d-b096-7c5e-8a51-6a1b0e3e2f10",
                    "jws": "eyJhbGciOiJFZDI1NTE5In0.eyJpc3MiOiJ0dW5nZ2FsIn0.c2lnbmF0dXJl",
                    "expires_at": "2019-10-13T02:15:12Z",
                },
            },
        }
    ],
}


_SIGNED: dict[str, Any] = {"security": [{"region_signature": []}]}


@dataclass(frozen=True)
class FeedDoors(Doors):
    """A region's entries after a position."""

    database: Database
    regions: Regions
    key: SigningKey
    news: NewEntries
    draining: Draining

    @door.get(
        "/feed",
        response_model=FeedPage,
        openapi_extra=_SIGNED,
        responses={
            200: {
                "description": "Entries after the cursor, gapless; signed by the centre.",
                "content": {"application/json": {"example": PAGE_EXAMPLE}},
            },
            **problem_responses(*REGION_REFUSALS, RegionFenced),
        },
        summary="Read a region's feed",
    )
    async def read_feed(
        self,
        request: Request,
        region: Annotated[RegionCode, Path(description="Region's code", examples=["61.72"])],
        after: Annotated[int, Query(ge=0, le=2**62, description="Last pos applied")] = 0,
        limit: Annotated[
            int, Query(ge=1, le=PAGE_ENTRIES_MAX, description="Entries at most")
        ] = 500,
        wait: Annotated[
            int, Query(ge=0, le=LONG_POLL_SECONDS_MAX, description="Seconds to wait for an entry")
        ] = 0,
    ) -> Response:
        """Give the entries after `after`, oldest first; wait for one if there is none yet."""
        kid = await self.regions.prove_question(request, region)
        now = asyncio.get_running_loop().time
        until = now() + wait
        while True:
            async with self.database.begin() as transaction:
                await lives.check(transaction, region, request)
                standing = await epochs.standing(transaction, region)
                # What stands here may still be displaced by what the region hands back.
                entries = (
                    []
                    if standing.is_open
                    else await journey.page_after(transaction, region, after, limit)
                )
                head_pos = await journey.last_pos(transaction, region)
            left_seconds = until - now()
            if entries or left_seconds <= 0 or self.draining.is_set():
                break
            await self.news.wait(left_seconds)
            await self.regions.check_kid(kid)  # it may have been revoked meanwhile
        page = page_bytes(region, standing.epoch, after, head_pos, within_bytes(entries))
        return Response(
            page,
            media_type="application/json",
            headers={SIGNATURE_HEADER: sign_message(self.key, f"feed {region} {after}", page)},
        )


def within_bytes(entries: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """The front of a page that stays within PAGE_BYTES_MAX; at least one entry."""
    total_bytes = 0
    for count, (_, body) in enumerate(entries):
        total_bytes += len(body)
        if count and total_bytes > PAGE_BYTES_MAX:
            return entries[:count]
    return entries
