"""One FastAPI application as both services have it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version as installed_version
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from shared.doors import answers, health, pages
from shared.doors.bodies import add_body_schemas
from shared.doors.gate import OuterDoor
from shared.doors.openapi import finish
from shared.settings import ServiceSettings

BODY_BYTES_MAX = 4 * 1024 * 1024


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
) -> FastAPI:
    """Put rooms' routers behind the common doors. Routes may raise the body limit for themselves."""
    app = FastAPI(
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
        generate_unique_id_function=_operation_id,
        telemetry=(
            {"auto_configure": True}
            if settings.otel_endpoint
            else {"tracing": False, "metrics": False, "logs": False}
        ),
        max_body_size=BODY_BYTES_MAX,
    )
    answers.install(app)
    for router in routers:
        app.include_router(router)
    health.install(app, name, app.version, checks, measure)
    pages.install_docs(app)
    pages.install_problem_pages(app)
    app.add_middleware(OuterDoor, body_seconds_max=settings.body_seconds_max)
    make_document = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = make_document()
            add_body_schemas(document)
            finish(document, app)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
