"""A `tunggal up` of its own: any free ports, in a folder that is thrown away."""

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from services.command.exits import ExitCode
from shared.database.embedded import remove
from shared.database.placement import data_folders_below
from tests.command.command_world import COMMAND, environment

UP_SECONDS_MAX = 180
ANY_PORTS = tuple(
    f"--{name}-port=0" for name in ("central", "regional", "line", "control", "issuer")
)


@contextmanager
def place() -> Iterator[Path]:
    """A folder PostgreSQL's account can enter, so that as root nothing is copied elsewhere."""
    with tempfile.TemporaryDirectory(prefix="up-") as name:
        Path(name).chmod(0o755)
        yield Path(name)
        for data_folder in data_folders_below(Path(name)):
            remove(data_folder)


class Up:
    """One running `tunggal up`, ready for requests."""

    def __init__(self, cwd: Path, *options: str) -> None:
        self.said = cwd / "up.txt"
        with self.said.open("wb") as words:
            self.process = subprocess.Popen(
                [*COMMAND, "up", *ANY_PORTS, *options],
                cwd=cwd,
                env=environment({}),
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
            )
        note = cwd / ".tunggal" / "up" / "up.json"
        deadline = time.monotonic() + UP_SECONDS_MAX
        while not note.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise AssertionError(self.said.read_text())
            time.sleep(0.05)
        try:
            self.note: dict[str, Any] = json.loads(note.read_text())
        except BaseException:
            self.end(signal.SIGTERM)
            raise
        self.addresses: dict[str, str] = self.note["addresses"]

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(UP_SECONDS_MAX)


@contextmanager
def up(cwd: Path, *options: str) -> Iterator[Up]:
    """Empty unless options say otherwise."""
    running = Up(cwd, *(options or ("--empty",)))
    try:
        yield running
    finally:
        if running.process.poll() is None:
            assert running.end(signal.SIGTERM) == ExitCode.DONE


def processes_of(cwd: Path) -> list[int]:
    """Every process whose command line or folder names ours: what a stop must not leave behind."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                line = (entry / "cmdline").read_bytes() + bytes((entry / "cwd").readlink())
                if str(cwd).encode() in line:
                    found.append(int(entry.name))
        except OSError:
            continue
    return found
