"""A secret is never an argument: whoever lists processes reads arguments. Files and environment."""

import re
from collections.abc import Iterator

import click
import pytest
import typer
import yaml
from pydantic import SecretStr

from deploy.checks.tracked import ROOT
from services.central.settings import CentralSettings
from services.command.main import app
from services.regional.settings import RegionalSettings
from shared.settings import ServiceSettings

pytestmark = [pytest.mark.rules, pytest.mark.security]

SECRET = re.compile(
    r"secret|password|passphrase|token|private|credential|database.?url|jwk\b", re.IGNORECASE
)
# Named like a secret and none: a file, a public half, a kind of thing.
NONE = {("keys", "public")}
# A setting that holds an address with a password, or a word that opens something.
HIDDEN = re.compile(r"secret$|password|database_url$|_token$")


def parameters() -> Iterator[tuple[tuple[str, ...], click.Parameter]]:
    def walk(
        command: click.Command, path: tuple[str, ...]
    ) -> Iterator[tuple[tuple[str, ...], click.Parameter]]:
        for one in command.params:
            yield path, one
        for name, inner in getattr(command, "commands", {}).items():
            yield from walk(inner, (*path, name))

    yield from walk(typer.main.get_command(app), ())


def test_no_command_takes_a_secret_as_an_argument() -> None:
    found = list(parameters())

    assert len(found) > 60
    secret = [
        (*path, one.name)
        for path, one in found
        if SECRET.search(one.name or "")
        and not re.search(r"file|folder|path|_id$", one.name or "")
        and (*path, one.name) not in NONE
    ]
    assert secret == []


def test_an_option_that_would_take_a_secret_is_found() -> None:
    assert SECRET.search("matcher_secret")
    assert SECRET.search("database_url")
    assert not SECRET.search("recordings")


@pytest.mark.parametrize("settings", [RegionalSettings, CentralSettings])
def test_a_secret_setting_is_hidden_and_may_stand_in_a_file(
    settings: type[ServiceSettings], tmp_path: object
) -> None:
    for name, field in settings.model_fields.items():
        if HIDDEN.search(name):
            assert "SecretStr" in str(field.annotation), name
        if SecretStr in getattr(field.annotation, "__args__", (field.annotation,)):
            assert HIDDEN.search(name), f"{name} is secret and not named so"


def test_no_service_of_the_compose_file_is_given_a_secret_in_its_command() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]

    for name, one in services.items():
        words = " ".join(map(str, one.get("command", [])))
        assert not re.search(r"\$\{|password|secret|token=", words, re.IGNORECASE), name
