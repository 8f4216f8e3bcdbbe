"""`tunggal storm`: run every part, two at a time, and write what was found."""

import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from services.command.exits import ExitCode, give_up
from services.command.storm import report
from services.command.storm.parts import PARTS, Outcome, Plan, part_named

REPORT = Path(".tunggal/storm-report.json")
AT_ONCE = 2

Parts = Annotated[
    list[str] | None, typer.Option("--part", help="Only this part; may be given more than once.")
]
Seed = Annotated[
    int | None, typer.Option(help="Replay one seed, as a failure names it; core unless --part.")
]
Scale = Annotated[float, typer.Option(min=0.001, max=100, help="Share of the usual work.")]
Report = Annotated[Path, typer.Option("--report", help="Where the report goes.")]


def storm(
    part: Parts = None,
    seed: Seed = None,
    scale: Scale = 1.0,
    path: Report = REPORT,
    outcome: Annotated[Path | None, typer.Option(hidden=True)] = None,
) -> None:
    """Prove that nothing is lost and nothing comes twice, whatever the line and the machines do.

    Every fault by seed: a failure prints the command that shows it again.
    """
    names = part or (["core"] if seed is not None else list(PARTS))
    if unknown := sorted(set(names) - set(PARTS)):
        give_up(ExitCode.USAGE, f"No such part: {', '.join(unknown)}. Known: {', '.join(PARTS)}.")
    if outcome is not None or seed is not None:
        _run_here(names[0], seed, scale, outcome)
        return
    if not (found := _run_all(names, scale)):
        give_up(ExitCode.FAILED, "No part ran.")
    whole = report.assembled(found, scale)
    path.parent.mkdir(parents=True, exist_ok=True)
    report.write(path, whole)
    typer.echo(report.table(whole))
    typer.echo(f"The report is in {path}")
    if whole.failures:
        raise typer.Exit(ExitCode.FAILED)


def _run_here(name: str, seed: int | None, scale: float, outcome: Path | None) -> None:
    """One part in this process: what the runner starts, and what a person replays."""
    started = time.monotonic()
    with TemporaryDirectory(prefix=f"storm-{name}-") as folder:
        found = part_named(name)(Plan(Path(folder), seed, scale))
    found = Outcome(found.figures, found.failures, found.notes, time.monotonic() - started)
    if outcome is not None:
        found.write(outcome)
        return
    for figure, value in found.figures.items():
        typer.echo(f"{figure}: {value}")
    for sentence in (*found.notes, *found.failures):
        typer.echo(sentence)
    if found.failures:
        raise typer.Exit(ExitCode.FAILED)


def _run_all(names: Sequence[str], scale: float) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    with TemporaryDirectory(prefix="storm-") as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        running: dict[Future[Outcome], str] = {
            pool.submit(_in_a_process, name, scale, Path(folder) / f"{name}.json"): name
            for name in names
        }
        for done in as_completed(running):
            name = running[done]
            found[name] = done.result()
            verdict = "holds" if not found[name].failures else "BROKEN"
            typer.echo(f"{name:<14} {verdict:<7} {found[name].seconds:7.1f} s")
            for sentence in (*found[name].notes, *found[name].failures):
                typer.echo(f"  {sentence}")
    return {name: found[name] for name in names}


def _in_a_process(name: str, scale: float, outcome: Path) -> Outcome:
    """A part that dies is a failure of the storm, not of its report."""
    command = [sys.executable, "-m", "services.command.main", "storm"]
    command += ["--part", name, "--scale", str(scale), "--outcome", str(outcome)]
    ended = subprocess.run(  # noqa: S603 our own program
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if outcome.exists():
        return Outcome.read(outcome)
    last_words = "\n  ".join((ended.stderr or ended.stdout).strip().splitlines()[-12:])
    return Outcome({}, (f"{name} ended with {ended.returncode}:\n  {last_words}",))
