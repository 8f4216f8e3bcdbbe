"""`tunggal letters`: invitations to everybody unrecorded, timed, counted, some read back."""

import os
import shutil
import time
from collections.abc import Sequence
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from services.command import office_report
from services.command.letters import campaign, press
from services.command.letters.campaign import Bundle
from services.regional.papers import Office, office_of
from services.regional.settings import RegionalSettings
from services.simulator.population import AS_OF, city

READ_BACK = 40
FIRST_DAY = AS_OF + timedelta(days=3)  # the Monday after the census


def letters(recordings: int, seed: int, per_day: int, folder: Path) -> None:
    """Print a whole city's letters, read some back, and put the figures into the report."""
    talk = Console(stderr=True, highlight=False)
    started = time.monotonic()
    people = campaign.unrecorded(city(seed, recordings))
    talk.print(f"[green]✓[/] the list: {len(people):,} unrecorded [dim]{_since(started):.1f} s[/]")
    settings = RegionalSettings.from_environment()
    bundles = [*campaign.bundles(people, seed, FIRST_DAY, per_day, settings.public_address)]
    shutil.rmtree(folder, ignore_errors=True)
    started, spent = time.monotonic(), os.times()
    facts = _print(office_of(settings), bundles, folder, talk)
    seconds, used = _since(started), os.times()
    facts["letters_seconds"] = round(seconds, 1)
    facts["letters_cpu_seconds"] = round(sum(used[:4]) - sum(spent[:4]), 1)
    facts |= _read_back(bundles, folder)
    office_report.put(facts)
    talk.print(f"[green]✓[/] {facts['letters']:,} letters [dim]{seconds:.1f} s[/] in {folder}")
    if facts["letters_read_back"] is None:
        talk.print("No pypdfium2 here: no code was read back.")
    else:
        talk.print(f"[green]✓[/] {facts['letters_read_back']} codes read back from the pages")
    last = max(one.last for one in bundles)
    talk.print(f"At {per_day} a day and ward the last letter is carried on {last:%Y-%m-%d}.")


def _print(
    office: Office, bundles: Sequence[Bundle], folder: Path, talk: Console
) -> dict[str, Any]:
    columns = (TextColumn("letters"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    pages = size_bytes = count = 0
    with Progress(*columns, console=talk, refresh_per_second=2) as progress:
        bar = progress.add_task("letters", total=sum(len(one.letters) for one in bundles))
        for printed in press.print_all(office, bundles, folder):
            count += printed.letters
            pages += printed.pages
            size_bytes += printed.size_bytes
            progress.advance(bar, printed.letters)
    return {
        "letters": count,
        "letters_pages": pages,
        "letters_files": 2 * len(bundles),
        "letters_megabytes": round(size_bytes / 10**6, 1),
        "letters_processes": press.PROCESSES,
    }


def _read_back(bundles: Sequence[Bundle], folder: Path) -> dict[str, Any]:
    """Scan the last letter of some files, spread over the city, as a telephone would."""
    if find_spec("pypdfium2") is None:
        return {"letters_read_back": None}
    some = bundles[:: max(1, len(bundles) // READ_BACK)]
    for one in some:
        if not press.read_back(folder / f"{one.name}.pdf", one.letters[-1].address):
            raise RuntimeError(f"the code in {one.name}.pdf does not open its letter's page")
    return {"letters_read_back": len(some)}


def _since(started: float) -> float:
    return time.monotonic() - started
