"""Signatures: compact JWS with `alg: Ed25519` (RFC 7515, RFC 9864) over bytes or JSON claims.

Keys are pinned by whoever verifies; nothing in a token ever chooses its key except `kid`, and only
among the pinned ones. Signing is on the hot path (one signature per permission), so the compact
form is assembled here over `cryptography`; joserfc reads the keys, and the tests hold ours against
joserfc's.
"""

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc.jwk import OKPKey

from shared.lives import Life, life_of, members_of

JWS_CHARACTERS_MAX = 8_192
ALGORITHM = "Ed25519"


class ExpiredKey(Exception):
    """Signed well, by a key that was no longer to be used: to be told apart from a forgery."""


class BadSignature(Exception):
    """Not signed by a key that is pinned here, or not for this purpose. Says nothing more."""


class UnknownKey(BadSignature):
    """Names a key nobody here ever saw; nothing else of the token was looked at."""


def _encode(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")


def _decode(text: str) -> bytes:
    """Raises ValueError for everything but the one way to write these bytes (RFC 7515, 2)."""
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _encode(raw) != text.encode():
        raise ValueError("not the canonical form")
    return raw


class SigningKey:
    """A private Ed25519 key with its `kid`, and from when to when it may be used."""

    def __init__(self, jwk: OKPKey, kid: str, life: Life | None = None) -> None:
        private = jwk.private_key
        if not isinstance(private, Ed25519PrivateKey):
            raise TypeError("the key is not a private Ed25519 key")
        self.kid = kid
        self.life = life
        self._private = private
        self._public: dict[str, object] = {
            **jwk.as_dict(private=False),
            "kid": kid,
            "use": "sig",
            "alg": ALGORITHM,
            **members_of(life),
        }
        self._heads: dict[str, bytes] = {}

    @property
    def public_jwk(self) -> dict[str, object]:
        return dict(self._public)

    @property
    def private_jwk(self) -> dict[str, object]:
        """What its file holds, and nothing else ever may."""
        return {**self._public, "d": _encode(self._private.private_bytes_raw()).decode()}

    def called(self, kid: str, life: Life | None = None) -> "SigningKey":
        """The same key under another `kid`, or with a life it was given later."""
        return SigningKey(OKPKey.import_key(self._private), kid, life)

    @property
    def present(self) -> "SigningKey":
        """Itself: for whoever takes a key that may be replaced as well as one that may not."""
        return self

    @property
    def x(self) -> str:
        """The public half, as a JWK writes it."""
        return str(self._public["x"])

    def sign(self, payload: bytes, typ: str) -> str:
        """A compact JWS whose header is exactly {alg, kid, typ}."""
        head = self._heads.get(typ)
        if head is None:
            header = {"alg": ALGORITHM, "kid": self.kid, "typ": typ}
            head = _encode(json.dumps(header, separators=(",", ":")).encode())
            self._heads[typ] = head
        signed = head + b"." + _encode(payload)
        return (signed + b"." + _encode(self._private.sign(signed))).decode()


@dataclass(frozen=True, slots=True)
class Signed:
    kid: str
    payload: bytes


class PinnedKeys:
    """Public keys by `kid`; the only ones whose signatures count."""

    def __init__(self, jwks: Mapping[str, object]) -> None:
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._lives: dict[str, Life] = {}
        entries = jwks.get("keys", [])
        for entry in entries if isinstance(entries, list) else []:
            public = OKPKey.import_key(entry).public_key
            if isinstance(public, Ed25519PublicKey):
                kid = str(entry["kid"])
                self._keys[kid] = public
                if (life := life_of(entry)) is not None:
                    self._lives[kid] = life

    def beside(self, jwks: Iterable[Mapping[str, object]]) -> "PinnedKeys":
        """These keys and more; among those pinned here nothing changes."""
        both = PinnedKeys({"keys": list(jwks)})
        both._keys |= self._keys
        both._lives |= self._lives
        return both

    def x_of(self, kid: str) -> str:
        """The public key, as a JWK writes it. Raises KeyError."""
        return _encode(self._keys[kid].public_bytes_raw()).decode()

    def check_life(self, kid: str, now: datetime) -> None:
        """Raises ExpiredKey for a key that was not to be used any more at `now`."""
        life = self._lives.get(kid)
        if life is not None and now >= life.not_after:
            raise ExpiredKey

    @property
    def kids(self) -> Iterable[str]:
        return self._keys.keys()

    def verify(self, token: str, typ: str) -> Signed:
        """Check one compact JWS. Raises BadSignature for every kind of doubt."""
        if len(token) > JWS_CHARACTERS_MAX:
            raise BadSignature
        try:
            head_text, payload_text, signature_text = token.split(".")
            header = json.loads(_decode(head_text))
            if set(header) != {"alg", "kid", "typ"}:
                raise BadSignature
            if header["alg"] != ALGORITHM or header["typ"] != typ:
                raise BadSignature
            if header["kid"] not in self._keys:
                raise UnknownKey
            key = self._keys[header["kid"]]
            key.verify(_decode(signature_text), f"{head_text}.{payload_text}".encode("ascii"))
            return Signed(header["kid"], _decode(payload_text))
        except (ValueError, KeyError, TypeError, RecursionError, InvalidSignature) as doubt:
            raise BadSignature from doubt


def new_key(kid: str, life: Life | None = None) -> SigningKey:
    return SigningKey(OKPKey.generate_key("Ed25519"), kid, life)


def load_or_create_key(path: Path, kid: str, life: Life | None = None) -> SigningKey:
    """Read the private JWK at `path`, or make one there with mode 0600 (first start only).

    life: of a key that is made; one that is read says itself when it ends, or never does.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        jwk = OKPKey.generate_key("Ed25519")
        _write_new(path, {**jwk.as_dict(private=True), "kid": kid, **members_of(life)})
    return read_key(path, kid)


def read_key(path: Path, kid: str = "") -> SigningKey:
    """The private JWK at `path`. Raises OSError, ValueError, KeyError for none that is whole."""
    stored = json.loads(path.read_text())
    return SigningKey(OKPKey.import_key(stored), str(stored.get("kid", kid)), life_of(stored))


def write_key(path: Path, key: SigningKey) -> None:
    """Put a key in its place in one step, mode 0600: a cut leaves the one before it whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    _write_new(unfinished, key.private_jwk)
    unfinished.replace(path)


def _write_new(path: Path, jwk: Mapping[str, object]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(json.dumps(jwk))
        file.flush()
        os.fsync(file.fileno())


def jwks_of(keys: Iterable[SigningKey]) -> dict[str, object]:
    return {"keys": [key.public_jwk for key in keys]}


def claim_over(purpose: str, body: bytes) -> bytes:
    """What is signed when a whole message is: its purpose and its SHA-256."""
    return f"{purpose}\n{sha256(body).hexdigest()}".encode()


def sign_message(key: SigningKey, purpose: str, body: bytes) -> str:
    """A short JWS to travel in the `Tunggal-Signature` header beside `body`."""
    return key.sign(claim_over(purpose, body), MESSAGE_TYPE)


def verify_message(keys: PinnedKeys, purpose: str, body: bytes, token: str, now: datetime) -> str:
    """The `kid` that signed exactly this body for exactly this purpose.

    Raises BadSignature, and ExpiredKey when all is well but the key's time.
    """
    kid = signer_of(keys, purpose, body, token)
    keys.check_life(kid, now)
    return kid


def signer_of(keys: PinnedKeys, purpose: str, body: bytes, token: str) -> str:
    """The same, whatever became of the key since. Raises BadSignature."""
    signed = keys.verify(token, MESSAGE_TYPE)
    if signed.payload != claim_over(purpose, body):
        raise BadSignature
    return signed.kid


MESSAGE_TYPE = "tunggal-message+jws"
SIGNATURE_HEADER = "Tunggal-Signature"
