"""The control API of the simulated line: Toxiproxy's HTTP API, and weather on top.

A Toxiproxy client works unchanged. Where a listen address cannot be used the answer is 400,
where Toxiproxy's is 500.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException

from services.simulator import line_weather_api
from services.simulator.line_bodies import (
    RawBody,
    Register,
    answer_refused,
    body_of,
    describe_raw_bodies,
    read,
    refusals,
)
from services.simulator.line_door import Doorkeeper
from services.simulator.line_metrics import metrics_page
from services.simulator.line_register import (
    LineRefused,
    LineRegister,
    WeatherOrder,
    add_toxic,
    change_toxic,
    find_toxic,
    lift_toxic,
)
from services.simulator.line_schemas import (
    PopulatedView,
    ProxyChange,
    ProxyView,
    ProxyWanted,
    ToxicChange,
    ToxicView,
    ToxicWanted,
    VersionView,
    WeatherWanted,
)
from services.simulator.settings import LineSettings
from shared.doors import pages

SPEAKS_VERSION = "2.12.0"  # of Toxiproxy's API

router = APIRouter()


def create_app(settings: LineSettings | None = None) -> FastAPI:
    """Make the app; its lines open when it starts and close when it ends."""
    settings = settings or LineSettings()
    register = LineRegister(settings.seed)

    @asynccontextmanager
    async def lines_open(_: FastAPI) -> AsyncIterator[None]:
        try:
            for proxy in settings.proxies:
                await register.open(
                    ProxyWanted(name=proxy.name, upstream=proxy.upstream, listen=proxy.listen)
                )
                if proxy.profile:
                    order = WeatherOrder(proxy.profile, proxy.seed, proxy.speed)
                    await register.begin_weather(proxy.name, order)
            yield
        finally:
            await register.close_all()

    app = FastAPI(
        title="Tunggal: the simulated line",
        version="1.0.0",
        summary="Lines between region and centre that can be made as bad as the real ones.",
        description=(
            "Speaks Toxiproxy's HTTP API: create a proxy, mount toxics on it, cut and restore "
            "it. `/v1/line` adds whole climates, seeded and repeatable."
        ),
        openapi_tags=[
            {"name": "proxies", "description": "Lines: where they listen and where they lead."},
            {"name": "toxics", "description": "Faults mounted on a line, live."},
            {"name": "line", "description": "Weather, profiles and live connections."},
            {"name": "health", "description": "For machines that watch."},
        ],
        generate_unique_id_function=_operation_id,
        docs_url=None,
        redoc_url=None,
        lifespan=lines_open,
    )
    app.state.register = register
    app.add_middleware(Doorkeeper)
    app.add_exception_handler(LineRefused, answer_refused)
    app.add_exception_handler(HTTPException, answer_refused)
    pages.install_docs(app)
    app.include_router(router)
    app.include_router(line_weather_api.router)
    bodies = (ProxyWanted, ProxyChange, ToxicWanted, ToxicChange, WeatherWanted)
    app.openapi = describe_raw_bodies(app, bodies)  # type: ignore[method-assign]
    return app


async def run(settings: LineSettings) -> None:
    """Serve the control API until told to stop by a signal."""
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        timeout_graceful_shutdown=5,
        log_config=None,
    )
    await uvicorn.Server(config).serve()


def _operation_id(route: APIRoute) -> str:
    return route.name


@router.get(
    "/version",
    tags=["health"],
    summary="Tell which Toxiproxy API is spoken",
    response_model=VersionView,
)
async def show_version() -> Response:
    # Byte for byte: some clients compare this answer as text.
    return Response(
        f'{{"version": "{SPEAKS_VERSION}"}}\n', media_type="application/json;charset=utf-8"
    )


@router.get(
    "/metrics",
    tags=["health"],
    summary="Tell Prometheus what the lines have carried",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def show_metrics(register: Register) -> Response:
    return Response(metrics_page(lambda: register.lines), media_type=CONTENT_TYPE_LATEST)


@router.get("/proxies", tags=["proxies"], summary="List all lines by name")
async def list_proxies(register: Register) -> dict[str, ProxyView]:
    lines = register.lines
    return {name: ProxyView.of(name, line) for name, line in lines.items()}


@router.post(
    "/proxies",
    tags=["proxies"],
    summary="Open a line",
    status_code=201,
    responses=refusals(400, 409),
    openapi_extra=body_of(ProxyWanted),
)
async def open_proxy(register: Register, body: RawBody) -> ProxyView:
    wanted = read(ProxyWanted, body)
    line = await register.open(wanted)
    return ProxyView.of(str(wanted.name), line)


@router.post(
    "/populate",
    tags=["proxies"],
    summary="Open or replace many lines",
    description="A line with the same addresses stays as it is. A refusal lists those done.",
    status_code=201,
    response_model=PopulatedView,
    responses=refusals(400, 409),
    openapi_extra=body_of(ProxyWanted, many=True),
)
async def populate(register: Register, body: RawBody) -> PopulatedView | JSONResponse:
    done: list[str] = []
    wanted = read(list[ProxyWanted], body)
    try:
        async for name in register.populate(wanted):
            done.append(name)  # noqa: PERF401 those done before a refusal count
    except LineRefused as refused:
        views = [ProxyView.of(name, register.line(name)).model_dump() for name in done]
        problem = {"error": str(refused), "status": refused.status, "proxies": views}
        return JSONResponse(problem, refused.status)
    return PopulatedView(proxies=[ProxyView.of(name, register.line(name)) for name in done])


@router.post("/reset", tags=["proxies"], summary="Make every line perfect", status_code=204)
async def reset_all(register: Register) -> Response:
    """Every line open, no toxics, no weather."""
    await register.reset()
    return Response(status_code=204)


@router.get("/proxies/{proxy}", tags=["proxies"], summary="Show a line", responses=refusals(404))
async def show_proxy(register: Register, proxy: str) -> ProxyView:
    return ProxyView.of(proxy, register.line(proxy))


async def _change_proxy(register: Register, proxy: str, body: RawBody) -> ProxyView:
    register.line(proxy)
    wanted = read(ProxyChange, body)
    line = await register.change(proxy, wanted.listen, wanted.upstream, enabled=wanted.enabled)
    return ProxyView.of(proxy, line)


@router.delete(
    "/proxies/{proxy}",
    tags=["proxies"],
    summary="Close a line for good",
    status_code=204,
    responses=refusals(404),
)
async def close_proxy(register: Register, proxy: str) -> Response:
    await register.close(proxy)
    return Response(status_code=204)


@router.get(
    "/proxies/{proxy}/toxics",
    tags=["toxics"],
    summary="List a line's toxics, upstream first",
    responses=refusals(404),
)
async def list_toxics(register: Register, proxy: str) -> list[ToxicView]:
    return ProxyView.of(proxy, register.line(proxy)).toxics


@router.post(
    "/proxies/{proxy}/toxics",
    tags=["toxics"],
    summary="Mount a toxic",
    description="It bites connections that are open already, too.",
    responses=refusals(400, 404, 409),
    openapi_extra=body_of(ToxicWanted),
)
async def mount_toxic(register: Register, proxy: str, body: RawBody) -> ToxicView:
    line = register.line(proxy)
    return ToxicView.of(await add_toxic(line, read(ToxicWanted, body)))


@router.get(
    "/proxies/{proxy}/toxics/{toxic}",
    tags=["toxics"],
    summary="Show a toxic",
    responses=refusals(404),
)
async def show_toxic(register: Register, proxy: str, toxic: str) -> ToxicView:
    return ToxicView.of(find_toxic(register.line(proxy), toxic))


async def _change_toxic(register: Register, proxy: str, toxic: str, body: RawBody) -> ToxicView:
    line = register.line(proxy)
    find_toxic(line, toxic)
    return ToxicView.of(await change_toxic(line, toxic, read(ToxicChange, body)))


@router.delete(
    "/proxies/{proxy}/toxics/{toxic}",
    tags=["toxics"],
    summary="Lift a toxic",
    status_code=204,
    responses=refusals(404),
)
async def remove_toxic(register: Register, proxy: str, toxic: str) -> Response:
    await lift_toxic(register.line(proxy), toxic)
    return Response(status_code=204)


# Toxiproxy deprecated POST for changes in 2.6, and its Go client still sends it.
for _method, _suffix in (("PATCH", ""), ("POST", "_by_post")):
    router.add_api_route(
        "/proxies/{proxy}",
        _change_proxy,
        methods=[_method],
        name=f"change_proxy{_suffix}",
        tags=["proxies"],
        summary="Cut, restore or move a line",
        description="`enabled: false` cuts it. New addresses drop its connections.",
        deprecated=_method == "POST",
        responses=refusals(400, 404),
        openapi_extra=body_of(ProxyChange),
    )
    router.add_api_route(
        "/proxies/{proxy}/toxics/{toxic}",
        _change_toxic,
        methods=[_method],
        name=f"change_toxic{_suffix}",
        tags=["toxics"],
        summary="Change a toxic's attributes or toxicity",
        description="Absent keys keep their value; only these two can change.",
        deprecated=_method == "POST",
        responses=refusals(400, 404),
        openapi_extra=body_of(ToxicChange),
    )
