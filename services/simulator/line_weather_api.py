"""What Toxiproxy has not: climates by name, weather as it passes, connections as they live."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from services.simulator.line_bodies import RawBody, Register, body_of, read, refusals
from services.simulator.line_register import LineRegister, WeatherOrder, WeatherRun
from services.simulator.line_schemas import (
    AliveView,
    ConnectionView,
    LineEventView,
    ProfileView,
    SkyView,
    TallyView,
    TimelineView,
    ToxicView,
    WeatherView,
    WeatherWanted,
)
from services.simulator.mounts import LineEvent
from services.simulator.weather import CLIMATES, Climate

AHEAD_SECONDS_MAX = 366 * 86_400.0

router = APIRouter()


@router.get("/livez", tags=["health"], summary="Tell that the process answers")
async def livez() -> AliveView:
    return AliveView(status="ok")


@router.get("/v1/line/profiles", tags=["line"], summary="List the climates a line can be under")
async def list_profiles() -> list[ProfileView]:
    return [_profile(climate) for climate in CLIMATES.values()]


@router.get(
    "/v1/line/connections",
    tags=["line"],
    summary="List live connections with bytes each way",
    responses=refusals(404),
)
async def list_connections(register: Register, proxy: str) -> list[ConnectionView]:
    return [ConnectionView.of(count) for count in register.line(proxy).connections]


@router.get(
    "/v1/line/timeline",
    tags=["line"],
    summary="Tell what happened to a line and what is coming",
    description="Toxics and weather, in real seconds on the line's own clock.",
    responses=refusals(404),
)
async def show_timeline(
    register: Register,
    proxy: str,
    ahead_seconds: Annotated[float, Query(ge=0, le=AHEAD_SECONDS_MAX)] = 3600.0,
) -> TimelineView:
    line, now = register.line(proxy), register.line(proxy).clock_seconds
    run = register.weather.get(proxy)
    spells = run.coming(ahead_seconds) if run else []
    coming = [event for event in line.coming if event.at <= now + ahead_seconds]
    coming += [LineEvent(now + wait, "weather", spell.state) for wait, spell in spells]
    return TimelineView(
        proxy=proxy,
        now_seconds=now,
        past=[_event(event) for event in line.past],
        coming=[_event(event) for event in sorted(coming, key=lambda event: event.at)],
        fired=line.fired,
    )


@router.post(
    "/v1/line/weather",
    tags=["line"],
    summary="Put a line under weather",
    description="Same profile and seed, same weather. Replaces the weather it is under. "
    "Toxics mounted by hand stay beside the weather's own.",
    status_code=201,
    responses=refusals(400, 404),
    openapi_extra=body_of(WeatherWanted),
)
async def begin_weather(register: Register, body: RawBody) -> WeatherView:
    wanted = read(WeatherWanted, body)
    order = WeatherOrder(**wanted.model_dump(exclude={"proxy"}))
    return _weather(register, wanted.proxy, await register.begin_weather(wanted.proxy, order))


@router.get("/v1/line/weather", tags=["line"], summary="Show the weather over each line")
async def show_weather(register: Register) -> list[WeatherView]:
    return [_weather(register, name, run) for name, run in register.weather.items()]


@router.delete(
    "/v1/line/weather",
    tags=["line"],
    summary="End the weather of one line, or of all",
    status_code=204,
    responses=refusals(404),
)
async def end_weather(register: Register, proxy: str | None = None) -> Response:
    if proxy is not None:
        register.line(proxy)
    for name in [proxy] if proxy is not None else list(register.weather):
        await register.end_weather(name)
    return Response(status_code=204)


def _event(event: LineEvent) -> LineEventView:
    return LineEventView(at_seconds=event.at, what=event.what, name=event.name)


def _weather(register: LineRegister, name: str, run: WeatherRun) -> WeatherView:
    tally = register.line(name).tally
    spell = None if run.is_over else tally.spell
    return WeatherView(
        proxy=name,
        profile=run.order.profile,
        seed=run.order.seed,
        speed=run.order.speed,
        is_over=run.is_over,
        state=spell.state if spell else None,
        changes_in_seconds=run.changes_in_seconds,
        toxics=[ToxicView.of(toxic) for toxic in spell.toxics] if spell else [],
        tally=TallyView.model_validate(tally, from_attributes=True),
    )


def _profile(climate: Climate) -> ProfileView:
    skies = [
        SkyView(
            state=state,
            seconds_mean=sky.seconds_mean,
            odds={str(state): odds for state, odds in sky.odds.items()},
            toxics=[ToxicView.of(toxic) for toxic in sky.toxics],
        )
        for state, sky in climate.skies.items()
    ]
    return ProfileView(
        name=climate.name,
        description=climate.description,
        silent_share=climate.silent_share,
        skies=skies,
    )
