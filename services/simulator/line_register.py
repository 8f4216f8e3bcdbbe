"""All simulated lines of one process, by name, and the weather each one is under."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic

from services.simulator.line_schemas import ProxyWanted, ToxicChange, ToxicWanted
from services.simulator.link import Toxic, ToxicRefused, stream_named, toxic_type
from services.simulator.proxy.server import Address, Line
from services.simulator.weather import (
    DEMO,
    ClimateUnknown,
    Outlook,
    Spell,
    climate_named,
    demo_storm,
    forecast,
)


class LineRefused(Exception):
    """Understood, not done; `status` and the message are Toxiproxy's where it has them."""

    status = 400


class BadBody(LineRefused):
    def __init__(self, reason: str) -> None:
        super().__init__(f"bad request body: {reason}")


class FieldMissing(LineRefused):
    def __init__(self, field: str) -> None:
        super().__init__(f"missing required field: {field}")


class NotFound(LineRefused):
    status = 404


class AlreadyThere(LineRefused):
    status = 409


@dataclass(frozen=True, slots=True)
class WeatherOrder:
    profile: str
    seed: int = 0
    speed: float = 1.0
    length_seconds: float = 120.0
    outages: int = 3

    def spells(self) -> Iterator[Spell]:
        """Tell the weather ordered. Refuses: LineRefused for an unknown profile."""
        if self.profile == DEMO.name:
            return demo_storm(self.seed, self.length_seconds, self.outages)
        try:
            return forecast(self.seed, climate_named(self.profile))
        except ClimateUnknown as unknown:
            raise LineRefused(str(unknown)) from None


class WeatherRun:
    def __init__(self, order: WeatherOrder, line: Line) -> None:
        self.order = order
        self._began_at = monotonic()
        self._line = line
        self._outlook = Outlook(order.spells())
        self._task = asyncio.create_task(line.follow(self._outlook, speed=order.speed))

    @property
    def is_over(self) -> bool:
        return self._task.done()

    @property
    def changes_in_seconds(self) -> float | None:
        """Real seconds to the next spell; None when there is no weather."""
        spell = self._line.tally.spell
        if self.is_over or spell is None:
            return None
        return max(0.0, spell.ends_at_seconds / self.order.speed - (monotonic() - self._began_at))

    def coming(self, within_seconds: float) -> list[tuple[float, Spell]]:
        """Tell the spells that begin within so many real seconds, each with seconds until then."""
        if self.is_over:
            return []
        passed_seconds = (monotonic() - self._began_at) * self.order.speed
        until = passed_seconds + within_seconds * self.order.speed
        return [
            ((spell.starts_at_seconds - passed_seconds) / self.order.speed, spell)
            for spell in self._outlook.until(until)
        ]

    async def end(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])


