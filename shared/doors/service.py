"""One FastAPI application as both services have it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version as installed_version
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from shared.doors import answers, health, pages
from shared.doors.bodies import add_body_schemas
from shared.doors.gate import OuterDoor
from shared.doors.guard import Guard, IsWork, nothing_is_work
from shared.doors.openapi import finish
from shared.doors.room import BODY_BYTES_MAX, operation_id
from shared.settings import ServiceSettings
from shared.telemetry import traces
from shared.telemetry.metrics import BUILD

ShortWay = Callable[[ASGIApp], ASGIApp]


class Service(FastAPI):
    """A FastAPI application inside our outer door."""

    settings: ServiceSettings
    short_way: ShortWay | None = None
    is_work: IsWork = staticmethod(nothing_is_work)

    def build_middleware_stack(self) -> ASGIApp:
        # Around the whole stack: add_middleware would leave the last-resort answers outside.
        stack = super().build_middleware_stack()
        return OuterDoor(
            self.short_way(stack) if self.short_way else stack,
            Guard(self.settings, self.is_work),
            body_seconds_max=self.settings.body_seconds_max,
            requests_max=self.settings.connections_max,
            is_traced=self.settings.otel_endpoint is not None,
        )

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            document = super().openapi()
            add_body_schemas(document)
            finish(document, self)
        return super().openapi()


def create_service(
    *,
    name: str,
    title: str,
    description: str,
    tags: Mapping[str, str],
    settings: ServiceSettings,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]],
    routers: Sequence[APIRouter],
    checks: Mapping[str, health.Check],
    measure: Callable[[], Awaitable[None]],
    health_detail: health.Detail | None = None,
    short_way: ShortWay | None = None,
    is_work: IsWork = nothing_is_work,
) -> FastAPI:
    """Put rooms' routers behind the common doors. Routes may raise the body limit for themselves.

    health_detail: what `/v1/health` tells operations beside the checks, such as the line's state.
    short_way: answers a hot operation before routing, exactly as the documented one does.
    is_work: what the service is there for; a bearer's pace is for everything else.
    """
    app = Service(
        title=title,
        description=description,
        version=installed_version("tunggal"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_tags=[{"name": tag, "description": text} for tag, text in tags.items()],
        contact={"name": "The Tunggal developers"},
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/", "description": "This server"}],
        generate_unique_id_function=operation_id,
        telemetry=traces.config_of(settings.otel_endpoint),
        max_body_size=BODY_BYTES_MAX,
    )
    app.settings = settings
    app.short_way = short_way
    app.is_work = is_work
    answers.install(app)
    BUILD.labels(app.version, name).set(1)
    doors = health.HealthDoors(name, app.version, checks, measure, health_detail)
    for router in (*routers, doors.router("operations")):
        enter(app, router)
    pages.install_docs(app)
    pages.install_problem_pages(app)
    return app


def enter(app: FastAPI, router: APIRouter) -> None:
    """Put a room's routes into the application as they are.

    FastAPI's own `include_router` would build each of them anew, in memory and in time.
    """
    app.router.routes.extend(router.routes)
