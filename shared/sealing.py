"""Sealing: AES-256-GCM under keys of a file, so that a database or its backup alone shows nothing.

Sealed bytes are a version, a nonce and GCM's output. They open only under the key they name beside
them, and only for the place (AAD) they were sealed for: moved to another row they do not open.
Nonces are drawn: one key may seal 2^32 times (NIST SP 800-38D, 8.3), more than any gallery holds.
"""

import json
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION: Final = 1
SECRET_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_HEAD: Final = bytes([VERSION])
SEALED_MORE_BYTES: Final = len(_HEAD) + _NONCE_BYTES + _TAG_BYTES
_KID_BYTES: Final = 6
_MODE: Final = 0o600


class NotOpened(OSError):
    """Something sealed cannot be opened here: a failure of the world, as a disk's is."""


class KeyMissing(NotOpened):
    """The key it names is not in this process's key file."""


class Harmed(NotOpened):
    """Changed, cut off, or sealed for another place or under another key."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A key of a ring: whatever is needed is derived from it, each for its purpose."""

    kid: str
    secret: bytes

    def derive(self, purpose: str, length: int = SECRET_BYTES) -> bytes:
        """HKDF-SHA256 (RFC 5869): the same purpose gives the same bytes for ever."""
        return HKDF(SHA256(), length, None, purpose.encode()).derive(self.secret)


class Sealer:
    """Seals under one key, and opens what it sealed."""

    def __init__(self, key: bytes) -> None:
        """key: 32 bytes."""
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, place: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return _HEAD + nonce + self._cipher.encrypt(nonce, plain, _HEAD + place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """Raises Harmed."""
        if len(sealed) < SEALED_MORE_BYTES or sealed[:1] != _HEAD:
            raise Harmed
        # A view: the body is long, and a gallery opens millions of them at a start.
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], memoryview(sealed)[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, body, _HEAD + place)
        except InvalidTag:
            raise Harmed from None


def place_of(*parts: str | bytes) -> bytes:
    """What sealed bytes are bound to (AAD). Each part with its length: no two places are alike."""
    given = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in given)


class KeyRing:
    """Secrets in a file (a JWK Set of `oct` keys, mode 0600); the last of them is the newest.

    Another process may add one: what is not known here is looked for in the file once more.
    """

    def __init__(self, path: Path, kept: Sequence[Secret]) -> None:
        if not kept:
            raise KeyMissing
        self.path = path
        self._secrets = {one.kid: one for one in kept}
        self.newest = kept[-1]

    @classmethod
    def load(cls, path: Path) -> "KeyRing":
        """Raises KeyMissing where there is none."""
        return cls(path, _read(path))

    @classmethod
    def load_or_create(cls, path: Path) -> "KeyRing":
        """The ring at `path`; made with one key at the first start, by one process alone."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = _write(path, [new_secret()])
            try:
                path.hardlink_to(part)
            except FileExistsError:
                pass  # another process was faster: its keys count
            finally:
                part.unlink()
        return cls.load(path)

    @property
    def kids(self) -> Collection[str]:
        return self._secrets.keys()

    def find(self, kid: str) -> Secret:
        """Raises KeyMissing."""
        if kid not in self._secrets:
            self._secrets |= {one.kid: one for one in _read(self.path)}
        try:
            return self._secrets[kid]
        except KeyError:
            raise KeyMissing(f"no key {kid} in the key file") from None

    def add(self) -> Secret:
        """Put a new key into the file; a ring loaded from now on has it as its newest."""
        added = new_secret()
        _replace(self.path, [*_read(self.path), added])
        self._secrets[added.kid] = self.newest = added
        return added

    def drop_all_but(self, kids: Collection[str]) -> int:
        """Take keys out of the file for ever; gives how many. The newest one stays."""
        kept = _read(self.path)
        left = [one for one in kept if one.kid in kids or one == kept[-1]]
        if len(left) < len(kept):
            _replace(self.path, left)
        self._secrets = {one.kid: one for one in left}
        return len(kept) - len(left)


def new_secret() -> Secret:
    return Secret(secrets.token_hex(_KID_BYTES), secrets.token_bytes(SECRET_BYTES))


def _read(path: Path) -> list[Secret]:
    """Raises KeyMissing where there is no readable key file."""
    try:
        entries = json.loads(path.read_text())["keys"]
        found = [Secret(str(one["kid"]), _decoded(one["k"])) for one in entries]
    except FileNotFoundError:
        raise KeyMissing("there is no key file") from None
    except (ValueError, KeyError, TypeError, NotBase64):
        raise KeyMissing("the key file cannot be read") from None
    if any(len(one.secret) != SECRET_BYTES for one in found):
        raise KeyMissing("the key file holds a key that is not 32 bytes long")
    return found


def _replace(path: Path, kept: Sequence[Secret]) -> None:
    _write(path, kept).replace(path)


def _write(path: Path, kept: Sequence[Secret]) -> Path:
    """A file beside `path`, whole and on the disk, to be put in its place."""
    keys = [{"kty": "oct", "kid": one.kid, "k": _encoded(one.secret)} for one in kept]
    part = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE), "w") as file:
        json.dump({"keys": keys}, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    return part


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