class LineRegister:
    """seed: every line's toxics draw from it and from the line's own connection numbers."""

    def __init__(self, seed: int = 0) -> None:
        self.lines: dict[str, Line] = {}
        self.weather: dict[str, WeatherRun] = {}
        self._seed = seed

    def line(self, name: str) -> Line:
        """Find a line. Refuses: NotFound."""
        try:
            return self.lines[name]
        except KeyError:
            raise NotFound("proxy not found") from None

    async def open(self, wanted: ProxyWanted) -> Line:
        """Open a line, its toxics mounted first. Refuses: FieldMissing, AlreadyThere, BadBody."""
        if not wanted.name:
            raise FieldMissing("name")
        if not wanted.upstream:
            raise FieldMissing("upstream")
        if wanted.name in self.lines:
            raise AlreadyThere("proxy already exists")
        line = Line(
            _address(wanted.upstream),
            listen=_address(wanted.listen or "127.0.0.1:0"),
            seed=self._seed if wanted.seed is None else wanted.seed,
        )
        toxics = _toxics(wanted.toxics or [])
        self.lines[wanted.name] = line  # Before the first await: a twin request finds it taken.
        line.is_enabled = False
        try:
            await line.start()
            await line.apply(toxics)
            if wanted.enabled is not False:
                await line.restore()
        except OSError as error:
            await self.close(wanted.name)
            raise _cannot_listen(error) from None
        return line

    async def populate(self, wanted: Sequence[ProxyWanted]) -> AsyncIterator[str]:
        """Open or replace lines; one with the same addresses stays, its toxics too.

        Yields each name when it is done. Refuses as `open`; those done before stay done.
        """
        for number, one in enumerate(wanted, 1):
            for field in ("name", "upstream"):
                if not getattr(one, field):
                    raise FieldMissing(f"{field} at proxy {number}")
        for one in wanted:
            await self._open_or_replace(one)
            yield str(one.name)

    async def change(
        self, name: str, listen: str | None, upstream: str | None, *, enabled: bool | None
    ) -> Line:
        """Move or switch a line. Refuses: NotFound, BadBody."""
        line = self.line(name)
        new_listen = _address(listen) if listen else line.listen
        new_upstream = _address(upstream) if upstream else line.upstream
        try:
            if (new_listen, new_upstream) != (line.listen, line.upstream):
                await line.rehang(listen=new_listen, upstream=new_upstream)
            if enabled is not None and enabled != line.is_enabled:
                await (line.restore() if enabled else line.cut())
        except OSError as error:
            raise _cannot_listen(error) from None
        return line

    async def close(self, name: str) -> None:
        """Close a line for good. Refuses: NotFound."""
        line = self.line(name)
        await self.end_weather(name)
        await line.stop()
        self.lines.pop(name, None)

    async def reset(self) -> None:
        """Every line open, no toxics, no weather."""
        for name, line in list(self.lines.items()):
            await self.end_weather(name)
            await line.apply([])
            await line.restore()

    async def close_all(self) -> None:
        for name in list(self.lines):
            await self.close(name)

    async def begin_weather(self, name: str, order: WeatherOrder) -> WeatherRun:
        """Put a line under weather, instead of the weather it is under. Refuses: NotFound."""
        line = self.line(name)
        order.spells()
        await self.end_weather(name)
        run = self.weather[name] = WeatherRun(order, line)
        await asyncio.sleep(0)  # Let the first spell begin, so that the answer can name it.
        return run

    async def end_weather(self, name: str) -> None:
        run = self.weather.pop(name, None)
        if run is not None:
            await run.end()

    async def _open_or_replace(self, wanted: ProxyWanted) -> Line:
        name = str(wanted.name)
        line = self.lines.get(name)
        if line is not None:
            addresses = (_address(wanted.listen or "127.0.0.1:0"), _address(str(wanted.upstream)))
            if addresses == (line.listen, line.upstream):
                if wanted.toxics is not None:
                    await line.apply(_toxics(wanted.toxics))
                return await self.change(name, None, None, enabled=wanted.enabled is not False)
            await self.close(name)
        return await self.open(wanted)


async def add_toxic(line: Line, wanted: ToxicWanted) -> Toxic:
    """Mount one more toxic. Refuses: AlreadyThere, BadBody, LineRefused."""
    toxic = _toxic(wanted, [toxic.name for toxic in line.toxics])
    await line.apply([*line.toxics, toxic])
    return toxic


async def change_toxic(line: Line, name: str, wanted: ToxicChange) -> Toxic:
    """Change attributes or toxicity, live; absent keys keep. Refuses: NotFound, BadBody."""
    try:
        changed = find_toxic(line, name).changed(_given(wanted.attributes), wanted.toxicity)
    except ToxicRefused as refused:
        raise BadBody(str(refused)) from None
    await line.apply([changed if toxic.name == name else toxic for toxic in line.toxics])
    return changed


async def lift_toxic(line: Line, name: str) -> None:
    """Take a toxic off. Refuses: NotFound."""
    lifted = find_toxic(line, name)
    await line.apply([toxic for toxic in line.toxics if toxic.name != lifted.name])


def find_toxic(line: Line, name: str) -> Toxic:
    """Find a toxic people mounted. Refuses: NotFound."""
    for toxic in line.toxics:
        if toxic.name == name:
            return toxic
    raise NotFound("toxic not found")


def _toxics(wanted: Iterable[ToxicWanted]) -> list[Toxic]:
    toxics: list[Toxic] = []
    for one in wanted:
        toxics.append(_toxic(one, [toxic.name for toxic in toxics]))
    return toxics


def _toxic(wanted: ToxicWanted, names_taken: list[str]) -> Toxic:
    try:
        stream = stream_named(wanted.stream or "downstream")
        kind = toxic_type(wanted.type or "")
    except ToxicRefused as refused:
        raise LineRefused(str(refused)) from None
    if (wanted.name or f"{kind}_{stream}") in names_taken:
        raise AlreadyThere("toxic already exists")
    toxicity = 1.0 if wanted.toxicity is None else wanted.toxicity
    try:
        return Toxic(
            kind,
            stream,
            toxicity,
            _given(wanted.attributes),
            wanted.name or "",
            wanted.starts_after_seconds or 0.0,
            wanted.expires_after_seconds,
        )
    except ToxicRefused as refused:
        raise BadBody(str(refused)) from None


def _given(attributes: dict[str, int] | None) -> dict[str, int]:
    return {key: value for key, value in (attributes or {}).items() if value is not None}


def _address(spelling: str) -> Address:
    host, colon, port = spelling.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise BadBody("an address is host:port")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _cannot_listen(error: OSError) -> BadBody:
    return BadBody(f"the listen address cannot be used: {error.strerror or type(error).__name__}")
