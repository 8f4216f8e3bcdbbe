"""A print authorization: a JWS (`alg: Ed25519`, RFC 9864) addressed to one office, for one card."""

from base64 import urlsafe_b64decode
from typing import Literal
from uuid import UUID

from pydantic import TypeAdapter

from shared.contracts.strict import Sha256Hex, Strict
from shared.nik import NikText

ISSUER = "tunggal-central"
TYPE = "tunggal-print+jwt"


class AuthorizationClaims(Strict):
    """`jti` is the authorization, `sub` the recording, `aud` the office; seconds since 1970."""

    iss: Literal["tunggal-central"]
    aud: str
    sub: UUID
    jti: UUID
    nik: NikText
    card_sha256: Sha256Hex
    iat: int
    exp: int
    epoch: int


CLAIMS = TypeAdapter(AuthorizationClaims)


def office_of(region: str) -> str:
    """The audience of a region's authorizations."""
    return f"office:{region}"


def claims_told(jws: str) -> AuthorizationClaims:
    """What a permission says; for whoever signed it: the signature is not looked at."""
    payload = jws.split(".")[1]
    return CLAIMS.validate_json(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
