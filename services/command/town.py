"""A whole town on one machine: PostgreSQL, a centre and a region as processes of their own.

Used by `tunggal up`, the demonstration and the bench. Services are stopped by the pid we started.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from services.command.keys import KeyFolder
from shared.clock import SystemClock
from shared.database.embedded import EmbeddedPostgres, start
from shared.roles import LIFETIME_MAX, Role, make_token

READY_SECONDS_MAX = 90
STOP_SECONDS_MAX = 40
PR_SET_PDEATHSIG = 1
REGION = "61.72"
NEIGHBOUR = "61.07"


class TownTrouble(Exception):
    """Something of the town did not start; the message says what to look at."""


@dataclass(frozen=True, slots=True)
class TownPlan:
    """What to start and where. Ports of 0 take any free one."""

    folder: Path
    central_port: int = 0
    regional_port: int = 0
    regions: Sequence[str] = (REGION, NEIGHBOUR)
    postgres: Mapping[str, str] = field(default_factory=dict)
    central: Mapping[str, str] = field(default_factory=dict)  # settings without their prefix
    regional: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Running:
    name: str
    process: subprocess.Popen[bytes]
    address: str
    log_file: Path


class Town:
    """Started with `with`; the region is started apart, because it may speak over a line."""

    def __init__(self, plan: TownPlan) -> None:
        self.plan = plan
        self.keys = KeyFolder(plan.folder / "keys")
        self._postgres: dict[str, EmbeddedPostgres] = {}
        self._running: dict[str, Running] = {}

    def __enter__(self) -> Self:
        self.keys.make(self.plan.regions)
        try:
            for name in ("central", "regional"):
                self._postgres[name] = start(
                    self.plan.folder / name / "postgres", settings=self.plan.postgres
                )
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        trouble: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start_central(self) -> str:
        """Gives the centre's address once it is ready."""
        return self._start(
            "central",
            {
                "DATABASE_URL": self._postgres["central"].url("central"),
                "PORT": str(self.plan.central_port),
                "KEY_FILE": str(self.keys.centre),
                "REGIONS_JWKS": str(self.keys.regions_jwks),
                **self.plan.central,
            },
        )

    def start_regional(self, centre_address: str) -> str:
        """Gives the region's address once it is ready."""
        return self._start(
            "regional",
            {
                "DATABASE_URL": self._postgres["regional"].url("regional"),
                "PORT": str(self.plan.regional_port),
                "REGION": REGION,
                "CENTRE_ADDRESS": centre_address,
                "CENTRE_JWKS": str(self.keys.centre_jwks),
                "KEY_FILE": str(self.keys.region(REGION)),
                **self.plan.regional,
            },
        )

    def start_line(self, environment: Mapping[str, str], address: str) -> str:
        """Start the simulated line with its control API, ready at `address`."""
        return self._spawn("simulator", "TUNGGAL_LINE_", environment, address)

    def start_issuer(self, environment: Mapping[str, str], address: str) -> str:
        """Start the development issuer, ready at `address`."""
        return self._spawn("issuer", "TUNGGAL_ISSUER_", environment, address)

    def token(self, *roles: Role, region: str | None = REGION) -> str:
        return make_token(
            self.keys.issuer_key(),
            "demo",
            list(roles),
            region,
            LIFETIME_MAX - timedelta(minutes=1),
            SystemClock().now(),
        )

    def postgres_url(self, name: str, database: str) -> str:
        return self._postgres[name].url(database)

    def pid(self, name: str) -> int:
        return self._running[name].process.pid

    def processes(self, name: str) -> list[int]:
        """Pids of a service, or of "regional-postgres" with all its backends."""
        service, _, is_postgres = name.partition("-")
        if not is_postgres:
            return [self.pid(name)]
        first = self._postgres[service].pid
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    def check_alive(self) -> None:
        """Raises TownTrouble when a process ended by itself."""
        for one in self._running.values():
            if one.process.poll() is not None:
                raise TownTrouble(f"{one.name} ended by itself; look at {one.log_file}")

    def stop(self) -> None:
        """Stop in reverse: whoever asks before whoever answers, the databases last."""
        for one in reversed(list(self._running.values())):
            _end(one.process)
        self._running.clear()
        for postgres in self._postgres.values():
            postgres.stop()
        self._postgres.clear()

    def _start(self, name: str, settings: Mapping[str, str]) -> str:
        prefix = f"TUNGGAL_{name.upper()}_"
        common = {"DATA_FOLDER": str(self.plan.folder), "TOKEN_JWKS": str(self.keys.issuer_jwks)}
        return self._spawn(name, prefix, {**common, "LOG_FORMAT": "json", **settings}, None)

    def _spawn(
        self, name: str, prefix: str, settings: Mapping[str, str], address: str | None
    ) -> str:
        port_file = self.plan.folder / f"{name}.address"
        port_file.unlink(missing_ok=True)
        log_file = self.plan.folder / f"{name}.log"
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith("TUNGGAL_")
        }
        environment |= {prefix + key: value for key, value in settings.items()}
        command = [sys.executable, "-m", "services.command.main", "serve", name]
        if address is None:
            command += ["--port-file", str(port_file)]
        with log_file.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 our own program
                command,
                env=environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_end_with_parent(),  # noqa: PLW1509
            )
        running = Running(name, process, address or "", log_file)
        self._running[name] = running
        deadline = time.monotonic() + READY_SECONDS_MAX
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise TownTrouble(f"{name} did not start; look at {log_file}")
            if not running.address and port_file.exists():
                running.address = port_file.read_text()
            if running.address and _answers(running.address, name):
                return running.address
            time.sleep(0.05)
        raise TownTrouble(f"{name} was not ready after {READY_SECONDS_MAX} s; look at {log_file}")


def _answers(address: str, name: str) -> bool:
    path = {"simulator": "/livez", "issuer": "/jwks"}.get(name, "/readyz")
    try:
        return httpx.get(address + path, timeout=2.0, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _end_with_parent() -> Callable[[], None] | None:
    """What a child does first: ask for SIGTERM when the thread that started it dies. Linux only.

    Nobody else stops it then: it has a session of its own, so that Ctrl-C reaches only us.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # died in between
            os._exit(1)

    return ask


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
