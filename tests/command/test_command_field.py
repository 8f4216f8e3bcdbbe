"""`tunggal field`: a team packs without a line and sends when there is one, maybe often."""

import asyncio
import json
import threading
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from services.command import field as command
from services.command.exits import ExitCode
from services.command.field import field_commands
from services.simulator.proxy import Line
from shared.clock import SystemClock
from shared.contracts.field_batch import seal
from shared.contracts.recording import canonical_bytes
from shared.ids import new_id
from shared.roles import Role
from shared.signing import new_key
from tests.recordings import a_recording
from tests.town import Town

STATION = "kecamatan-1"
A, B = a_recording(1, station=STATION), a_recording(2, station=STATION)


async def field(*arguments: str, token: str = "") -> Result:
    """In a thread: the town serves meanwhile."""
    environment = {"TUNGGAL_TOKEN": token, "NO_COLOR": "1", "COLUMNS": "200"}
    return await asyncio.to_thread(
        CliRunner().invoke, field_commands, list(arguments), env=environment
    )


async def test_a_team_packs_without_a_line_and_sends_later(town: Town, tmp_path: Path) -> None:
    folder, out = tmp_path / "recordings", tmp_path / "stick"
    folder.mkdir()
    for number in range(1, 4):
        one = a_recording(number, station=STATION)
        (folder / f"{number}.json").write_bytes(canonical_bytes(one.recording_id, one))
    (folder / "half.json").write_text('{"recording_id": ')
    where = ("--key", str(tmp_path / "key.json"))
    token = town.token(Role.OFFICER)

    made = await field("key", STATION, *where)
    printed = json.loads(made.stdout)
    assert (await field("key", STATION, *where)).stdout == made.stdout
    packed = await field("pack", str(folder), "--station", STATION, "--to", str(out), *where)
    assert packed.exit_code == ExitCode.DEGRADED
    assert "half.json" in packed.stderr
    (file,) = out.iterdir()
    assert packed.stdout.strip() == str(file)

    async def send(*more: str, address: str = town.region.address) -> Result:
        return await field("send", str(file), "--to", address, *more, token=token)

    refused = await send()
    assert refused.exit_code == ExitCode.REFUSED
    assert "enrolled" in refused.stderr
    enrolled = await town.at_region(Role.HEAD_OF_OFFICE).put(
        f"/v1/field-stations/{printed['key_id']}", json=printed["key"]
    )
    assert enrolled.status_code == 200
    alone = await send("--tries", "1", address="http://127.0.0.1:9")
    assert alone.exit_code == ExitCode.UNREACHABLE
    assert "Nothing is lost" in alone.stderr
    sent = await send()
    assert sent.exit_code == ExitCode.DONE
    assert sent.stdout.startswith("3 taken, 0 held already, 0 refused")
    report = json.loads((await send("--json")).stdout)
    assert (report["taken"], report["refused"]) == (3, 0)
    assert len(report["items"]) == 3


async def test_a_broken_line_only_takes_longer(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_waiting, is_back = threading.Event(), threading.Event()

    def wait(_: float) -> None:
        is_waiting.set()
        is_back.wait(30)

    monkeypatch.setattr(command, "sleep", wait)
    key, batch_id = new_key(str(new_id())), new_id()
    await town.at_region(Role.HEAD_OF_OFFICE).put(
        f"/v1/field-stations/{key.kid}", json={"station": STATION, "x": key.public_jwk["x"]}
    )
    bodies = [(one.recording_id, canonical_bytes(one.recording_id, one)) for one in (A, B)]
    file = tmp_path / "one.batch"
    file.write_bytes(seal(key, batch_id, STATION, SystemClock().now(), bodies))
    token = town.token(Role.OFFICER)
    line = await Line(("127.0.0.1", town.region.port)).start()
    try:
        await line.cut()
        host, port = line.listen
        sending = asyncio.create_task(
            field("send", str(file), "--to", f"http://{host}:{port}", token=token)
        )
        assert await asyncio.to_thread(is_waiting.wait, 30)
        await line.restore()
        is_back.set()
        sent = await sending
    finally:
        await line.stop()

    assert sent.exit_code == ExitCode.DONE
    assert sent.stdout.startswith("2 taken")
    assert "Again in" in sent.stderr
