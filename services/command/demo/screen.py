"""What the demonstration shows while it runs: on stderr, so that stdout holds the report alone."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.text import Text

LINE_SECONDS = 1.0
_SKY = {"clear": "cerah", "rain": "hujan", "storm": "badai", "outage": "putus"}
_SKY_STYLE = {"clear": "green", "rain": "cyan", "storm": "yellow", "outage": "bold red"}


@dataclass(frozen=True, slots=True)
class Scene:
    """One moment of the recording."""

    recorded: int
    at_centre: int
    decided: int
    waiting: int
    spell: str  # clear, rain, storm, outage
    outages_survived: int
    seconds: float


class Screen:
    """Bars on a terminal; lines where nobody watches."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False)
        self.phase_seconds: dict[str, float] = {}

    def say(self, words: str) -> None:
        self.console.print(words)

    @contextmanager
    def phase(self, name: str, words: str) -> Iterator[None]:
        """Time a part of the run, and say when it is done; `name` is its key in the report."""
        started = time.monotonic()
        yield
        seconds = time.monotonic() - started
        self.phase_seconds[name] = round(seconds, 2)
        self.console.print(f"[green]✓[/] {words} [dim]{seconds:.1f} s[/]")

    @contextmanager
    def recording(self, total: int) -> Iterator["Bars"]:
        bars = Bars(self.console, total)
        with bars:
            yield bars


class Bars:
    """Recorded, at the centre, decided; below them the line's weather and the queue."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._told_at = float("-inf")
        self._progress = Progress(
            TextColumn("  {task.description:<34}"),
            BarColumn(bar_width=34),
            MofNCompleteColumn(),
            console=console,
            auto_refresh=False,
        )
        self._tasks: list[TaskID] = [
            self._progress.add_task(words, total=total)
            for words in (
                "Direkam · recorded",
                "Di pusat · at the centre",
                "Diputuskan · decided, back here",
            )
        ]
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, scene: Scene) -> None:
        counts = (scene.recorded, scene.at_centre, scene.decided)
        for task, count in zip(self._tasks, counts, strict=True):
            self._progress.update(task, completed=count)
        sky = Text.assemble(
            "  Cuaca · weather on the line: ",
            (f"{_SKY[scene.spell]} · {scene.spell:<7}", _SKY_STYLE[scene.spell]),
            f"\n  Antrean · waiting: {scene.waiting:>7,}",
            f"   outages survived: {scene.outages_survived}",
        )
        if self._live is not None:
            self._live.update(Group(self._progress, sky), refresh=True)
        elif scene.seconds - self._told_at >= LINE_SECONDS or scene.decided >= self._total:
            self._told_at = scene.seconds
            self._console.print(
                f"  {scene.seconds:6.1f} s  recorded {scene.recorded:>7,}"
                f"  at the centre {scene.at_centre:>7,}  decided {scene.decided:>7,}"
                f"  waiting {scene.waiting:>7,}  line {scene.spell}",
                soft_wrap=True,
            )
