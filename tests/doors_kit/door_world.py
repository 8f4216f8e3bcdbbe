"""A small service behind the real doors, with a route for each kind of trouble."""

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import httpx
import orjson
from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi import Path as PathParameter
from pydantic import Field

from shared.clock import ManualClock
from shared.contracts.strict import Strict
from shared.doors.bodies import JsonBody
from shared.doors.room import new_router
from shared.doors.serve import Draining
from shared.doors.service import create_service
from shared.refusals import NotFound, Refusal, problem_responses
from shared.roles import ISSUER, Caller, Gate, Role, make_token, needs
from shared.settings import ServiceSettings
from shared.signing import SigningKey, jwks_of, new_key

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
REGION = "61.72"
BODY_BYTES_MAX = 4 * 1024 * 1024
THING_ID = "01890a5d-ac96-774b-bcce-b302099a8057"


class Part(Strict):
    part_count: Annotated[int, Field(ge=0)]


class Thing(Strict):
    thing_label: Annotated[str, Field(max_length=5)]
    parts: tuple[Part, ...] = ()


class ThingTaken(Refusal):
    """Somebody has this thing already.

    A second paragraph says what that means.
    """

    code, status = "test-thing-taken", 409
    title = "The thing is taken"
    next_action = "Choose another thing."
    next_action_id = "Pilih yang lain."


THING = JsonBody(Thing, {"thing_label": "kartu"})
SHOWN = {200: {"description": "Done.", "content": {"application/json": {"example": {"ok": True}}}}}


class World:
    """One service, its issuer of tokens and its clock."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.clock = ManualClock(NOON)
        self.issuer: SigningKey = new_key("issuer-1")
        self.jwks = folder / "issuer.jwks.json"
        self.publish(self.issuer)
        self.gate = Gate(str(self.jwks), ISSUER, self.clock, REGION)
        # One address asks for all tests: limits have tests of their own.
        paces = {"address_per_second": 0, "role_per_second": "0", **settings}
        self.settings = ServiceSettings.model_validate({"token_jwks": str(self.jwks), **paces})
        self.draining = Draining()
        self.trouble: Exception = RuntimeError("no trouble was set")
        self.is_database_there = True
        self.app = create_service(
            name="world",
            title="A small world",
            description="For tests.",
            tags={"things": "Things.", "operations": "Health."},
            settings=self.settings,
            lifespan=self._lifespan,
            routers=[self._router()],
            checks={"serving": self.draining.check, "postgres": self._ping},
            measure=self._ping,
            health_detail=self._detail,
        )
        self.app.state.gate = self.gate

    def publish(self, *keys: SigningKey) -> None:
        self.jwks.write_bytes(orjson.dumps(jwks_of(keys)))

    def token(self, *roles: Role, region: str | None = REGION, subject: str = "officer-7") -> str:
        return make_token(
            self.issuer, subject, list(roles), region, timedelta(hours=1), self.clock.now()
        )

    def bearer(self, *roles: Role, region: str | None = REGION) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(*roles, region=region)}"}

    def client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=True)
        return httpx.AsyncClient(transport=transport, base_url="http://world")

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        yield

    async def _ping(self) -> None:
        if not self.is_database_there:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "no postgres")

    async def _detail(self) -> dict[str, Any]:
        await self._ping()
        return {"line": "up"}

    def _router(self) -> APIRouter:
        doors = new_router("things", "/v1")

        @doors.put(
            "/things/{thing_id}",
            openapi_extra=THING.openapi,
            responses={**SHOWN, **problem_responses(ThingTaken)},
            summary="Keep a thing",
        )
        async def keep_thing(
            thing_id: Annotated[UUID, PathParameter(description="The thing's id")],
            request: Request,
            caller: Annotated[Caller, needs(Role.OFFICER)],
        ) -> dict[str, Any]:
            """Keep it."""
            await THING.read(request)
            return {"kept_by": caller.subject}

        @doors.post("/typed", responses={**SHOWN}, openapi_extra={"security": []}, summary="Typed")
        async def take_typed(
            thing: Thing, limit: Annotated[int, Query(description="How many", le=9)] = 1
        ) -> dict[str, int]:
            """A body that FastAPI reads by itself."""
            return {"limit": limit}

        @doors.get("/trouble", include_in_schema=False)
        async def meet_trouble() -> None:
            raise self.trouble

        @doors.post("/unread", include_in_schema=False)
        async def leave_unread() -> dict[str, bool]:
            return {"ok": True}

        @doors.get("/missing", include_in_schema=False)
        async def miss() -> None:
            raise NotFound

        @doors.get("/poll", include_in_schema=False)
        async def poll() -> Response:
            while not self.draining.is_set():
                await asyncio.sleep(0.02)
            return Response("[]", media_type="application/json")

        return doors
