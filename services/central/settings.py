"""Settings of the centre: `TUNGGAL_CENTRAL_…`."""

from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, SecretStr, model_validator

from shared.settings import ServiceSettings, gallery_file_of


class Irises(StrEnum):
    """What irises are to penunggalan."""

    IGNORED = "ignored"
    WHERE_READABLE = "where_readable"
    REQUIRED = "required"


class CentralSettings(ServiceSettings):
    PREFIX: ClassVar[str] = "TUNGGAL_CENTRAL_"

    key_file: Path = Field(
        Path(".tunggal/up/keys/centre.json"), description="The centre's private key (JWK)"
    )
    gallery_key_file: Path | None = Field(
        None,
        description="Keys that irises in the gallery are under (JWK Set), for matchers too; made "
        "at the first start; empty: in the folder gallery beside the private key",
    )
    sealing_key_file: Path | None = Field(
        None,
        description="Private keys that open sealed recordings, the first one published; empty: "
        "made in the folder sealing beside the private key",
    )
    kek_file: Path | None = Field(
        None,
        description="Secret keys that wrap the centre's data keys, the first one in use; empty: "
        "made in the folder sealing beside the private key",
    )
    regions_jwks: Path = Field(
        Path(".tunggal/up/keys/regions.jwks.json"),
        description="Public keys of the regions; each `kid` is a region's code",
    )
    region_key_renewal: Literal["by_key", "by_officer"] = Field(
        "by_key",
        description="What lets a region's next key in: the signature of its present key, or an "
        "officer's approval beside it",
    )
    region_challenges: Literal["used", "required"] = Field(
        "used",
        description="required: a region's message must answer a fresh challenge, so that none can "
        "be sent again; used: those of older programs are heard without one",
    )
    region_certificates: Literal["ignored", "required"] = Field(
        "ignored",
        description="required: a trusted front must hand on the region's TLS certificate "
        "(`Client-Cert`, deploy/mtls)",
    )
    region_key_overlap_days: int = Field(
        14, ge=0, le=365, description="Days for which the keys before a region's newest still count"
    )
    region_key_grace_days: int = Field(
        30,
        ge=0,
        le=365,
        description="Days after its end for which a region's key may hand in the next one, and "
        "nothing else",
    )
    authorization_days: int = Field(
        730, ge=1, description="How long a permission may wait: recorded at 16, printed at 17"
    )
    intake_per_second: float = Field(
        5_000.0,
        ge=0,
        description="Envelopes taken in a second, as `tunggal bench` shows: regions that come back "
        "from a storm get appointments by it; 0: none",
    )
    irises: Irises = Field(
        Irises.WHERE_READABLE,
        description="ignored: the NIK alone decides; where_readable: recordings with irises in a "
        "format known here are searched, the others go by their NIK; required: nobody is called "
        "unique without a search or two officers",
    )
    search_again_seconds: float = Field(
        30.0, gt=0, description="First pause before a search that was impossible is made again"
    )
    matchers: str | None = Field(
        None,
        pattern=r"^https?://[^,\s]+(,https?://[^,\s]+)*$",
        description="Addresses of the processes that hold the gallery (`tunggal matcher`), with "
        "commas; empty: it is held in this process",
    )
    matcher_secret: SecretStr | None = Field(
        None, description="What the centre and its matchers know; needed beyond the loopback"
    )
    matcher_seconds_max: float = Field(
        10.0, gt=0, lt=30, description="A search that has not ended by then is none, and made again"
    )
    abis_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s@?#]+$",
        description="Address of an ABIS that searches instead of the built-in matcher, by MOSIP's "
        "messages; empty: the built-in one",
    )
    abis_share_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s@?#]+$",
        description="Where the ABIS reaches this centre, to fetch irises; needed with it",
    )
    abis_secret: SecretStr | None = Field(None, description="Bearer token for the ABIS")
    abis_certificate: Path | None = Field(
        None,
        description="PEM of the ABIS's certificate (RSA): irises are sealed for it, as MOSIP does",
    )
    abis_seconds_max: float = Field(
        10.0, gt=0, lt=25, description="A search that the ABIS has not ended by then is made again"
    )
    search_audit_share: float = Field(
        0.01,
        ge=0,
        le=1,
        description="Share of all searches that is made anew in full each night, and compared; "
        "0: none",
    )
    search_audit_hour: int = Field(
        2, ge=0, le=23, description="Hour (WIB) at which that begins; it ends six hours later"
    )
    evidence_store: str | None = Field(
        None,
        pattern=r"^(file:///|s3://)",
        description="Where images lie: file:///folder or s3://bucket/prefix (keys and region from "
        "AWS_…); empty: a folder in the data folder",
    )
    evidence_days_max: int = Field(
        7, ge=1, description="Images not at the centre after so many days are overdue"
    )
    adjudication_days_max: int = Field(
        3, ge=1, description="Cases not settled by two officers after so many days are overdue"
    )
    audit_engine: Literal["duckdb", "spark"] = Field(
        "duckdb",
        description="Where `tunggal audit-register` links the register: on this machine, or on "
        "Spark when one machine is too small",
    )
    audit_memory_mb: int = Field(2_000, ge=256, description="Memory of that engine; more spills")
    audit_spark_master: str = Field(
        "local[*]", description="Spark's master; its workers must see the report's folder"
    )
    retention_deleted_images_days: int = Field(
        365,
        ge=0,
        description="Images of deleted recordings go so many days after the order; 0: never",
    )
    audit_checkpoint_seconds: float = Field(
        600.0, gt=0, description="Pace at which checkpoints of the audit are signed"
    )
    loops: bool = Field(True, description="Settle envelopes in this process")

    @property
    def gallery_keys_at(self) -> Path:
        return self.gallery_key_file or gallery_file_of(self.key_file)

    @model_validator(mode="after")
    def _abis_can_search(self) -> Self:
        if self.abis_url is not None and self.abis_share_url is None:
            raise ValueError("ABIS_URL needs ABIS_SHARE_URL: where the ABIS fetches irises from")
        if self.abis_url is not None and self.matchers is not None:
            raise ValueError("ABIS_URL and MATCHERS: only one of them can search")
        return self
