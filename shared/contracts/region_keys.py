"""A region's own key: how it is handed in, by what people know it, and the centre's word on it.

The key is made on the region and never leaves it. What is handed in is its public half, signed by
the key itself (whoever hands it in has it) and, for the next key of a region, by the present one.
"""

import json
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from shared.contracts.strict import Moment, RegionCode, Strict
from shared.signing import JWS_CHARACTERS_MAX, BadSignature, PinnedKeys, SigningKey

REQUEST_TYPE = "tunggal-region-key+jws"
FINGERPRINT_CHARACTERS = 24  # 96 bits: nobody makes a second key that looks like the first
KID_CHARACTERS = 12
KEY_DAYS = 365
KEY_DAYS_MAX = 1_100

PublicKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]
KeyId = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}\.[0-9]{2}(#[0-9a-z]{1,24})?$")]
KeyState = Literal["pending", "active", "retired", "expired", "revoked", "refused"]


class KeyClaims(Strict):
    """What a region says of its new key."""

    version: Literal[1]
    region: RegionCode
    x: PublicKey
    days: Annotated[int, Field(ge=1, le=KEY_DAYS_MAX)]


class KeyRequest(Strict):
    """Those claims, signed by the key they tell of."""

    version: Literal[1]
    jws: Annotated[str, Field(max_length=JWS_CHARACTERS_MAX)] = Field(
        description="Compact JWS by the new key over its own claims (`tunggal-region-key+jws`)"
    )


class KeyWord(Strict):
    """The centre's signed word on one key of a region."""

    version: Literal[1]
    region: RegionCode
    kid: KeyId
    fingerprint: Fingerprint
    state: KeyState = Field(
        description="pending: officers of the centre have to approve it; active: it counts; "
        "retired, expired, revoked, refused: it does not, or no longer"
    )
    approvals: Annotated[int, Field(ge=0, le=2)]
    expires_at: Moment | None = Field(description="Null until it counts")


CLAIMS = TypeAdapter(KeyClaims)
REQUEST = TypeAdapter(KeyRequest)
KEY_WORD = TypeAdapter(KeyWord)


class NoKeyRequest(ValueError):
    """Not a request that a key signed for itself."""


def fingerprint_of(x: str) -> str:
    """By what people know a key: the front of its RFC 7638 thumbprint, in hex."""
    told = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": x}, separators=(",", ":"))
    return sha256(told.encode()).hexdigest()[:FINGERPRINT_CHARACTERS]


def in_groups(fingerprint: str) -> str:
    """As it is read out: `3f9a 2b1c …`."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))


def kid_of(region: str, x: str) -> str:
    """The name of an enrolled key: its region's code and the front of its fingerprint."""
    return f"{region}#{fingerprint_of(x)[:KID_CHARACTERS]}"


def is_enrolled(kid: str) -> bool:
    """Whether a key bears the name that enrolment gives; others are pinned by a file."""
    return len(kid.partition("#")[2]) == KID_CHARACTERS


def request_of(key: SigningKey, region: str, days: int) -> KeyRequest:
    """The same bytes each time it is made: handing it in again is the same request."""
    claims = CLAIMS.dump_json(KeyClaims(version=1, region=region, x=key.x, days=days))
    named = key.called(kid_of(region, key.x))
    return KeyRequest(version=1, jws=named.sign(claims, REQUEST_TYPE))


def read_request(request: KeyRequest) -> KeyClaims:
    """What it claims, once the key it names has proved to have signed it. Raises NoKeyRequest."""
    try:
        payload = request.jws.split(".")[1]
        raw = urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        claims = CLAIMS.validate_json(raw)
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": claims.x}
        kid = kid_of(claims.region, claims.x)
        signed = PinnedKeys({"keys": [jwk | {"kid": kid}]}).verify(request.jws, REQUEST_TYPE)
    except (IndexError, NotBase64, ValidationError, BadSignature, ValueError):
        raise NoKeyRequest from None
    if signed.payload != raw:
        raise NoKeyRequest
    return claims
