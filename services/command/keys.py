"""Keys for a local system: made once, kept with mode 0600, public halves beside them.

A real centre and its regions make their own; here one folder holds what a whole town needs.
"""

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.lives import Life
from shared.sealed.keys import SealingKeys
from shared.sealing import KeyRing
from shared.settings import gallery_file_of, sealing_file_of
from shared.signing import SigningKey, load_or_create_key

ISSUER_KID = "issuer"
CENTRE_KID = "centre"


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """Where each key of a local system lies."""

    folder: Path

    @property
    def issuer(self) -> Path:
        return self.folder / "issuer.json"

    @property
    def issuer_jwks(self) -> Path:
        return self.folder / "issuer.jwks.json"

    @property
    def centre(self) -> Path:
        return self.folder / "centre.json"

    @property
    def centre_jwks(self) -> Path:
        return self.folder / "centre.jwks.json"

    @property
    def regions_jwks(self) -> Path:
        return self.folder / "regions.jwks.json"

    @property
    def centre_sealing(self) -> Path:
        return sealing_file_of(self.centre)

    def region(self, code: str) -> Path:
        return self.folder / f"region-{code}.json"

    @property
    def centre_gallery(self) -> Path:
        return gallery_file_of(self.centre)

    def region_gallery(self, code: str) -> Path:
        return gallery_file_of(self.region(code))

    @property
    def development_issuer(self) -> Path:
        return self.folder / "development-issuer.json"

    def client_secret(self, service: str) -> Path:
        """What a service and the development issuer both know; made once, with mode 0600."""
        path = self.folder / f"issuer-client-{service}.secret"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
        return path

    def make(self, regions: Sequence[str], life: Life | None = None) -> None:
        """Make what is missing; what is there stays as it is. life: of the keys that are made."""
        self.folder.mkdir(parents=True, exist_ok=True)
        _publish(self.issuer_jwks, [load_or_create_key(self.issuer, ISSUER_KID)])
        centre = load_or_create_key(self.centre, CENTRE_KID, life)
        sealing = SealingKeys.load_or_create(self.centre_sealing)
        _write(self.centre_jwks, [centre.public_jwk, *sealing.public_jwks])
        _publish(self.regions_jwks, [self.region_key(code, life) for code in regions])
        for ring in (self.centre_gallery, *(self.region_gallery(code) for code in regions)):
            KeyRing.load_or_create(ring)

    def issuer_key(self) -> SigningKey:
        return load_or_create_key(self.issuer, ISSUER_KID)

    def region_key(self, code: str, life: Life | None = None) -> SigningKey:
        return load_or_create_key(self.region(code), code, life)


def _publish(path: Path, keys: Sequence[SigningKey]) -> None:
    _write(path, [key.public_jwk for key in keys])


def _write(path: Path, public_keys: Sequence[dict[str, object]]) -> None:
    path.write_text(json.dumps({"keys": list(public_keys)}, indent=2) + "\n")
