"""Settings by environment: `TUNGGAL_…`, each also as `…_FILE` naming a file that holds the value.

An unknown name with the service's own prefix stops the start: a typo must not become a default.
"""

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

FILE_SUFFIX = "_FILE"


class UnknownSetting(ValueError):
    """A name in the environment that nothing reads; the message names the nearest known one."""


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    value: str
    origin: str  # "environment", "file" or "default"


class ServiceSettings(BaseSettings):
    """What every service takes; services subclass it with a prefix of their own."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    data_folder: Path = Field(Path(".tunggal/up"), description="Where the service keeps its files")
    database_url: SecretStr | None = Field(
        None, description="postgresql+asyncpg://…; empty: an embedded PostgreSQL of its own"
    )
    host: str = "127.0.0.1"
    port: int = Field(0, ge=0, le=65_535, description="0: any free port, told when ready")
    log_format: Literal["auto", "json", "pretty"] = "auto"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    token_jwks: str = Field(
        ".tunggal/up/keys/issuer.jwks.json",
        description="Public keys of the token issuer: a JWKS file or its http(s) address",
    )
    token_issuer: str = "tunggal-local"  # noqa: S105 a name, not a secret
    otel_endpoint: str | None = Field(None, description="OTLP over HTTP; empty: no traces leave")
    connections_max: int = Field(1_000, ge=1, description="Requests at once; more get 503")
    database_connections_max: int = Field(10, ge=2)
    body_seconds_max: float = Field(60.0, gt=0, description="A request body must be here by then")
    shutdown_seconds_max: int = Field(20, ge=1)

    PREFIX: ClassVar[str] = "TUNGGAL_"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read names with this service's prefix. Raises UnknownSetting and pydantic's ValidationError."""
        values: dict[str, Any] = {}
        for name, text in environment.items():
            if not name.startswith(cls.PREFIX):
                continue
            field = name.removeprefix(cls.PREFIX).lower()
            if field in cls.model_fields:
                values[field] = text
            elif name.endswith(FILE_SUFFIX) and _without_file(field) in cls.model_fields:
                values[_without_file(field)] = Path(text).read_text().strip()
            else:
                raise UnknownSetting(_unknown(name, cls))
        # Only what was read above counts: no second look at the environment.
        return cls.model_validate(values)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

    def describe(self, environment: Mapping[str, str] = os.environ) -> list[Setting]:
        """Every setting with its value (secrets hidden) and where it came from."""
        told = []
        for field in type(self).model_fields:
            name = self.PREFIX + field.upper()
            origin = "default"
            if name in environment:
                origin = "environment"
            elif name + FILE_SUFFIX in environment:
                origin = "file"
            told.append(Setting(name, str(getattr(self, field)), origin))
        return told


def _without_file(field: str) -> str:
    return field.removesuffix(FILE_SUFFIX.lower())


def _unknown(name: str, settings: type[ServiceSettings]) -> str:
    known = [settings.PREFIX + field.upper() for field in settings.model_fields]
    nearest = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {nearest[0]}?" if nearest else ""
    return f"Nothing reads {name}.{hint}"
