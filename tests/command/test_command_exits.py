"""Exit codes scripts may rely on, and one line that says what to do next."""

import json
from pathlib import Path

import pytest

from services.command.exits import ExitCode
from services.command.keys import KeyFolder
from services.command.tokens import region_of
from shared.roles import Role
from shared.signing import PinnedKeys, jwks_of
from tests.command.command_world import RECORDING_ID, tunggal
from tests.conftest import Databases
from tests.town import Town

NOBODY = "http://127.0.0.1:1"


async def test_help_names_every_exit_code(tmp_path: Path) -> None:
    said = await tunggal(tmp_path, "--help")

    told = " ".join(said.out.split())
    assert said.code == ExitCode.DONE
    assert all(f"{code.value} " in told for code in ExitCode)


async def test_an_id_that_is_none_is_wrong_use(tmp_path: Path) -> None:
    said = await tunggal(tmp_path, "outbox", "explain", "not-an-id")

    assert said.code == ExitCode.USAGE


async def test_without_a_key_or_token_it_says_where_one_comes_from(tmp_path: Path) -> None:
    explained = await tunggal(tmp_path, "outbox", "explain", RECORDING_ID)
    made = await tunggal(tmp_path, "token", "--role", "officer")

    assert (explained.code, made.code) == (ExitCode.NOT_FOUND, ExitCode.NOT_FOUND)
    assert "TUNGGAL_TOKEN" in explained.err
    assert "tunggal keys make" in made.err


async def test_when_nobody_answers_the_code_is_5_and_the_line_says_what_to_start(
    tmp_path: Path,
) -> None:
    said = await tunggal(
        tmp_path, "outbox", "status", "--regional", NOBODY, TUNGGAL_TOKEN="any.token.here"
    )

    assert said.code == ExitCode.UNREACHABLE
    assert said.err == (
        f"Nobody answers at {NOBODY}. Start `tunggal up`, or name the server with --regional.\n"
    )


async def test_a_token_the_region_does_not_believe_is_refused_by_a_rule(town: Town) -> None:
    said = await tunggal(
        town.keys.folder.parent,
        *("outbox", "explain", RECORDING_ID, "--regional", town.region.address),
        TUNGGAL_TOKEN="any.token.here",
    )

    assert said.code == ExitCode.REFUSED
    assert "token" in said.err


async def test_a_misspelt_setting_is_named_with_the_nearest_real_one(tmp_path: Path) -> None:
    said = await tunggal(tmp_path, "config", "show", "regional", TUNGGAL_REGIONAL_PROT="7")

    assert said.code == ExitCode.USAGE
    assert "TUNGGAL_REGIONAL_PORT" in said.err


async def test_config_tells_each_value_and_its_origin_and_no_secret(tmp_path: Path) -> None:
    url = "postgresql+asyncpg://tunggal:hunter2@db/regional"
    secret = tmp_path / "url"
    secret.write_text(url)

    said = await tunggal(
        tmp_path,
        *("config", "show", "regional", "--json"),
        TUNGGAL_REGIONAL_DATABASE_URL_FILE=str(secret),
        TUNGGAL_REGIONAL_PORT="9000",
    )

    told = {one["name"]: (one["value"], one["origin"]) for one in json.loads(said.out)}
    assert told["TUNGGAL_REGIONAL_PORT"] == ("9000", "environment")
    assert told["TUNGGAL_REGIONAL_DATABASE_URL"] == ("**********", "file")
    assert told["TUNGGAL_REGIONAL_REGION"] == ("61.72", "default")
    assert "hunter2" not in said.out + said.err


async def test_migrating_an_empty_database_twice_leaves_it_ready(
    databases: Databases, tmp_path: Path
) -> None:
    url = databases.server.url("empty_one")

    first = await tunggal(tmp_path, "migrate", "central", TUNGGAL_CENTRAL_DATABASE_URL=url)
    again = await tunggal(tmp_path, "migrate", "central", TUNGGAL_CENTRAL_DATABASE_URL=url)

    assert (first.code, again.code) == (ExitCode.DONE, ExitCode.DONE)


async def test_migrating_an_absent_database_tells_the_setting_and_not_its_value(
    tmp_path: Path,
) -> None:
    url = "postgresql+asyncpg://tunggal:hunter2@127.0.0.1:1/central"

    said = await tunggal(tmp_path, "migrate", "central", TUNGGAL_CENTRAL_DATABASE_URL=url)

    assert said.code == ExitCode.UNREACHABLE
    assert "TUNGGAL_CENTRAL_DATABASE_URL" in said.err
    assert "hunter2" not in said.out + said.err


@pytest.mark.parametrize(
    ("service", "path"),
    [("regional", "/v1/recordings/{recording_id}"), ("central", "/v1/regions/{region}/envelopes")],
)
async def test_openapi_prints_a_service_document_and_leaves_no_file(
    tmp_path: Path, service: str, path: str
) -> None:
    said = await tunggal(tmp_path, "openapi", service)

    assert path in json.loads(said.out)["paths"]
    assert list(tmp_path.iterdir()) == []


async def test_a_token_made_here_is_signed_by_the_key_made_here(tmp_path: Path) -> None:
    await tunggal(tmp_path, "keys", "make")

    said = await tunggal(tmp_path, "token", "--role", "officer")

    issuer = KeyFolder(tmp_path / ".tunggal" / "up" / "keys").issuer_key()
    claims = json.loads(PinnedKeys(jwks_of([issuer])).verify(said.out.strip(), "JWT").payload)
    assert (claims["roles"], claims["region"]) == (["officer"], "61.72")


@pytest.mark.rules
def test_a_token_names_a_region_only_where_the_region_is_all_it_is_for() -> None:
    assert region_of([Role.OFFICER]) == "61.72"
    assert region_of([Role.OPERATIONS]) is None
    assert region_of([Role.OPERATIONS, Role.PRINTER]) == "61.72"
