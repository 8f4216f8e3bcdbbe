"""What the simulated line is told at its start, by environment variables or by a caller."""

from pathlib import Path

from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

CONTROL_PORT = 8474  # Toxiproxy's, so that its clients find us.


class ProxySettings(BaseModel):
    """A line that is there from the start."""

    name: str = Field(min_length=1)
    upstream: str = Field(description="Where it leads: host:port.")
    listen: str = Field("127.0.0.1:0", description="Where it listens; port 0 takes a free one.")
    profile: str | None = Field(None, description="Weather it starts with; none is a perfect line.")
    seed: int = 0
    speed: float = Field(1.0, gt=0, description="How many times faster the weather passes.")


class LineSettings(BaseSettings):
    """Settings of the simulated line, read from `TUNGGAL_LINE_*`; `proxies` is a JSON array."""

    model_config = SettingsConfigDict(env_prefix="TUNGGAL_LINE_")

    host: str = "127.0.0.1"
    port: int = Field(CONTROL_PORT, ge=0, le=65535)
    seed: int = Field(0, description="What toxics draw on each connection follows from it.")
    proxies: list[ProxySettings] = []


class IssuerClientSettings(BaseModel):
    """A service whose officers sign in here."""

    client_id: str
    secret_file: Path = Field(description="Its secret; the service reads the same file.")
    redirects: list[str] = Field(description="The only places officers are sent back to.")


class IssuerSettings(BaseSettings):
    """Settings of the development issuer, read from `TUNGGAL_ISSUER_*`; it has no host to set."""

    model_config = SettingsConfigDict(env_prefix="TUNGGAL_ISSUER_")

    port: int = Field(8730, ge=1, le=65535)
    key_file: Path = Path(".tunggal/up/keys/development-issuer.json")
    clients: list[IssuerClientSettings] = []
