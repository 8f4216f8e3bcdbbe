"""Key files of sealing: made at first start with mode 0600, never in a database.

Each file is a JWK Set. The first key seals; all of them open, so an old one stays in its file until
nothing lies under it any more (`tunggal keys sealing rewrap`).
"""

import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from joserfc.jwk import OKPKey

from shared.files import write_whole
from shared.sealing import Harmed, KeyMissing, KeyRing, Sealer

KEY_BYTES = 32
NONCE_BYTES = 12
USE = "enc"
SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_PURPOSE = b"tunggal sealing session 2\n"


class SealingTo:
    """The centre's public key that a region seals to: pinned, like those that sign."""

    def __init__(self, kid: str, public: X25519PublicKey) -> None:
        self.kid = kid
        self._public = public

    @classmethod
    def of(cls, jwks: Mapping[str, object]) -> "SealingTo | None":
        """The first key for sealing in a JWKS; None when it has none."""
        entries = jwks.get("keys", [])
        for entry in entries if isinstance(entries, list) else []:
            if entry.get("use") != USE or entry.get("crv") != "X25519":
                continue
            public = OKPKey.import_key(entry).public_key
            if isinstance(public, X25519PublicKey):
                return cls(str(entry["kid"]), public)
        return None

    def encapsulate(self, session_key: bytes) -> bytes:
        return SUITE.encrypt(session_key, self._public, _PURPOSE + self.kid.encode())


class SealingKeys:
    """The centre's private keys for sealed records, by `kid`; the first is published as current."""

    def __init__(self, keys: Mapping[str, X25519PrivateKey]) -> None:
        self._keys = dict(keys)

    @classmethod
    def load_or_create(cls, path: Path) -> "SealingKeys":
        _make(path, lambda: {"keys": [_new_sealing_jwk(1)]})
        return cls.read(path)

    @classmethod
    def read(cls, path: Path) -> "SealingKeys":
        found: dict[str, X25519PrivateKey] = {}
        for entry in json.loads(path.read_text())["keys"]:
            private = OKPKey.import_key(entry).private_key
            if not isinstance(private, X25519PrivateKey):
                raise TypeError(f"{path}: a key is not a private X25519 key")
            found[str(entry["kid"])] = private
        return cls(found)

    @property
    def kids(self) -> tuple[str, ...]:
        return tuple(self._keys)

    @property
    def public_jwks(self) -> list[dict[str, object]]:
        """Public halves, the current first, as members of a JWKS."""
        return [_public_jwk(kid, key.public_key()) for kid, key in self._keys.items()]

    @property
    def current(self) -> str:
        """The one that is published first, and that regions seal to."""
        return next(iter(self._keys))

    def decapsulate(self, kid: str, session: bytes) -> bytes:
        """Raises KeyMissing, Harmed."""
        private = self._keys.get(kid)
        if private is None:
            raise KeyMissing(kid)
        try:
            return SUITE.decrypt(session, private, _PURPOSE + kid.encode())
        except (InvalidTag, ValueError) as fault:
            raise Harmed from fault


class SecretKeys:
    """A ring's keys for one purpose: the centre's KEK, or a region's key of working copies."""

    def __init__(self, ring: KeyRing, purpose: str) -> None:
        self._ring = ring
        self._purpose = purpose
        self._sealers: dict[str, Sealer] = {}
        self.kid = ring.newest.kid

    def seal(self, plain: bytes, bound: bytes) -> bytes:
        """Under the newest key, whose `kid` is to be kept beside it."""
        return self._sealer(self.kid).seal(plain, bound)

    def open(self, kid: str, sealed: bytes, bound: bytes) -> bytes:
        """Raises KeyMissing, Harmed."""
        return self._sealer(kid).open(sealed, bound)

    def _sealer(self, kid: str) -> Sealer:
        sealer = self._sealers.get(kid)
        if sealer is None:
            key = self._ring.find(kid).derive(self._purpose)
            sealer = self._sealers[kid] = Sealer(key)
        return sealer


def open_with(key: AESGCM, sealed: bytes, bound: bytes) -> bytes:
    """Open nonce ‖ ciphertext. Raises Harmed."""
    try:
        return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
    except (InvalidTag, ValueError) as fault:
        raise Harmed from fault


def add_first(path: Path, made: Mapping[str, object]) -> None:
    """Put a new key before the others of a file: from the next start on it seals."""
    told = json.loads(path.read_text())
    _write(path, {"keys": [dict(made), *told["keys"]]})


def keep_only(path: Path, kids: Iterable[str]) -> None:
    """Take out all others: whatever still lies under them is lost for good."""
    kept = set(kids)
    told = json.loads(path.read_text())
    _write(path, {"keys": [one for one in told["keys"] if one["kid"] in kept]})


def next_sealing_jwk(path: Path) -> dict[str, object]:
    return _new_sealing_jwk(_next_number(path))


def _next_number(path: Path) -> int:
    kids = [str(one["kid"]) for one in json.loads(path.read_text())["keys"]]
    return 1 + max(int(kid.rpartition("-")[2]) for kid in kids)


def _new_sealing_jwk(number: int) -> dict[str, object]:
    jwk = OKPKey.generate_key("X25519").as_dict(private=True)
    return {**jwk, "kid": f"centre-seal-{number}", "use": USE}


def _public_jwk(kid: str, public: X25519PublicKey) -> dict[str, object]:
    x = urlsafe_b64encode(public.public_bytes_raw()).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "X25519", "x": x, "kid": kid, "use": USE, "alg": "HPKE-Base"}


def _make(path: Path, content: Any) -> None:
    """Write a file where none is; whoever comes second keeps what the first one wrote."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(json.dumps(content()))


def _write(path: Path, content: Mapping[str, object]) -> None:
    write_whole(path, json.dumps(content))
    path.chmod(0o600)
