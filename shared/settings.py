"""Settings by environment: `TUNGGAL_…`, each also as `…_FILE` naming a file that holds the value.

A name that nothing reads stops the start: a typo must not become a default. So does a name of ours
that is given twice, or a value that does not fit. An empty value counts as absent, as compose files
write it. Names of the other services are theirs to judge.
"""

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from shared.limits import fronts_of, role_paces_of

FAMILY = "TUNGGAL_"
_ISSUER = re.compile(r"(https://[^\s/?#@]+|http://(127\.0\.0\.1|localhost)(:[0-9]+)?)(/[^\s?#]*)?")
FILE_SUFFIX = "_FILE"
# What else may begin with TUNGGAL_: the services' names and the command's own.
KNOWN_BEGINNINGS = (
    "TUNGGAL_REGIONAL_",
    "TUNGGAL_CENTRAL_",
    "TUNGGAL_LINE_",
    "TUNGGAL_ISSUER_",
    "TUNGGAL_TEST_",
    "TUNGGAL_AT_",
    "TUNGGAL_FOLDER",
    "TUNGGAL_TOKEN",
)


def sealing_file_of(key_file: Path) -> Path:
    """Where keys of sealed records lie unless a setting says otherwise: beside the private key."""
    return key_file.parent / "sealing" / key_file.name


def gallery_file_of(key_file: Path) -> Path:
    """Where gallery keys lie unless a setting says otherwise: in a folder beside the service's key.

    A folder, so that matchers can be given it, and not what the centre signs with.
    """
    return key_file.parent / "gallery" / key_file.name


class UnfitSetting(ValueError):
    """A setting that cannot be used; the message says which and why, never its value."""


class UnknownSetting(UnfitSetting):
    """A name in the environment that nothing reads; the message names the nearest known one."""


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    value: str  # "**********" for a secret
    origin: Literal["environment", "file", "default"]
    is_secret: bool
    description: str


