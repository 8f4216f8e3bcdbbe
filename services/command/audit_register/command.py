"""`tunggal audit-register`: search the whole register for people who are in it twice."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from services.command.exits import ExitCode, give_up
from services.command.local import AsJson
from services.command.servers import Service, settings_of

REPORT_FOLDER = Path(".tunggal/audit-register")


def audit_register(
    to: Annotated[Path, typer.Option("--to", help="Folder for the report.")] = REPORT_FOLDER,
    score_min: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Pairs with a lower score are left out.")
    ] = 0.5,
    as_json: AsJson = False,
) -> None:
    """Search the whole register for people who are in it twice, by names and births alone.

    Reads the centre's database and changes nothing. The report holds ids, scores and how each field
    agrees, and no name. In DuckDB, or on Spark: TUNGGAL_CENTRAL_AUDIT_ENGINE.
    """
    try:
        from services.command.audit_register.engines import EngineMissing
    except ImportError:
        give_up(ExitCode.FAILED, "The audit needs Splink: pip install 'tunggal[audit]'.")
    try:
        summary = _audited(to, score_min)
    except EngineMissing as missing:
        give_up(ExitCode.FAILED, str(missing))
    if as_json:
        from services.command.audit_register.report import SUMMARY_FILE

        typer.echo((to / SUMMARY_FILE).read_text(), nl=False)
        return
    typer.echo(
        f"{summary['persons']:,} persons, {summary['pairs_compared']:,} pairs compared, "
        f"{summary['pairs']:,} with a score of {score_min} or more: {to}"
    )


def _audited(to: Path, score_min: float) -> dict[str, Any]:
    from services.central.settings import CentralSettings
    from services.central.vault.keys import vault_for
    from services.central.vault.steps import CARRIED
    from services.command.audit_register.engines import Engine, Place
    from shared.database.placement import EmbeddedPostgresFailed
    from shared.doors.lifetime import database_for

    settings = settings_of(Service.CENTRAL)
    assert isinstance(settings, CentralSettings)
    place = Place(
        Engine(settings.audit_engine), settings.audit_memory_mb, settings.audit_spark_master
    )
    try:
        database, embedded = database_for(settings, Service.CENTRAL)
    except EmbeddedPostgresFailed as failed:
        give_up(ExitCode.FAILED, f"{failed} Or give TUNGGAL_CENTRAL_DATABASE_URL.")
    to.mkdir(parents=True, exist_ok=True)
    try:
        database.carry(CARRIED, vault_for(settings))
        return audit(database, to, place, score_min, Console(stderr=True))
    finally:
        if embedded is not None:
            embedded.stop()


def audit(
    database: Any, to: Path, place: Any, score_min: float, console: Console
) -> dict[str, Any]:
    """Read the register, link it, write the report; gives the summary."""
    from services.command.audit_register import engines, register, report
    from shared.clock import SystemClock

    clock = SystemClock()
    began = clock.now()

    with _workshop(to) as folder, _bar(console) as progress:
        reading = progress.add_task("read the register", total=None)

        async def read() -> int:
            try:
                return await register.lay_down(
                    database,
                    folder,
                    lambda count, total: progress.update(reading, completed=count, total=total),
                )
            finally:
                await database.close()

        persons = asyncio.run(read())
        linking = progress.add_task(f"link it in {place.engine}", total=None)
        with engines.linked(folder, place, persons, score_min) as found:
            count = 0
            for count in report.write_pairs(to / report.PAIRS_FILE, found.rows):
                progress.update(linking, completed=count)
            progress.update(linking, completed=count, total=count)
            summary = {
                "engine": place.engine.value,
                "began_at": began.isoformat(),
                "seconds": round((clock.now() - began).total_seconds(), 1),
                "persons": persons,
                "pairs_compared": found.compared,
                "crowded_keys": found.crowded_keys,
                "score_min": score_min,
                "pairs": count,
            }
    report.write_summary(to / report.SUMMARY_FILE, summary)
    return summary


@contextmanager
def _workshop(beside: Path) -> Iterator[Path]:
    """A folder only its owner may open, gone whatever happens: it holds how names sound."""
    folder = Path(tempfile.mkdtemp(prefix=".at-work-", dir=beside))
    try:
        yield folder.resolve()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<24}"),
        BarColumn(bar_width=34),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )
