"""How a command ends: exit codes scripts may rely on, and one line that says what to do next."""

from enum import IntEnum
from typing import NoReturn

import typer


class ExitCode(IntEnum):
    """Stable: documented in docs/COMMAND.md and in `tunggal --help`."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    REFUSED = 4  # understood, and a rule forbids it
    UNREACHABLE = 5  # nobody answers there
    DEGRADED = 6  # it works, and something wants looking after
    INTERRUPTED = 130


EPILOG = (
    "Exit codes: 0 done, 1 failed, 2 wrong use, 3 not found, 4 refused by a rule, "
    "5 nobody answers, 6 degraded, 130 interrupted. "
    "Data goes to stdout, talk to stderr; --json where data comes out.\n\n"
    "Start with `tunggal demo`, or `tunggal up` and open its /docs. More: docs/COMMAND.md."
)


def give_up(code: ExitCode, sentence: str) -> NoReturn:
    """End the command with one line on stderr that says what to do next."""
    typer.echo(sentence, err=True)
    raise typer.Exit(code)
