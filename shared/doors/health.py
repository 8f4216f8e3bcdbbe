"""Health: alive, ready, and which version; machines read the status, people the lines."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from shared.telemetry.metrics import BUILD

Check = Callable[[], Awaitable[None]]
_TEXT = {"text/plain": {"example": "ok"}}


class Version(BaseModel):
    service: str
    version: str
    api: list[str]


def install(
    app: FastAPI,
    service: str,
    version: str,
    checks: Mapping[str, Check],
    measure: Callable[[], Awaitable[None]],
) -> None:
    """checks: by name; each raises when it does not hold. measure: sets gauges before a scrape."""
    doors = APIRouter(tags=["operations"])
    BUILD.labels(version, service).set(1)
    open_to_all: dict[str, Any] = {"security": []}

    @doors.get(
        "/livez",
        response_class=PlainTextResponse,
        responses={200: {"description": "The loop turns.", "content": _TEXT}},
        openapi_extra=open_to_all,
        summary="Is the process alive",
    )
    async def livez() -> str:
        """Answers while the process can answer at all."""
        return "ok"

    @doors.get(
        "/readyz",
        response_class=PlainTextResponse,
        responses={
            200: {"description": "Ready.", "content": _TEXT},
            503: {
                "description": "Not ready; `?verbose=true` says why.",
                "content": {"text/plain": {"example": "[-]postgres failed"}},
            },
        },
        openapi_extra=open_to_all,
        summary="May requests be sent here",
    )
    async def readyz(
        verbose: Annotated[bool, Query(description="One line per check")] = False,
    ) -> Response:
        """Its own database answers with the right schema, and it is not shutting down.

        A region is ready with its line down: recording goes on.
        """
        lines, is_ready = [], True
        for name, check in checks.items():
            try:
                await check()
            except Exception as trouble:  # noqa: BLE001 whatever it is, it is not ready
                is_ready = False
                lines.append(f"[-]{name} failed: {type(trouble).__name__}")
            else:
                lines.append(f"[+]{name} ok")
        text = "\n".join(lines) if verbose else ("ok" if is_ready else "not ready")
        return PlainTextResponse(text, status_code=200 if is_ready else 503)

    @doors.get(
        "/metrics",
        response_class=PlainTextResponse,
        responses={
            200: {
                "description": "Prometheus text.",
                "content": {"text/plain": {"example": "tunggal_line_up 1.0"}},
            }
        },
        openapi_extra=open_to_all,
        summary="Measures for Prometheus",
    )
    async def metrics() -> Response:
        """Names of ours begin with `tunggal_`; labels never hold an id."""
        await measure()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @doors.get(
        "/v1/version",
        responses={
            200: {
                "description": "What runs here.",
                "content": {
                    "application/json": {
                        "example": {"service": service, "version": version, "api": ["v1"]}
                    }
                },
            }
        },
        openapi_extra=open_to_all,
        summary="What runs here",
    )
    async def get_version() -> Version:
        """The program's version and the versions of the API it takes."""
        return Version(service=service, version=version, api=["v1"])

    app.include_router(doors)