class ServiceSettings(BaseSettings):
    """What every service takes; services subclass it with a prefix of their own."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

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
    token_sign_in: bool = Field(
        True,
        description="Officers may sign in at pages by pasting a token; no where there is an issuer",
    )
    pages_address: str | None = Field(
        None,
        pattern=r"^https?://[^\s/?#@]+/?$",
        description="Where browsers open this server's pages, as its issuer knows it",
    )
    oidc_issuer: str | None = Field(
        None,
        description="OpenID Connect: the issuer officers sign in at (https, or this machine); "
        "empty: none",
    )
    oidc_client_id: str | None = Field(None, description="This service's name at the issuer")
    oidc_client_secret: SecretStr | None = Field(
        None, description="Its secret there, by OIDC_CLIENT_SECRET_FILE; empty: a public client"
    )
    oidc_audience: str | None = Field(
        None,
        description="Audience of the issuer's access tokens that count at the API; empty: none do",
    )
    oidc_algorithms: str = Field(
        "Ed25519,EdDSA,ES256,PS256,RS256",
        description="What the issuer may sign with, of these and ES384, PS384, RS384",
    )
    oidc_scopes: str = Field("openid", description="Scopes that are asked for")
    oidc_subject_claim: str = Field(
        "sub",
        description="Claim that names the officer by an id; at the centre and all regions "
        "the same for one person",
    )
    oidc_roles_claim: str = Field(
        "roles",
        description="Claim with the list of roles; dots lead deeper",
    )
    oidc_roles: str = Field(
        "", description="`theirs=ours,…` by role; empty: the issuer uses our words"
    )
    oidc_region_claim: str = Field("region", description="Claim with the region's code")
    oidc_office_claim: str = Field(
        "office", description="Claim with the office, such as 61.72.01, of whoever is bound to one"
    )
    oidc_ca: Path | None = Field(
        None, description="PEM of the only authority believed for the issuer's certificate"
    )
    session_idle_minutes: int = Field(
        30, ge=1, le=120, description="A session at pages ends after so long without use"
    )
    session_hours_max: float = Field(
        9.0, gt=0, le=12, description="And after so long, whatever is done: a day at the office"
    )
    otel_endpoint: str | None = Field(None, description="OTLP over HTTP; empty: no traces leave")
    connections_max: int = Field(1_000, ge=1, description="Requests at once; more get 503")
    database_connections_max: int = Field(10, ge=2)
    body_seconds_max: float = Field(60.0, gt=0, description="A request body must be here by then")
    head_seconds_max: float = Field(10.0, gt=0, description="A request's head must be here by then")
    idle_seconds_max: float = Field(
        30.0, gt=0, description="A connection without a request is kept for so long"
    )
    answer_seconds_max: float = Field(
        30.0, gt=0, description="An answer of which nothing is read for so long is given up"
    )
    open_connections_max: int = Field(
        4_096, ge=16, description="More, and whoever has waited longest without a request must go"
    )
    open_connections_address_max: int = Field(
        2_048, ge=1, description="The same for one address; trusted fronts may have all"
    )
    trusted_fronts: str = Field(
        "",
        description="Addresses or networks of proxies in front, separated by commas: only their "
        "X-Forwarded-For is believed",
    )
    address_per_second: float = Field(
        20.0,
        ge=0,
        le=1e6,
        description="Requests of one address that no token, session or signature vouches for; "
        "twenty seconds' worth may come at once; 0: any number",
    )
    role_per_second: str = Field(
        "20",
        description="Requests of one bearer beside recordings, and exceptions by role: "
        "`20,operations=50`; 0: any number",
    )
    region_per_second: float = Field(
        200.0, ge=0, le=1e6, description="Requests signed by one region; 0: any number"
    )
    shutdown_seconds_max: int = Field(20, ge=1)

    PREFIX: ClassVar[str] = "TUNGGAL_"

    @field_validator("oidc_issuer")
    @classmethod
    def _is_safe_to_ask(cls, address: str | None) -> str | None:
        """Whoever reads the line to the issuer would be anybody. Raises ValueError."""
        if address and not _ISSUER.fullmatch(address):
            raise ValueError("by https://, or by http:// on this machine, without query")
        return address

    @field_validator("trusted_fronts", "role_per_second")
    @classmethod
    def _is_readable(cls, text: str, info: ValidationInfo) -> str:
        """Found out at the start, not with the first request. Raises ValueError."""
        (fronts_of if info.field_name == "trusted_fronts" else role_paces_of)(text)
        return text

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read this service's names, and only them. Raises UnfitSetting."""
        values: dict[str, Any] = {}
        for name, text in environment.items():
            if not name.startswith(FAMILY) or not text:
                continue
            if not name.startswith(cls.PREFIX):
                if not name.startswith(KNOWN_BEGINNINGS):
                    raise UnknownSetting(_unknown(name, cls))
                continue
            field = name.removeprefix(cls.PREFIX).lower()
            if field not in cls.model_fields:
                field = field.removesuffix(FILE_SUFFIX.lower())
                if field not in cls.model_fields or not name.endswith(FILE_SUFFIX):
                    raise UnknownSetting(_unknown(name, cls))
                text = _read(name, text)  # noqa: PLW2901
            if field in values:
                raise UnfitSetting(f"{cls.PREFIX}{field.upper()} is given twice, once as a file.")
            values[field] = text
        try:
            # Only what was read above counts: no second look at the environment.
            return cls.model_validate(values)
        except ValidationError as faults:
            raise UnfitSetting(_unfit(faults, cls)) from None

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
        for field, facts in type(self).model_fields.items():
            name = self.PREFIX + field.upper()
            origin: Literal["environment", "file", "default"] = "default"
            if environment.get(name):
                origin = "environment"
            elif environment.get(name + FILE_SUFFIX):
                origin = "file"
            value = getattr(self, field)
            told.append(
                Setting(
                    name=name,
                    value="" if value is None else str(value),
                    origin=origin,
                    is_secret=isinstance(value, SecretStr),
                    description=facts.description or "",
                )
            )
        return told


def _read(name: str, path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as trouble:
        raise UnfitSetting(
            f"{name} names a file that cannot be read: {type(trouble).__name__}."
        ) from None


def _unfit(faults: ValidationError, settings: type[ServiceSettings]) -> str:
    return "\n".join(
        f"{settings.PREFIX}{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}."
        for fault in faults.errors(include_input=False, include_url=False, include_context=False)
    )


def _unknown(name: str, settings: type[ServiceSettings]) -> str:
    known = [settings.PREFIX + field.upper() for field in settings.model_fields]
    nearest = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {nearest[0]}?" if nearest else ""
    return f"Nothing reads {name}.{hint}"
