"""The machine itself: Python, packages, PostgreSQL, docs assets, settings, keys, ports."""

import importlib
import json
import os
import re
import socket
import stat
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from services.command.doctor.findings import Absent, Good, State, Trouble, Verdict
from services.command.local import (
    CENTRAL_PORT,
    CONTROL_PORT,
    HOST,
    ISSUER_PORT,
    LINE_PORT,
    REGIONAL_PORT,
)
from shared.database.placement import (
    ENVIRONMENT,
    EmbeddedPostgresFailed,
    installed_binaries,
)

PYTHON_MIN = (3, 11)
MINUTE_SECONDS = 60
# Parts that are compiled for one kind of machine: installed does not mean they load.
COMPILED = ("asyncpg", "cryptography.hazmat.bindings._rust", "orjson", "pydantic_core", "uvloop")
ASSETS = ("swagger-ui.css", "swagger-ui-bundle.js", "redoc.standalone.js", "favicon.png")
PORTS = {
    "--central-port": CENTRAL_PORT,
    "--regional-port": REGIONAL_PORT,
    "--line-port": LINE_PORT,
    "--control-port": CONTROL_PORT,
    "--issuer-port": ISSUER_PORT,
}


def python() -> Verdict:
    running = sys.version.split(maxsplit=1)[0]
    if sys.version_info < PYTHON_MIN:
        wanted = ".".join(str(part) for part in PYTHON_MIN)
        return Trouble(f"Python {running}", f"Install Python {wanted} or newer, then `make setup`.")
    return Good(f"Python {running}")


def packages() -> Verdict:
    """Everything this program depends on is installed, and what is compiled can be loaded."""
    missing = []
    wanted = [one for one in requires("tunggal") or [] if "extra ==" not in one]
    for requirement in wanted:
        name = re.split(r"[\s\[<>=!~;(]", requirement, maxsplit=1)[0]
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    for module in COMPILED:
        try:
            importlib.import_module(module)
        except ImportError:
            missing.append(module.partition(".")[0])
    if missing:
        return Trouble(f"cannot be loaded: {', '.join(missing)}", "Run `make clean-all setup`.")
    return Good(f"tunggal {version('tunggal')} with {len(wanted)} packages")


def postgres_programs() -> Verdict:
    """The wheel's PostgreSQL is there and runs; the services' own servers are looked at apart."""
    try:
        program = installed_binaries() / "postgres"
        asked = subprocess.run(  # noqa: S603
            [program, "--version"],
            check=True,
            capture_output=True,
            text=True,
            env=ENVIRONMENT,
            timeout=MINUTE_SECONDS,
        )
    except EmbeddedPostgresFailed as failed:
        return Trouble("the embedded PostgreSQL is not installed", str(failed))
    except (OSError, subprocess.SubprocessError):
        return Trouble(
            "the embedded PostgreSQL does not run on this machine",
            "Run `make clean-all setup`, or give the services a PostgreSQL of your own: "
            "TUNGGAL_CENTRAL_DATABASE_URL and TUNGGAL_REGIONAL_DATABASE_URL.",
        )
    return Good(asked.stdout.strip())


def docs_assets() -> Verdict:
    from shared.doors import pages

    missing = [name for name in ASSETS if not (pages.ASSETS / name).is_file()]
    if missing:
        return Trouble(
            f"/docs will stay blank without {', '.join(missing)}",
            "Run `make clean-all setup`: they come with the package fastapi-offline.",
            State.WARNING,
        )
    return Good("the API pages need no internet")


def settings(environment: Mapping[str, str]) -> Verdict:
    from services.central.settings import CentralSettings
    from services.regional.settings import RegionalSettings
    from shared.settings import UnfitSetting

    count = 0
    for kind in (CentralSettings, RegionalSettings):
        try:
            told = kind.from_environment(environment).describe(environment)
        except UnfitSetting as unfit:
            return Trouble(str(unfit), "Correct it or unset it; no service starts with it.")
        count += sum(one.origin != "default" for one in told)
    return Good(f"{count} set in the environment, the others by default")


def keys(folder: Path, environment: Mapping[str, str]) -> Verdict:
    """Private keys can be read by us and by nobody else, and are keys."""
    named = [environment.get(f"TUNGGAL_{name}_KEY_FILE") for name in ("CENTRAL", "REGIONAL")]
    public = ".jwks.json"
    here = (one for one in (folder / "keys").glob("*.json") if not one.name.endswith(public))
    paths = [*(Path(one) for one in named if one), *sorted(here)]
    if not paths:
        return Absent(f"none in {folder / 'keys'} yet: `tunggal up` makes them")
    for path in paths:
        if (trouble := _trouble_with_key(path)) is not None:
            return trouble
    return Good(f"{len(paths)} private keys, readable by their owner alone")


def _trouble_with_key(path: Path) -> Trouble | None:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text()
    except FileNotFoundError:
        return Trouble(
            f"{path} is not there", "Restore it from your backup; do not make a new one."
        )
    except (OSError, UnicodeDecodeError):
        return Trouble(
            f"{path} cannot be read",
            f"Run as its owner, or: chown {os.geteuid()} {path} && chmod 600 {path}",
        )
    if not _is_key(text):
        return Trouble(f"{path} is damaged", "Restore it from your backup; do not make a new one.")
    if mode & 0o077:
        found = f"{path} can be read by others (mode {mode:o})"
        return Trouble(found, f"chmod 600 {path}", State.WARNING)
    return None


def _is_key(text: str) -> bool:
    """One key that signs or opens, or a ring of those that seal."""
    try:
        found = json.loads(text)
        return found.get("kty") == "OKP" or bool(found.get("keys"))
    except (ValueError, AttributeError):
        return False


def ports(environment_ports: Mapping[str, int] = PORTS) -> Verdict:
    """Only asked while no system of ours runs here."""
    for option, port in environment_ports.items():
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((HOST, port))
            except OSError:
                return Trouble(
                    f"port {port} is taken by another program",
                    f"Stop it, or start with `tunggal up {option} {port + 1}`.",
                    State.WARNING,
                )
    return Good(f"{', '.join(str(port) for port in environment_ports.values())} are free")
