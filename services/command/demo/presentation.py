"""Run the demonstration, write its report down, show it, and give the exit code."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
from rich.console import Console

from services.command.demo.cards import CardTrouble
from services.command.demo.load import NotAnswered
from services.command.demo.neighbour import NeighbourTrouble
from services.command.demo.officers import OfficersTrouble
from services.command.demo.poster import show
from services.command.demo.screen import Screen
from services.command.demo.story import FolderNotOurs, Request, run
from services.command.exits import ExitCode
from services.command.town import TownTrouble
from shared.clock import Clock
from shared.database.embedded import EmbeddedPostgresFailed

REPORT = Path(".tunggal/demo-report.json")
TROUBLES = (
    TownTrouble,
    EmbeddedPostgresFailed,
    NeighbourTrouble,
    OfficersTrouble,
    CardTrouble,
    NotAnswered,
    httpx.TransportError,
)


def present(request: Request, clock: Clock, *, as_json: bool) -> ExitCode:
    """DONE when everything held; FAILED when not; USAGE when the folder is not a demo's."""
    screen = Screen()
    REPORT.unlink(missing_ok=True)  # An old report must not speak for a run that failed.
    try:
        report = run(request, screen, clock)
    except FolderNotOurs as wrong:
        screen.say(f"[red]{wrong}[/]")
        return ExitCode.USAGE
    except (*TROUBLES, ExceptionGroup) as trouble:
        known = _first_known(trouble)
        if known is None:
            raise
        screen.say(f"[bold red]The demonstration failed.[/] {type(known).__name__}: {known}")
        screen.say(f"What the servers said is in {request.folder}/town/*.log")
        return ExitCode.FAILED
    text = json.dumps(report, indent=2, ensure_ascii=False)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(text + "\n")
    if as_json:
        sys.stdout.write(text + "\n")
    else:
        show(report, Console(highlight=False))
    screen.say(f"The report is in {REPORT}")
    if not report["passed"]:
        failed = [name for name, has_held in report["invariants"].items() if not has_held]
        screen.say(f"[bold red]Did not hold: {', '.join(failed)}[/]")
        return ExitCode.FAILED
    return ExitCode.DONE


def _first_known(trouble: Exception) -> Exception | None:
    """The trouble itself, or the first of a group that is not a bug of ours."""
    if not isinstance(trouble, ExceptionGroup):
        return trouble
    known, others = trouble.split(TROUBLES)
    return None if others or known is None else next(_leaves(known))


def _leaves(group: ExceptionGroup[Exception]) -> Iterator[Exception]:
    for one in group.exceptions:
        if isinstance(one, ExceptionGroup):
            yield from _leaves(one)
        else:
            yield one
