"""What `tunggal up` shows: one live screen on a terminal, one line per event where it is piped."""

from datetime import datetime
from pathlib import Path
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from services.command.local import DEFAULT_FOLDER, LINE_NAME, Addresses
from services.command.watch import Standing


def words(addresses: Addresses, folder: Path, desk: str) -> str:
    """Where everything is, and what to try next. desk: a token with an office's roles."""
    tokens = folder / "tokens"
    option = f" --folder {folder}" if folder != DEFAULT_FOLDER else ""
    return f"""\
Tunggal is up. All people in it are synthetic. Data stays in {folder}; Ctrl-C ends it.
  centre        {addresses.central}/docs
  region 61.72  {addresses.regional}/docs
  line between  {addresses.line}, controlled at {addresses.control} (Toxiproxy's API)
  sign in       {addresses.regional}/sign-in: choose an officer, without a password (this machine
                alone), or paste the token below; then {addresses.regional}/office
  adjudicators  {addresses.central}/sign-in
  citizens      {addresses.regional}/status
  tokens        {tokens}/desk, officer, printer, operations, ... (12 h)
Try next, in another terminal (the README has a five-minute tour):
  curl -H "authorization: Bearer $(cat {tokens}/officer)" \\
    {addresses.regional}/v1/queue
  curl -d '{{"enabled":false}}' {addresses.control}/proxies/{LINE_NAME}
  tunggal outbox status{option}
Token of the desk (synthetic data, this machine, 12 h):
{desk}
"""


def age(since: datetime | None, now: datetime) -> str:
    if since is None:
        return "-"
    seconds = max(0, int((now - since).total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"


class Display(Protocol):
    def show(self, standing: Standing, now: datetime) -> None: ...
    def close(self) -> None: ...


class Screen:
    """For a terminal: the addresses stand still, to be copied; the figures move below them."""

    def __init__(self, console: Console, head: str) -> None:
        console.print(head, markup=False, highlight=False, soft_wrap=True)
        self._live = Live(Text("asking ..."), console=console, refresh_per_second=4)
        self._live.start()

    def show(self, standing: Standing, now: datetime) -> None:
        table = Table(box=None, padding=(0, 3, 0, 0))
        for title in ("line", "waiting", "oldest", "decided"):
            table.add_column(title, style="bold")
        table.add_row(
            _or_unknown(standing.line),
            _or_unknown(standing.waiting),
            age(standing.oldest_at, now),
            _or_unknown(standing.decided),
        )
        self._live.update(
            Group(table, Text(f"sample city: {standing.sample}")) if standing.sample else table
        )

    def close(self) -> None:
        self._live.stop()


class Lines:
    """For a pipe or a file: nothing is said twice."""

    def __init__(self, console: Console, head: str) -> None:
        self._console = console
        self._last: Standing | None = None
        self._say(head)

    def show(self, standing: Standing, now: datetime) -> None:
        before = self._last
        for name in ("line", "waiting", "decided", "sample"):
            new = getattr(standing, name)
            old = getattr(before, name) if before else None
            if new != old and (name != "sample" or _is_news(new)):
                self._say(f"{now.isoformat(timespec='seconds')} {name}: {_or_unknown(new)}")
        self._last = standing

    def close(self) -> None:
        pass

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


def display_on(console: Console, head: str) -> Display:
    return Screen(console, head) if console.is_terminal else Lines(console, head)


def _is_news(sample: str | None) -> bool:
    """Where lines stay, not each card is worth one."""
    return sample is not None and not sample.startswith(("recorded ", "printed "))


def _or_unknown(value: object) -> str:
    return "no answer" if value is None else str(value)
