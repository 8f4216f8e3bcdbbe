"""The `tunggal` command run as people run it: arguments in, an exit code and two streams out."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "services.command.main")
EXAMPLE = PROJECT / "docs" / "examples" / "recording.json"
RECORDING_ID = "01890a5d-ac96-774b-bcce-b302099a8057"


@dataclass(frozen=True, slots=True)
class Said:
    code: int
    out: str
    err: str


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Ours without settings of whoever runs the tests, wide enough that no line is folded."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TUNGGAL_")}
    return clean | {"COLUMNS": "200", "PYTHONPATH": str(PROJECT), "NO_COLOR": "1"} | dict(more)


async def tunggal(cwd: Path, *arguments: str, before: Sequence[str] = (), **more: str) -> Said:
    """`before`: a program that runs ours, with its arguments."""
    process = await asyncio.create_subprocess_exec(
        *before,
        *COMMAND,
        *arguments,
        cwd=cwd,
        env=environment(more),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return Said(process.returncode or 0, out.decode(), err.decode())
