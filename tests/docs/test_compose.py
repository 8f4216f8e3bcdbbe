"""docker-compose.yml without an engine: what a container may do, and names a service would read."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.central.penunggalan.iris.matcher import SHARDS
from services.central.penunggalan.iris.wire import shards_of
from services.central.settings import CentralSettings
from services.command.keys import KeyFolder
from services.command.local import CENTRAL_PORT, CONTROL_PORT, LINE_NAME, LINE_PORT, REGIONAL_PORT
from services.regional.settings import RegionalSettings
from services.simulator.settings import LineSettings, ProxySettings
from shared.database.embedded import SETTINGS as EMBEDDED

pytestmark = pytest.mark.rules

ROOT = Path(__file__).resolve().parents[2]
NOFILE_MAX = 20_000
KEYS = Path("/srv/tunggal/keys")
DATA = Path("/srv/tunggal/data")


def services() -> dict[str, dict[str, Any]]:
    read: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())[
        "services"
    ]
    return read


def dockerfile() -> str:
    return (ROOT / "deploy" / "Dockerfile").read_text()


each_service = pytest.mark.parametrize("name", services())
SERVERS = {"regional": RegionalSettings, "central": CentralSettings}
DATABASES = ["central-db", "regional-db"]
MATCHERS = ["matcher-a", "matcher-b"]


def settings_of(name: str) -> RegionalSettings | CentralSettings:
    """As it would be read with nothing exported: what stands in ${...:-} is empty then."""
    given = services()[name]["environment"]
    told = {key: re.sub(r"\$\{\w+:-\}", "", value) for key, value in given.items()}
    return SERVERS.get(name, CentralSettings).from_environment(told)


def seconds(text: str) -> int:
    assert re.fullmatch(r"[0-9]+s", text)
    return int(text[:-1])


@each_service
def test_a_container_may_do_little(name: str) -> None:
    one = services()[name]

    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in one
    assert "cap_add" not in one
    assert one["mem_limit"]
    assert max(one["ulimits"]["nofile"].values()) <= NOFILE_MAX
    assert any(place.split(":")[0] == "/tmp" for place in one["tmpfs"])


@each_service
def test_nothing_runs_as_root(name: str) -> None:
    one = services()[name]

    if "build" in one:
        assert one["build"]["target"] in {"regional", "central", "simulator"}
        assert "user" not in one
    else:
        assert one["user"] == "postgres"


def test_the_images_run_as_an_account_of_their_own() -> None:
    stages = re.split(r"^FROM ", dockerfile(), flags=re.MULTILINE)[1:]
    heads = [stage.splitlines()[0] for stage in stages]

    assert heads == [
        "python:3.12-slim AS build",
        "python:3.12-slim AS runtime",
        *(f"runtime AS {target}" for target in ("regional", "central", "simulator")),
    ]
    assert re.findall(r"^USER (.+)$", stages[1], re.MULTILINE) == ["10001:10001"]
    assert not any("USER" in stage for stage in stages[2:])
    assert "# syntax" not in dockerfile()


def test_images_hold_only_what_the_locks_name_by_hash() -> None:
    installs = re.findall(r"pip install [^\\&\n]+", dockerfile())

    assert len(installs) == 3
    for install in installs:
        words = shlex.split(install)
        assert "--require-hashes" in words or {"--no-deps", "--no-index"} <= set(words)


@each_service
def test_it_is_watched_or_ends_by_itself(name: str) -> None:
    one = services()[name]

    if one["restart"] == "no":
        assert name == "keys"
    else:
        assert one["restart"] == "unless-stopped"
        assert one["healthcheck"]["test"][0] == "CMD"


@each_service
def test_it_waits_for_what_it_needs(name: str) -> None:
    known = services()
    for other, wish in known[name].get("depends_on", {}).items():
        if known[other]["restart"] == "no":
            assert wish["condition"] == "service_completed_successfully"
        elif (name, other) == ("regional", "line"):
            assert wish["condition"] == "service_started"  # ready with the line down
        else:
            assert wish["condition"] == "service_healthy"


@each_service
def test_ports_are_published_on_this_machine_only(name: str) -> None:
    published = services()[name].get("ports", [])

    assert all(port.startswith("127.0.0.1:") for port in published)
    if name in DATABASES + MATCHERS:
        assert published == []


def test_the_ports_are_the_ones_the_command_looks_at() -> None:
    published = {name: one["ports"] for name, one in services().items() if "ports" in one}

    assert published == {
        name: [f"127.0.0.1:{port}:{port}"]
        for name, port in (
            ("central", CENTRAL_PORT),
            ("line", CONTROL_PORT),
            ("regional", REGIONAL_PORT),
        )
    }


@pytest.mark.parametrize("name", [*SERVERS, *MATCHERS])
def test_a_service_reads_every_setting_it_is_given(name: str) -> None:
    given = {key for key in services()[name]["environment"] if key.startswith("TUNGGAL_")}

    settings = settings_of(name)

    assert {one.name for one in settings.describe()} >= given
    assert settings.database_url is not None
    assert "@" in settings.database_url.get_secret_value()
    assert not re.search(r"://[^/@]*:[^/@]*@", settings.database_url.get_secret_value())


@pytest.mark.parametrize("name", [*SERVERS, *MATCHERS])
def test_a_service_is_given_time_to_finish(name: str) -> None:
    grace_seconds = seconds(services()[name]["stop_grace_period"])

    assert grace_seconds > settings_of(name).shutdown_seconds_max


def test_keys_lie_where_they_are_looked_for() -> None:
    keys = KeyFolder(KEYS)
    regional, central = settings_of("regional"), settings_of("central")
    assert isinstance(regional, RegionalSettings)
    assert isinstance(central, CentralSettings)

    assert (regional.key_file, central.key_file) == (keys.region(regional.region), keys.centre)
    assert (regional.centre_jwks, central.regions_jwks) == (
        str(keys.centre_jwks),
        keys.regions_jwks,
    )
    assert {regional.token_jwks, central.token_jwks} == {str(keys.issuer_jwks)}
    mounts = {name: one.get("volumes") for name, one in services().items() if "build" in one}
    assert mounts.pop("line") is None
    # Matchers are given the gallery's keys, and nothing that is signed with.
    for name in MATCHERS:
        (mount,) = mounts.pop(name)
        folder = KEYS / mount["volume"]["subpath"]
        assert (mount["source"], mount["read_only"], mount["target"]) == ("keys", True, str(folder))
        assert settings_of(name).gallery_key_file == keys.centre_gallery
    assert keys.centre_gallery.parent == folder
    assert mounts.pop("keys") == [f"keys:{KEYS}"]
    assert mounts == {name: [f"keys:{KEYS}:ro", f"{name}-evidence:{DATA}"] for name in SERVERS}
    assert f"TUNGGAL_FOLDER={KEYS.parent}" in dockerfile()


@pytest.mark.parametrize("name", SERVERS)
def test_a_read_only_container_has_one_place_for_images(name: str) -> None:
    settings = settings_of(name)

    assert settings.data_folder == DATA
    assert settings.evidence_store is None  # a folder in the data folder
    assert f" {DATA}" in dockerfile(), "a fresh volume takes its owner from the image"


def test_the_region_reaches_the_centre_by_the_line_alone() -> None:
    known = services()
    line = known["line"]["environment"]
    (proxy,) = [ProxySettings(**one) for one in json.loads(line["TUNGGAL_LINE_PROXIES"])]
    regional = settings_of("regional")
    assert isinstance(regional, RegionalSettings)

    assert regional.centre_address == f"http://line:{LINE_PORT}"
    assert (proxy.name, proxy.listen) == (LINE_NAME, f"0.0.0.0:{LINE_PORT}")
    assert proxy.upstream == f"central:{settings_of('central').port}"
    assert not set(known["regional"]["networks"]) & set(known["central"]["networks"])
    prefix = str(LineSettings.model_config["env_prefix"])
    assert {key.removeprefix(prefix).lower() for key in line} <= set(LineSettings.model_fields)


def test_matchers_together_hold_every_shard_once_and_the_centre_is_told_where() -> None:
    known = services()
    held = [shard for name in MATCHERS for shard in shards_of(known[name]["command"][-1])]
    text = (ROOT / "docker-compose.yml").read_text()
    (told,) = re.findall(r"COMPOSE_PROFILES=matchers MATCHERS=(\S+)", text)

    assert sorted(held) == list(range(SHARDS))
    assert told.split(",") == [f"http://{name}:{settings_of(name).port}" for name in MATCHERS]
    assert known["central"]["environment"]["TUNGGAL_CENTRAL_MATCHERS"] == "${MATCHERS:-}"
    assert told in (ROOT / "docs" / "OPERATIONS.md").read_text()
    central = CentralSettings.from_environment({"TUNGGAL_CENTRAL_MATCHERS": told})
    assert central.matchers == told


@pytest.mark.parametrize("name", MATCHERS)
def test_a_matcher_reaches_the_database_and_the_centre_and_nothing_else(name: str) -> None:
    known = services()

    assert known[name]["profiles"] == ["matchers"]
    assert known[name]["networks"] == ["central-data"]
    assert "central-data" in known["central"]["networks"]
    assert name not in known["central"]["depends_on"]  # it decides by the NIK without them
    secret = "TUNGGAL_CENTRAL_MATCHER_SECRET"
    assert known[name]["environment"][secret] == known["central"]["environment"][secret]


@pytest.mark.parametrize("name", DATABASES)
def test_a_database_is_kept_apart_and_keeps_people_out_of_its_log(name: str) -> None:
    one = services()[name]
    (network,) = one["networks"]
    read = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    given = dict(word.removeprefix("--").split("=") for word in one["command"][1:])

    assert read["networks"][network] == {"internal": True}
    assert one["volumes"] == [f"{name}:/var/lib/postgresql"]
    assert "127.0.0.1" in one["healthcheck"]["test"]
    promised = {key: value for key, value in EMBEDDED.items() if key.startswith("log_parameter")}
    promised |= {
        key: EMBEDDED[key]
        for key in ("log_error_verbosity", "log_min_error_statement", "log_statement")
    }
    assert promised.items() <= given.items()
    assert not given.keys() & {"fsync", "synchronous_commit", "full_page_writes"}


def test_no_password_stands_in_the_file() -> None:
    text = (ROOT / "docker-compose.yml").read_text()

    assert set(re.findall(r"PASSWORD: *(\S+?)[},]*\s", text)) == {'"${DB_PASSWORD}"'}
