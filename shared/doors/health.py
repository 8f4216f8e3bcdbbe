"""Health: alive, ready, and which version; machines read the status, people the lines."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import structlog
from fastapi import Query, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field, JsonValue

from shared.doors.room import Doors, door
from shared.roles import Caller, Role, needs
from shared.telemetry.metrics import MEASURES_FAILED

CHECK_SECONDS_MAX = 3.0
Check = Callable[[], Awaitable[None]]
Detail = Callable[[], Awaitable[Mapping[str, JsonValue]]]
log = structlog.get_logger()
_TEXT = {"text/plain": {"example": "ok"}}
_OPEN_TO_ALL: dict[str, Any] = {"security": []}
_VERSION_EXAMPLE = {"service": "regional", "version": "0.1.0", "api": ["v1"]}
_HEALTH_EXAMPLE = {
    "service": "regional",
    "version": "0.1.0",
    "is_ready": True,
    "checks": [{"name": "postgres", "is_ok": True, "trouble": None}],
    "detail": {"line": "up"},
}


class Version(BaseModel):
    service: str
    version: str
    api: list[str]


class CheckResult(BaseModel):
    name: str
    is_ok: bool
    trouble: str | None = Field(None, description="The kind of trouble")


class Health(BaseModel):
    service: str
    version: str
    is_ready: bool
    checks: list[CheckResult]
    detail: dict[str, JsonValue] = Field(description="What this service tells of itself")


async def run_checks(checks: Mapping[str, Check]) -> list[CheckResult]:
    """Each check has CHECK_SECONDS_MAX: a database that hangs is as unready as one that is gone."""
    results = []
    for name, check in checks.items():
        try:
            async with asyncio.timeout(CHECK_SECONDS_MAX):
                await check()
        except Exception as trouble:  # noqa: BLE001 whatever it is, it is not ready
            results.append(CheckResult(name=name, is_ok=False, trouble=type(trouble).__name__))
        else:
            results.append(CheckResult(name=name, is_ok=True))
    return results


@dataclass(frozen=True)
class HealthDoors(Doors):
    """checks: by name; each raises when it does not hold. measure: sets gauges before a scrape."""

    service: str
    version: str
    checks: Mapping[str, Check]
    measure: Callable[[], Awaitable[None]]
    detail: Detail | None = None

    @door.get(
        "/livez",
        response_class=PlainTextResponse,
        responses={200: {"description": "The loop turns.", "content": _TEXT}},
        openapi_extra=_OPEN_TO_ALL,
        summary="Is the process alive",
    )
    async def livez(self) -> str:
        """Answers while the process can answer at all."""
        return "ok"

    @door.get(
        "/readyz",
        response_class=PlainTextResponse,
        responses={
            200: {"description": "Ready.", "content": _TEXT},
            503: {
                "description": "Not ready; `?verbose` says why.",
                "content": {"text/plain": {"example": "[-]postgres failed"}},
            },
        },
        openapi_extra=_OPEN_TO_ALL,
        summary="May requests be sent here",
    )
    async def readyz(
        self,
        verbose: Annotated[str | None, Query(description="Present: one line per check")] = None,
    ) -> Response:
        """Its own database answers with the right schema, and it is not shutting down.

        A region is ready with its line down: recording goes on.
        """
        results = await run_checks(self.checks)
        is_ready = all(result.is_ok for result in results)
        if verbose is None or verbose == "false":
            text = "ok" if is_ready else "not ready"
        else:
            text = "\n".join(_line(result) for result in results)
        return PlainTextResponse(text, status_code=200 if is_ready else 503)

    @door.get(
        "/metrics",
        response_class=PlainTextResponse,
        responses={
            200: {
                "description": "Prometheus text.",
                "content": {"text/plain": {"example": "tunggal_line_up 1.0"}},
            }
        },
        openapi_extra=_OPEN_TO_ALL,
        summary="Measures for Prometheus",
    )
    async def metrics(self) -> Response:
        """Names of ours begin with `tunggal_`; labels never hold an id."""
        try:
            await self.measure()
        except Exception as trouble:  # noqa: BLE001 the other measures are wanted most just then
            MEASURES_FAILED.inc()
            log.warning("metrics.not_measured", trouble=type(trouble).__name__)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @door.get(
        "/v1/version",
        responses={
            200: {
                "description": "What runs here.",
                "content": {"application/json": {"example": _VERSION_EXAMPLE}},
            }
        },
        openapi_extra=_OPEN_TO_ALL,
        summary="What runs here",
    )
    async def get_version(self) -> Version:
        """The program's version and the versions of the API it takes."""
        return Version(service=self.service, version=self.version, api=["v1"])

    @door.get(
        "/v1/health",
        responses={
            200: {
                "description": "How this service is, ready or not.",
                "content": {"application/json": {"example": _HEALTH_EXAMPLE}},
            }
        },
        summary="How is this service",
    )
    async def get_health(
        self,
        caller: Annotated[Caller, needs(Role.OPERATIONS)],  # noqa: ARG002 admitted by being asked
    ) -> Health:
        """Each check with its kind of trouble, and what the service tells of itself.

        Always 200 while the process answers: machines that route requests ask `/readyz`.
        """
        results = await run_checks(self.checks)
        told: Mapping[str, JsonValue] = {}
        if self.detail is not None:
            try:
                async with asyncio.timeout(CHECK_SECONDS_MAX):
                    told = await self.detail()
            except Exception as trouble:  # noqa: BLE001 half an answer beats none
                told = {"trouble": type(trouble).__name__}
        return Health(
            service=self.service,
            version=self.version,
            is_ready=all(result.is_ok for result in results),
            checks=results,
            detail=dict(told),
        )


def _line(result: CheckResult) -> str:
    return f"[+]{result.name} ok" if result.is_ok else f"[-]{result.name} failed: {result.trouble}"
