"""Settings: a typo stops the start and is named; secrets stay out of sight."""

from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import Field

from shared.settings import ServiceSettings, UnfitSetting, UnknownSetting


class WorldSettings(ServiceSettings):
    PREFIX: ClassVar[str] = "TUNGGAL_TEST_"

    key_file: Path = Path("key.json")
    item_max: int = Field(5, ge=1, description="Items at once")


def test_a_typo_is_refused_and_the_nearest_name_is_told() -> None:
    with pytest.raises(UnknownSetting, match="Did you mean TUNGGAL_TEST_DATABASE_URL"):
        WorldSettings.from_environment({"TUNGGAL_TEST_DATABASE_ULR": "postgresql://x"})


def test_a_typo_in_the_prefix_is_refused_too() -> None:
    with pytest.raises(UnknownSetting, match="Did you mean TUNGGAL_TEST_PORT"):
        WorldSettings.from_environment({"TUNGGAL_TETS_PORT": "8700"})


def test_names_of_other_services_and_programs_are_left_alone() -> None:
    found = WorldSettings.from_environment(
        {"TUNGGAL_CENTRAL_NEW_IN_THE_NEXT_VERSION": "1", "PORT": "1", "PATH": "/bin"}
    )

    assert found == WorldSettings.from_environment({})


def test_a_value_may_stand_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql+asyncpg://tunggal:hush@db/regional\n")
    environment = {"TUNGGAL_TEST_DATABASE_URL_FILE": str(secret)}

    found = WorldSettings.from_environment(environment)

    assert found.database_url is not None
    assert found.database_url.get_secret_value().endswith("hush@db/regional")
    rows = {row.name: row for row in found.describe(environment)}
    assert rows["TUNGGAL_TEST_DATABASE_URL"].origin == "file"
    assert rows["TUNGGAL_TEST_DATABASE_URL"].is_secret
    assert "hush" not in str(rows)
    assert "hush" not in repr(found)


def test_a_setting_that_names_a_file_is_not_read_from_it() -> None:
    found = WorldSettings.from_environment({"TUNGGAL_TEST_KEY_FILE": "/run/secrets/key"})

    assert found.key_file == Path("/run/secrets/key")


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UnfitSetting, match="TUNGGAL_TEST_PORT_FILE"):
        WorldSettings.from_environment({"TUNGGAL_TEST_PORT_FILE": str(tmp_path / "none")})


def test_the_same_setting_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("1")

    with pytest.raises(UnfitSetting, match="TUNGGAL_TEST_PORT is given twice"):
        WorldSettings.from_environment(
            {"TUNGGAL_TEST_PORT": "1", "TUNGGAL_TEST_PORT_FILE": str(tmp_path / "port")}
        )


def test_an_empty_value_counts_as_absent() -> None:
    found = WorldSettings.from_environment({"TUNGGAL_TEST_DATABASE_URL": ""})

    assert found.database_url is None


def test_a_value_that_does_not_fit_is_refused_by_name_and_not_shown() -> None:
    with pytest.raises(UnfitSetting, match="TUNGGAL_TEST_ITEM_MAX") as refused:
        WorldSettings.from_environment({"TUNGGAL_TEST_ITEM_MAX": "hush"})

    assert "hush" not in str(refused.value)


def test_every_setting_is_described_with_its_origin() -> None:
    environment = {"TUNGGAL_TEST_ITEM_MAX": "7"}
    rows = {
        row.name: (row.value, row.origin)
        for row in WorldSettings.from_environment(environment).describe(environment)
    }

    assert rows["TUNGGAL_TEST_ITEM_MAX"] == ("7", "environment")
    assert rows["TUNGGAL_TEST_HOST"] == ("127.0.0.1", "default")
    assert len(rows) == len(WorldSettings.model_fields)
