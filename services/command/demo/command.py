"""`tunggal demo`: its options. What it does is in `story`."""

from pathlib import Path
from typing import Annotated

import typer

from services.command.exits import ExitCode
from shared.clock import SystemClock

FOLDER = Path(".tunggal/demo")
CITY_RECORDINGS = 137_533  # the source's: Singkawang on 13 October 2017

IRISES_MAX = 1_000


def demo(
    recordings: Annotated[
        int, typer.Option(min=100, max=2_000_000, help="A city in which so many are recorded.")
    ] = CITY_RECORDINGS,
    seed: Annotated[int, typer.Option(min=0, help="Another seed: other people, other storm.")] = 7,
    irises: Annotated[
        int | None,
        typer.Option(
            min=0,
            show_default=f"a tenth, at most {IRISES_MAX:,}",
            help="Recordings with irises that the centre searches; cases are planted among them.",
        ),
    ] = None,
    folder: Annotated[
        Path, typer.Option(help="Where its data lies; emptied first, if a demo made it.")
    ] = FOLDER,
    as_json: Annotated[
        bool, typer.Option("--json", help="The report as JSON on stdout, not as tables.")
    ] = False,
) -> None:
    """Record a whole synthetic city through a storm, print cards, and prove nothing was lost.

    Ends with a report, also in .tunggal/demo-report.json; exit code 1 if anything did not hold.
    """
    from services.command.demo.presentation import present
    from services.command.demo.story import Request

    if irises is None:
        irises = min(IRISES_MAX, recordings // 10)
    elif irises > (most := recordings * 9 // 10):
        raise typer.BadParameter(f"at most {most:,} of {recordings:,} recordings")
    request = Request(recordings, seed, folder, irises)
    code = present(request, SystemClock(), as_json=as_json)
    raise typer.Exit(ExitCode(code))
