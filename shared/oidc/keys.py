"""An issuer's keys, and whether one of them signed: by kid, and by algorithms that fit the key."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from shared.oidc.rules import Doubt, NotBelieved

TOKEN_CHARACTERS_MAX = 16_384
KEYS_MAX = 50
RSA_BITS_MIN = 2_048
# What some issuers say of their key beside its name; nothing here brings a key or a place of one.
HEADER_MEMBERS = frozenset({"alg", "kid", "typ", "x5t", "x5t#S256"})
_BY_CURVE = {
    "Ed25519": frozenset({"Ed25519", "EdDSA"}),
    "P-256": frozenset({"ES256"}),
    "P-384": frozenset({"ES384"}),
}
_RSA = frozenset({"PS256", "PS384", "RS256", "RS384"})


@dataclass(frozen=True, slots=True)
class IssuerKey:
    key: ECKey | OKPKey | RSAKey
    algorithms: frozenset[str]


def keys_of(jwks: object, allowed: frozenset[str]) -> dict[str, IssuerKey]:
    """Public keys for signatures by kid; those for other purposes are passed over."""
    entries = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(entries, list):
        raise NotBelieved(Doubt.METADATA)
    found: dict[str, IssuerKey] = {}
    for entry in entries[:KEYS_MAX]:
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
            continue
        try:
            key = _key_of(entry)
        except (JoseError, ValueError, KeyError, TypeError):
            continue
        kid, algorithms = entry.get("kid"), _fitting(entry, key) & allowed
        if key is not None and isinstance(kid, str) and algorithms:
            found[kid] = IssuerKey(key, algorithms)
    return found


def _key_of(entry: dict[str, Any]) -> ECKey | OKPKey | RSAKey | None:
    kind = entry.get("kty")
    if kind == "OKP":
        return OKPKey.import_key(entry)
    if kind == "EC":
        return ECKey.import_key(entry)
    if kind == "RSA":
        key = RSAKey.import_key(entry)
        return key if key.public_key.key_size >= RSA_BITS_MIN else None
    return None  # a symmetric key of an issuer's would be everybody's


def _fitting(entry: Mapping[str, Any], key: object) -> frozenset[str]:
    kind = _RSA if isinstance(key, RSAKey) else _BY_CURVE.get(str(entry.get("crv")), frozenset())
    said = entry.get("alg")
    return kind if said is None or isinstance(key, OKPKey) else kind & {said}


def verified(token: str, keys: Mapping[str, IssuerKey]) -> dict[str, Any]:
    """Claims of a token one of these keys signed. Raises NotBelieved; Doubt.KEY: an unknown key."""
    if len(token) > TOKEN_CHARACTERS_MAX or token.count(".") != 2:
        raise NotBelieved(Doubt.HEADER)
    header = _json(token.partition(".")[0])
    if not set(header) <= HEADER_MEMBERS or not isinstance(header.get("kid"), str):
        raise NotBelieved(Doubt.HEADER)
    known = keys.get(header["kid"])
    if known is None:
        raise NotBelieved(Doubt.KEY)
    algorithm = header.get("alg")
    if algorithm not in known.algorithms:
        raise NotBelieved(Doubt.HEADER)
    try:
        payload = jws.deserialize_compact(token, known.key, algorithms=[algorithm]).payload
        claims = json.loads(payload)
    except (JoseError, ValueError, RecursionError):
        raise NotBelieved(Doubt.SIGNATURE) from None
    if not isinstance(claims, dict):
        raise NotBelieved(Doubt.SIGNATURE)
    return claims


def issuer_named_by(token: str) -> object:
    """What a token says of its issuer, not yet believed: only to choose who looks at it."""
    try:
        return _json(token.split(".")[1]).get("iss")
    except (NotBelieved, IndexError):
        return None


def _json(part: str) -> dict[str, Any]:
    try:
        found = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        raise NotBelieved(Doubt.HEADER) from None
    if not isinstance(found, dict):
        raise NotBelieved(Doubt.HEADER)
    return found
