"""`tunggal field`: a team packs without a line and sends when there is one, maybe often."""

import asyncio
import json
from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

from services.command.exits import ExitCode
from services.command.field import field_commands
from shared.contracts.recording import canonical_bytes
from shared.roles import Role
from tests.recordings import a_recording
from tests.town import Town

STATION = "kecamatan-1"


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
