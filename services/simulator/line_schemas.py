"""What the control API of the simulated line takes and gives, as JSON."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from services.simulator.link import Toxic
from services.simulator.proxy.connection import ConnectionCount
from services.simulator.proxy.server import Line
from services.simulator.weather import CLIMATES, DEMO

TERM_SECONDS_MAX = 366 * 86_400.0

_TOXIC_EXAMPLE: dict[str, JsonValue] = {
    "attributes": {"latency": 300, "jitter": 50},
    "name": "latency_downstream",
    "type": "latency",
    "stream": "downstream",
    "toxicity": 1.0,
}
_PROXY_EXAMPLE: dict[str, JsonValue] = {
    "name": "singkawang",
    "listen": "127.0.0.1:26379",
    "upstream": "127.0.0.1:8000",
    "enabled": True,
    "toxics": [_TOXIC_EXAMPLE],
}


def _is_nothing(value: object) -> bool:
    return value is None


class Wanted(BaseModel):
    """A body as a client sends it: unknown keys are ignored, null is the same as absent."""

    model_config = ConfigDict(strict=True)


class ToxicWanted(Wanted):
    model_config = ConfigDict(json_schema_extra={"examples": [_TOXIC_EXAMPLE]})

    type: str | None = Field(None, description="One of the toxics in docs/LINE.md.")
    name: str | None = Field(None, description="Default: `<type>_<stream>`.")
    stream: str | None = Field(None, description="`upstream` or `downstream` (default).")
    toxicity: float | None = Field(
        None, description="Share of connections it bites, 0 to 1 (default). Drawn once for each."
    )
    attributes: dict[str, Any] | None = Field(None, description="Integers; see docs/LINE.md.")
    starts_after_seconds: float | None = Field(
        None, ge=0, le=TERM_SECONDS_MAX, description="Bites from then on. Default: at once."
    )
    expires_after_seconds: float | None = Field(
        None, gt=0, le=TERM_SECONDS_MAX, description="Lifts itself, so long after its mounting."
    )


class ToxicChange(Wanted):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"attributes": {"latency": 900}, "toxicity": 0.5}]}
    )

    toxicity: float | None = None
    attributes: dict[str, Any] | None = None


class ProxyWanted(Wanted):
    model_config = ConfigDict(json_schema_extra={"examples": [_PROXY_EXAMPLE]})

    name: str | None = None
    upstream: str | None = Field(None, description="host:port connections lead to.")
    listen: str | None = Field(None, description="host:port; port 0 takes a free one (default).")
    enabled: bool | None = Field(None, description="false: refuse and reset. Default true.")
    toxics: list[ToxicWanted] | None = Field(None, description="Mounted before it opens.")
    seed: int | None = Field(
        None,
        description="What toxics draw on its connections follows from it. Default: the line's.",
    )


class ProxyChange(Wanted):
    model_config = ConfigDict(json_schema_extra={"examples": [{"enabled": False}]})

    upstream: str | None = None
    listen: str | None = None
    enabled: bool | None = None


class WeatherWanted(Wanted):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"proxy": "singkawang", "profile": "vsat_rain_season", "seed": 7, "speed": 60}
            ]
        }
    )

    proxy: str
    profile: str = Field(description=f"One of: {', '.join(CLIMATES)}.")
    seed: int = 0
    speed: float = Field(
        1.0, gt=0, le=1_000_000, allow_inf_nan=False, description="60 passes an hour in a minute."
    )
    length_seconds: float = Field(
        120.0, gt=0, le=86_400, allow_inf_nan=False, description=f"Only for `{DEMO.name}`."
    )
    outages: int = Field(3, ge=1, le=1000, description=f"Only for `{DEMO.name}`.")


class ToxicView(BaseModel):
    attributes: dict[str, int]
    name: str
    type: str
    stream: str
    toxicity: float
    starts_after_seconds: float | None = Field(
        None, exclude_if=_is_nothing, description="What is left; absent once it bites."
    )
    expires_after_seconds: float | None = Field(
        None, exclude_if=_is_nothing, description="What is left; absent if it stays."
    )

    @classmethod
    def of(cls, toxic: Toxic) -> Self:
        return cls(
            attributes=dict(toxic.attributes),
            name=toxic.name,
            type=toxic.type,
            stream=toxic.stream,
            toxicity=toxic.toxicity,
            starts_after_seconds=toxic.starts_after_seconds or None,
            expires_after_seconds=toxic.expires_after_seconds,
        )


class ProxyView(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [_PROXY_EXAMPLE]})

    name: str
    listen: str
    upstream: str
    enabled: bool
    toxics: list[ToxicView]
    seed: int | None = Field(None, exclude_if=_is_nothing, description="Absent if it is 0.")

    @classmethod
    def of(cls, name: str, line: Line) -> Self:
        upstream_first = sorted(line.toxics, key=lambda toxic: toxic.stream, reverse=True)
        return cls(
            name=name,
            listen=spelled(*line.listen),
            upstream=spelled(*line.upstream),
            enabled=line.is_enabled,
            toxics=[ToxicView.of(toxic) for toxic in upstream_first],
            seed=line.seed or None,
        )


class PopulatedView(BaseModel):
    proxies: list[ProxyView]


class VersionView(BaseModel):
    version: str = Field(examples=["2.12.0"])


class ErrorView(BaseModel):
    error: str = Field(examples=["proxy not found"])
    status: int = Field(examples=[404])


class SkyView(BaseModel):
    state: str
    seconds_mean: float
    odds: dict[str, float] = Field(description="What follows it, as weights.")
    toxics: list[ToxicView]


class ProfileView(BaseModel):
    name: str
    description: str
    silent_share: float = Field(description="Share of outages that swallow instead of refusing.")
    skies: list[SkyView]


class TallyView(BaseModel):
    """What happened on the line since it opened."""

    connections: int
    resets: int
    unreachable: int
    spells: int
    outages: int
    outages_survived: int


class WeatherView(BaseModel):
    proxy: str
    profile: str
    seed: int
    speed: float
    is_over: bool = Field(description="The forecast has run out or was ended.")
    state: str | None = Field(description="clear, rain, storm or outage; null when over.")
    changes_in_seconds: float | None = Field(description="In real time.")
    toxics: list[ToxicView]
    tally: TallyView


class ConnectionView(BaseModel):
    number: int
    client: str
    age_seconds: Annotated[float, Field(ge=0)]
    upstream_bytes: int
    downstream_bytes: int
    state: str = Field(description="open, half_closed or half_open.", examples=["open"])
    biting: list[str] = Field(description="Names of the toxics that bite it, the weather's too.")

    @classmethod
    def of(cls, count: ConnectionCount) -> Self:
        return cls.model_validate(count, from_attributes=True)


class LineEventView(BaseModel):
    at_seconds: float = Field(description="On the line's clock.")
    what: str = Field(
        description="mounted, changed, begun, lifted, expired, cut, restored, moved or weather."
    )
    name: str = Field(description="Of the toxic, or the state of the weather.")


class TimelineView(BaseModel):
    """What happened to a line and what will: the same again for the same seed."""

    proxy: str
    now_seconds: float = Field(description="The line's clock: seconds since it opened.")
    past: list[LineEventView]
    coming: list[LineEventView]
    fired: dict[str, int] = Field(
        description="How often each toxic has bitten: connections, of HTTP toxics answers."
    )


class AliveView(BaseModel):
    status: str = Field(examples=["ok"])


def spelled(host: str, port: int) -> str:
    """Write an address as host:port, IPv6 in brackets."""
    host = host or "0.0.0.0"  # noqa: S104 what an empty host means is told, not chosen
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
