"""Settings of a regional server: `TUNGGAL_REGIONAL_…`."""

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from shared.contracts.region_keys import KEY_DAYS, KEY_DAYS_MAX
from shared.settings import ServiceSettings, gallery_file_of


class RegionalSettings(ServiceSettings):
    PREFIX: ClassVar[str] = "TUNGGAL_REGIONAL_"

    region: str = Field("61.72", pattern=r"^[0-9]{2}\.[0-9]{2}$", description="This region's code")
    zone: Literal["WIB", "WITA", "WIT"] = "WIB"
    centre_address: str = Field(
        "http://127.0.0.1:8700", description="Where the centre, or the line to it, is reached"
    )
    centre_jwks: str = Field(
        ".tunggal/up/keys/centre.jwks.json",
        description="The centre's public keys: a pinned JWKS file or an http(s) address",
    )
    key_file: Path = Field(
        Path(".tunggal/up/keys/region-61.72.json"), description="This region's private key (JWK)"
    )
    gallery_key_file: Path | None = Field(
        None,
        description="Keys that officers' irises are under (JWK Set); made at the first start; "
        "empty: in the folder gallery beside the private key",
    )
    key_days: int = Field(
        KEY_DAYS,
        ge=1,
        le=KEY_DAYS_MAX,
        description="How long this region's next key is to count, from the centre's word on",
    )
    sealing_jwks: Path | None = Field(
        None,
        description="JWKS file with the centre's key to seal recordings to; empty: the file of "
        "CENTRE_JWKS. Without such a key recordings are written in clear",
    )
    working_key_file: Path | None = Field(
        None,
        description="Secret key of what this office itself reads of its recordings; empty: "
        "made in the folder sealing beside the private key",
    )
    centre_ca: Path | None = Field(
        None, description="PEM of the only authority believed for the centre's certificate"
    )
    client_certificate: Path | None = Field(
        None, description="PEM of this region's TLS certificate, if the centre's front asks for one"
    )
    client_key: Path | None = Field(
        None, description="PEM of its private key; empty: in the certificate's file"
    )
    retry_cap_seconds: float = Field(
        60.0, gt=0, description="Longest wait between two tries on a dead line"
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
    evidence_piece_seconds: float = Field(
        2.0,
        gt=0,
        le=30,
        description="How long one piece of an image may take: an envelope may wait for its end",
    )
    print_window: int = Field(
        100,
        ge=1,
        le=10_000,
        description="How many of the oldest print permissions may be printed at once; a younger "
        "one needs an exception",
    )
    blanks: Literal["counted", "free"] | None = Field(
        None,
        description="counted: only blanks of an entered delivery are used; free: any; empty: free "
        "until the first delivery is entered, counted from then on",
    )
    gateways: str = Field(
        "",
        description="Addresses of SMS and WhatsApp gateways, separated by commas: they ask for "
        "many people and are limited by NIK alone",
    )
    coverage_cell_min: int = Field(
        10,
        ge=1,
        description="Coverage of groups of fewer people is hidden from the public; 1: none",
    )
    audit_witness_seconds: float = Field(
        300.0, gt=0, description="Pace at which the centre's audit checkpoints are asked for"
    )
    loops: bool = Field(True, description="Run the uplink and the feed reader in this process")
    disk_budget_bytes: int | None = Field(
        None, ge=0, description="Bytes this region's database may grow to; empty: what is free"
    )
    disk_reserve_bytes: int = Field(
        256 * 1024**2, ge=0, description="Below this much room new recordings are refused (507)"
    )
    ballast_bytes: int = Field(
        64 * 1024**2, ge=0, description="Size of a file to give up when the disk is full; 0: none"
    )
    ballast_file: Path | None = Field(
        None, description="On PostgreSQL's disk; empty: beside the embedded one, or the data folder"
    )
    public_address: str = Field(
        "https://dukcapil.singkawang.example",
        pattern=r"^https?://[^\s?#]{1,60}[^/\s?#]$",
        description="Where the public reaches this server: what codes on papers open",
    )
    office_address: str = Field(
        "Jalan Contoh 1, Singkawang", min_length=5, max_length=80, description="On the letterhead"
    )
    office_head: str = Field(
        "Nama Kepala Dinas",
        min_length=3,
        max_length=60,
        description="Who signs its papers",
    )
    suket_periods: str = Field(
        "2016-09-29/2020-03-01",
        pattern=r"^ *([0-9]{4}-[0-9]{2}-[0-9]{2}/([0-9]{4}-[0-9]{2}-[0-9]{2})?( *, *|$))*$",
        description="When sukets may be given: first/last day, several by commas, `first/` for no "
        "end; as the ministry's letters allowed and forbade them",
    )
    letters_ward_day_max: int = Field(
        40, ge=1, le=100, description="Invitations one ward carries out on a day"
    )
    letters_again_days: int = Field(
        30, ge=7, le=365, description="Days until somebody who did not come is invited again"
    )
    retention_images_days: int = Field(
        90, ge=0, description="Images go so many days after the centre had them; 0: never"
    )
    retention_letters_days: int = Field(
        365,
        ge=0,
        description="Letters' addressees and codes go so many days after delivery; 0: never",
    )
    retention_visits_days: int = Field(
        730,
        ge=0,
        description="Home visits go so many days after they were recorded or closed; 0: never",
    )
    retention_words_days: int = Field(
        730,
        ge=0,
        description="Free words of a search go so many days after they were noted; 0: never",
    )
    retention_lists_days: int = Field(
        30, ge=0, description="Residents' lists nobody applied go after so many days; 0: never"
    )
    retention_hooks_days: int = Field(
        30, ge=0, description="Events told to gateways go after so many days; 0: never"
    )
    retention_collectors_days: int = Field(
        1825,
        ge=0,
        description="Numbers of whoever took a card home go after so many days; 0: never",
    )
    retention_bodies_days: int = Field(
        90,
        ge=0,
        description="Sealed recordings go so many days after the centre's receipt, once decided: "
        "longer than the oldest backup the centre would be restored from; 0: never",
    )
    retention_copies_days: int = Field(
        0,
        ge=0,
        description="What this office reads of a recording goes so many days after its card was "
        "handed over or refused; then no lost card is printed again from here; 0: never",
    )

    @property
    def gallery_keys_at(self) -> Path:
        return self.gallery_key_file or gallery_file_of(self.key_file)
