"""A process that holds some shards of the gallery and searches them for the centre.

It speaks to the centre alone: on the loopback, or whoever knows the secret of both.
"""

import asyncio
import hmac
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import FastAPI, Header, Path, Query, Request
from pydantic import SecretStr

from services.central.penunggalan.iris import kernels, wire
from services.central.penunggalan.iris.loop import GalleryWatch
from services.central.penunggalan.iris.part import Behind, Part
from services.central.penunggalan.iris.thresholds import Thresholds
from services.central.penunggalan.iris.wire import Answer, Standing, UnreadableProbes
from services.central.settings import CentralSettings
from shared.clock import Clock, SystemClock
from shared.database.engine import Database
from shared.doors.bodies import expect_media_type
from shared.doors.room import Doors, door
from shared.doors.serve import Draining
from shared.doors.service import create_service
from shared.iris_keys import GalleryKeys
from shared.refusals import InvalidInput, Refusal, Unauthenticated
from shared.roles import Gate
from shared.sealing import KeyMissing, NotOpened

DESCRIPTION = "A part of the gallery of irises, searched for the centre. All data is synthetic."
Position = Annotated[int, Path(ge=0, lt=1 << 62, description="Everybody at or before it")]
Distance = Annotated[float, Query(ge=0, le=1)]
KeyId = Annotated[str | None, Query(max_length=64, description="The key that probes are under")]


class GalleryBehind(Refusal):
    """Rows up to this position are not in memory here yet: it goes on reading, so ask again."""

    code, status = "gallery-behind", 503
    title = "This part of the gallery is still being read"
    next_action = "Ask again; the centre does so by itself."
    next_action_id = "Tanyakan lagi; pusat melakukannya sendiri."


class GalleryKeyMissing(Refusal):
    """Probes, or rows here, are under a key this process was not given: nothing is compared."""

    code, status = "gallery-key-missing", 503
    title = "This part of the gallery lacks a key"
    next_action = "Lay the centre's newest gallery key file here, too."
    next_action_id = "Letakkan berkas kunci galeri pusat yang terbaru di sini juga."


@dataclass(frozen=True)
class MatcherDoors(Doors):
    """Two questions: how the gallery stands at a position, and who is like these probes there."""

    part: Part
    secret: SecretStr | None

    @door.get("/gallery/{position}", summary="See this part of the gallery at a position")
    async def get_standing(
        self, position: Position, authorization: Annotated[str, Header()] = ""
    ) -> Standing:
        self._admit(authorization)
        return await self._standing(position)

    @door.post("/gallery/{position}/search", summary="Search this part of the gallery")
    async def search(
        self,
        request: Request,
        position: Position,
        one_eye: Distance,
        mean_of_two: Distance,
        is_exhaustive: bool = False,
        key_id: KeyId = None,
        authorization: Annotated[str, Header()] = "",
    ) -> Answer:
        self._admit(authorization)
        expect_media_type(request, wire.MEDIA_TYPE)
        try:
            probes = wire.unpack(await request.body(), self.part.keys, key_id)
        except UnreadableProbes:
            raise InvalidInput from None
        except KeyMissing:
            raise GalleryKeyMissing from None
        standing = await self._standing(position)
        limits = Thresholds(one_eye, mean_of_two)
        found = await self.part.search(probes, position, limits, exhaustive=is_exhaustive)
        return Answer(standing=standing, likenesses=wire.told(found))

    def _admit(self, authorization: str) -> None:
        if self.secret is None:
            return
        expected = f"Bearer {self.secret.get_secret_value()}"
        if not hmac.compare_digest(authorization.encode(), expected.encode()):
            raise Unauthenticated

    async def _standing(self, position: int) -> Standing:
        try:
            await self.part.catch_up(position)
        except Behind:
            raise GalleryBehind from None
        except NotOpened:
            raise GalleryKeyMissing from None
        gallery = self.part.gallery
        return Standing(
            shards=tuple(sorted(self.part.shards)),
            position=position,
            rows=gallery.rows_at(position),
            size=gallery.size_at(position),
        )


def create_matcher(
    settings: CentralSettings,
    database: Database,
    shards: Collection[int],
    draining: Draining,
    keys: GalleryKeys,
    clock: Clock | None = None,
) -> FastAPI:
    part = Part(database, keys, shards)
    watch = GalleryWatch(part)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.gate = Gate(settings.token_jwks, settings.token_issuer, clock or SystemClock())
        await asyncio.to_thread(kernels.warm)
        watching = asyncio.create_task(watch.run())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await database.close()

    async def measure() -> None:
        """Nothing of its own to tell yet."""

    return create_service(
        name="matcher",
        title="Tunggal, a part of the gallery",
        description=DESCRIPTION,
        tags={"matcher": "Searches for the centre.", "operations": "Health and version."},
        settings=settings,
        lifespan=lifespan,
        routers=[MatcherDoors(part, settings.matcher_secret).router("matcher", "/v1")],
        checks={"serving": draining.check, "gallery": watch.check},
        measure=measure,
    )
