"""`tunggal region`: what people type when a region gets a key of its own, and when it loses it."""

import asyncio
import os
import re
from datetime import timedelta
from pathlib import Path

from typer.testing import CliRunner

from services.command.exits import ExitCode
from services.command.main import app
from shared.contracts.region_keys import fingerprint_of
from shared.roles import Role, make_token
from shared.signing import read_key
from tests.command.command_world import Said
from tests.faults.key_world import KeyWorld
from tests.town import Databases, Town, town_of

NEW_REGION = "61.71"
HOUR = timedelta(hours=1)


async def said_by(*arguments: str, **named: str) -> Said:
    """In this process, as several commands of one story need not start Python anew."""
    cleared = {name: None for name in os.environ if name.startswith("TUNGGAL_")}
    told = await asyncio.to_thread(
        CliRunner().invoke, app, ["region", *arguments], env={**cleared, **named}
    )
    return Said(told.exit_code, told.stdout, told.stderr)


def read_out(said: Said) -> str:
    """The fingerprint as somebody reads it from the screen, in groups of four."""
    found = re.search(r"^fingerprint  ((?:[0-9a-f]{4} ){5}[0-9a-f]{4})$", said.out, re.MULTILINE)
    assert found is not None
    return found[1]


async def at_region(town: Town, folder: Path, *arguments: str) -> Said:
    """On the machine of a region the centre never heard of."""
    settings = {
        "REGION": NEW_REGION,
        "CENTRE_ADDRESS": town.centre.address,
        "CENTRE_JWKS": str(town.keys.centre_jwks),
        "KEY_FILE": str(folder / "region.json"),
        "DATA_FOLDER": str(folder),
    }
    named = {f"TUNGGAL_REGIONAL_{name}": value for name, value in settings.items()}
    where = ("--out", str(folder)) if arguments == ("enrol",) else ()
    return await said_by(*arguments, *where, **named)


async def at_centre(town: Town, officer: str, *arguments: str) -> Said:
    token = make_token(
        town.keys.issuer_key(), officer, [Role.OPERATIONS], None, HOUR, town.clock.now()
    )
    return await said_by(*arguments, "--central", town.centre.address, TUNGGAL_TOKEN=token)


async def test_a_region_enrols_two_officers_type_what_they_heard_and_it_counts(
    databases: Databases, tmp_path: Path
) -> None:
    async with town_of(databases, tmp_path / "town", regional={"loops": False}) as town:
        asked = await at_region(town, tmp_path, "enrol")
        key = read_key(tmp_path / "region.json")
        name, heard = key.kid.partition("#")[2], read_out(asked)
        said = ("approve", NEW_REGION, name, "--fingerprint", heard, "--reason", "by phone")
        first = await at_centre(town, "pusat-1", *said)
        same = await at_centre(town, "pusat-1", *said)
        second = await at_centre(town, "pusat-2", *said)
        counts = await at_region(town, tmp_path, "enrol")
        rotated = await at_region(town, tmp_path, "rotate")
        following = read_key(tmp_path / "region.json")
        ended = await at_centre(town, "pusat-3", "revoke", NEW_REGION, name, "--reason", "stolen")
        refused = await at_region(town, tmp_path, "rotate")
        heard_by_the_centre = await KeyWorld(town).asked(following, NEW_REGION)

    assert asked.code == ExitCode.DEGRADED
    assert heard.replace(" ", "") == fingerprint_of(key.x)
    assert (tmp_path / f"{NEW_REGION}-{name}.key-request.json").exists()
    assert (tmp_path / "region.json").stat().st_mode & 0o777 == 0o600
    assert (first.code, same.code, second.code) == (0, ExitCode.REFUSED, 0)
    assert "active" in second.out
    assert (counts.code, rotated.code) == (0, 0)
    assert following.kid != key.kid
    assert following.kid.partition("#")[2] in ended.out
    assert refused.code == ExitCode.REFUSED
    assert "has revoked this server's key" in refused.err
    assert heard_by_the_centre == "region-key-revoked"


async def test_nothing_that_leaves_the_machine_holds_the_private_half(tmp_path: Path) -> None:
    said = await said_by(
        "enrol",
        "--no-send",
        "--out",
        str(tmp_path),
        TUNGGAL_REGIONAL_REGION=NEW_REGION,
        TUNGGAL_REGIONAL_KEY_FILE=str(tmp_path / "region.json"),
    )
    (request,) = tmp_path.glob("*.key-request.json")
    private = read_key(tmp_path / "region.json").private_jwk["d"]

    for text in (said.out, said.err, request.read_text()):
        assert str(private) not in text
