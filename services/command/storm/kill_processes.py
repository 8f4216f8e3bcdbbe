"""The processes that get killed, forked from one that has imported everything: milliseconds each.

`python -m services.command.storm.kill_processes` takes one order a line on stdin and answers with a
pid. Linux only, as `kill -9` to the pid of another's child is.
"""

import ctypes
import importlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import httpx
import orjson

from services.central.app import create_app as create_central
from services.central.settings import CentralSettings
from services.regional.app import create_app as create_regional
from services.regional.settings import RegionalSettings
from shared.database.engine import Database
from shared.doors import serve
from shared.files import write_whole
from shared.telemetry import logs

PR_SET_PDEATHSIG = 1
PRINTER_PAUSE_SECONDS = 0.05
GONE_SECONDS_MAX = 10.0
LOOK_SECONDS = 0.001
LAST_WORDS = "ended by"

Settings = Mapping[str, Any]


def run_central(settings: Settings) -> None:
    """A central server on a database that is there."""
    chosen = CentralSettings.model_validate(settings)
    assert chosen.database_url is not None
    database = Database(chosen.database_url.get_secret_value(), chosen.database_connections_max)
    logs.set_up("central", "json", "warning")
    serve.run(lambda draining: create_central(chosen, database, draining), chosen)


def run_regional(settings: Settings) -> None:
    """A regional server with its uplink and feed reader; two may share a database."""
    chosen = RegionalSettings.model_validate(settings)
    assert chosen.database_url is not None
    database = Database(chosen.database_url.get_secret_value(), chosen.database_connections_max)
    logs.set_up("regional", "json", "warning")
    serve.run(lambda draining: create_regional(chosen, database, draining), chosen)


def run_printer(settings: Settings) -> None:
    """Spend, print, report, for ever; after a death the blank in hand is void.

    notebook: what it writes down before it takes a blank. cards: one line for each card that came
    out of the machine, which no database knows.
    """
    notebook, cards = Path(settings["notebook"]), Path(settings["cards"])
    with httpx.Client(
        base_url=settings["address"],
        headers={"authorization": f"Bearer {settings['token']}"},
        timeout=5.0,
        trust_env=False,
    ) as office:
        number = int(notebook.read_text()) if notebook.exists() else 0
        is_known = number == 0
        while True:
            try:
                if not is_known:
                    is_known = _void_if_cut_off(office, f"BLK-{number}")
                if is_known and (permission := _oldest(office)):
                    number += 1
                    write_whole(notebook, str(number))  # a death may come between any two
                    is_known = False
                    is_known = _print(office, permission, f"BLK-{number}", cards)
            except (httpx.HTTPError, ValueError, KeyError):
                pass  # the office is away: ask again
            time.sleep(PRINTER_PAUSE_SECONDS)


def _void_if_cut_off(office: httpx.Client, blank: str) -> bool:
    """Tells whether nothing is open about this blank any more."""
    found = office.get(f"/v1/cards/{blank}")
    if found.status_code == 404:
        return True
    if found.status_code != 200 or found.json()["state"] != "printing":
        return found.status_code == 200
    void = {"result": "spoiled", "cause": "power-cut"}
    return office.post(f"/v1/cards/{blank}/result", json=void).status_code == 200


def _oldest(office: httpx.Client) -> str | None:
    found = office.get("/v1/print-authorizations", params={"limit": 1}).raise_for_status()
    items = found.json()["items"]
    return str(items[0]["authorization_id"]) if items else None


def _print(office: httpx.Client, permission: str, blank: str, cards: Path) -> bool:
    path = f"/v1/print-authorizations/{permission}/spend"
    spent = office.post(path, json={"blank_serial": blank})
    if spent.status_code != 200:
        return False
    with cards.open("a") as printed:
        printed.write(f"{permission} {blank}\n")
    reported = office.post(f"/v1/cards/{blank}/result", json={"result": "printed"})
    return reported.status_code == 200


class Nursery:
    """Starts processes by forking one that is warm; use with `with`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(  # noqa: S603 our own program
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Whoever it started ends with it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def start(self, name: str, run: str, settings: Settings) -> int:
        """Fork one that runs `module:function` on these settings; gives its pid."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        log = str(self._folder / f"{name}.log")
        order = orjson.dumps({"run": run, "settings": settings, "log": log})
        self._process.stdin.write(order + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def free_port() -> int:
    """A port nobody listens at now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def kill(pid: int) -> bool:
    """Kill -9, and wait until it is gone; False if it had ended by itself."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    until = time.monotonic() + GONE_SECONDS_MAX
    while is_there(pid):
        if time.monotonic() > until:
            raise TimeoutError(f"{pid} does not end")
        time.sleep(LOOK_SECONDS)
    return True


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them: no zombies
    for line in sys.stdin.buffer:
        pid = os.fork()
        if pid == 0:
            _live(orjson.loads(line))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def _live(order: Mapping[str, Any]) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for here, there in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(here, there)
    module, _, function = order["run"].partition(":")
    try:
        getattr(importlib.import_module(module), function)(order["settings"])
    except BaseException as trouble:  # noqa: BLE001 the log is all that is left of it
        sys.stderr.write(f"{LAST_WORDS} {trouble!r}\n")
        sys.stderr.flush()
    os._exit(1)


if __name__ == "__main__":
    main()
