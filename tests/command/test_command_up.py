"""`tunggal up`: what it says, what it keeps, and how it ends."""

import signal
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.command.exits import ExitCode
from services.command.tokens import DESK
from shared.roles import Role
from tests.command.command_world import EXAMPLE, RECORDING_ID, tunggal
from tests.command.up_world import Up, place, processes_of, up


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with place() as made:
        yield made


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Up]:
    with up(folder) as one:
        yield one


def officer(folder: Path) -> dict[str, str]:
    token = (folder / ".tunggal" / "up" / "tokens" / "officer").read_text().strip()
    return {"authorization": f"Bearer {token}"}


def test_it_says_where_everything_is(running: Up) -> None:
    said = running.said.read_text()

    assert all(address in said for address in running.addresses.values())
    assert "synthetic" in said
    for service in ("central", "regional"):
        page = httpx.get(f"{running.addresses[service]}/docs", trust_env=False)
        assert page.status_code == 200


def test_a_token_file_for_each_role_is_ours_alone(running: Up, folder: Path) -> None:
    tokens = folder / ".tunggal" / "up" / "tokens"

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tokens.iterdir()}
    assert modes == dict.fromkeys((*(role.value for role in Role), DESK), 384)
    queue = httpx.get(
        f"{running.addresses['regional']}/v1/queue", headers=officer(folder), trust_env=False
    )
    assert queue.status_code == 200


@pytest.mark.parametrize(
    ("service", "officer", "home"),
    [("regional", "desk-1", "/office"), ("central", "adjudicator-1", "/adjudication")],
)
def test_officers_sign_in_at_the_issuer_of_this_machine(
    running: Up, service: str, officer: str, home: str
) -> None:
    here = running.addresses[service]
    with httpx.Client(trust_env=False) as browser:
        begun = browser.get(f"{here}/sign-in/at-issuer?next={home}")
        waits = begun.headers["set-cookie"].partition(";")[0]
        chosen = browser.post(begun.headers["location"], data={"officer": officer})
        back = browser.get(chosen.headers["location"], headers={"cookie": waits})
        session = back.headers.get_list("set-cookie")[0].partition(";")[0]
        page = browser.get(here + home, headers={"cookie": session})
        foreign = browser.get(begun.headers["location"], headers={"host": "evil.example"})

    assert chosen.headers["location"].startswith(f"{here}/sign-in/callback?code=")
    assert (back.status_code, page.status_code, foreign.status_code) == (200, 200, 403)
    assert officer in page.text
    assert f"{here}/sign-in" in running.said.read_text()


async def test_the_other_commands_find_it_without_being_told(running: Up, folder: Path) -> None:
    made = await tunggal(folder, "token", "--role", "officer")
    status = await tunggal(folder, "outbox", "status", TUNGGAL_TOKEN=made.out.strip())
    examined = await tunggal(folder, "doctor")

    assert (made.code, status.code, examined.code) == (0, 0, 0), examined.out
    assert "waiting   0" in status.out
    assert "the region has room for" in " ".join(examined.out.split())
    assert "catch-up  0 to 0 s" in status.out
    assert "next      Go on recording" in status.out


async def test_a_second_one_is_told_who_runs_and_how_to_stop_it(running: Up, folder: Path) -> None:
    second = await tunggal(folder, "up")

    assert second.code == ExitCode.FAILED
    assert f"kill {running.note['pid']}" in second.err
    assert running.addresses["regional"] in second.err


async def test_a_taken_port_is_named_with_the_option_that_changes_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = await tunggal(
            tmp_path, "up", "--central-port=0", f"--regional-port={port}", "--control-port=0"
        )

    assert said.code == ExitCode.FAILED
    assert f"Port {port} is taken" in said.err
    assert f"--regional-port {port + 1}" in said.err


def test_what_was_recorded_outlives_ctrl_c_and_no_process_outlives_up(
    running: Up, folder: Path
) -> None:
    path = f"/v1/recordings/{RECORDING_ID}"
    taken = httpx.put(
        running.addresses["regional"] + path,
        content=EXAMPLE.read_bytes(),
        headers={**officer(folder), "content-type": "application/json"},
        trust_env=False,
    )
    assert taken.status_code == 202

    assert running.end(signal.SIGINT) == ExitCode.INTERRUPTED
    assert processes_of(folder) == []
    assert not (folder / ".tunggal" / "up" / "up.json").exists()

    with up(folder) as again:
        kept = httpx.get(
            again.addresses["regional"] + path, headers=officer(folder), trust_env=False
        )
        assert kept.json()["recording_id"] == RECORDING_ID
        again.end(signal.SIGKILL)  # nobody is left to stop the others: they end by themselves
        deadline = time.monotonic() + 30
        while processes_of(folder) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert processes_of(folder) == []
