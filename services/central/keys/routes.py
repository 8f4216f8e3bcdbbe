"""The centre's JWKS (RFC 7517)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.doors.room import Doors, door
from shared.signing import SigningKey, jwks_of

JWKS_EXAMPLE = {
    "keys": [
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "kid": "centre",
            "use": "sig",
            "alg": "Ed25519",
        }
    ]
}


@dataclass(frozen=True)
class KeysDoors(Doors):
    """The centre's public keys."""

    keys: Sequence[SigningKey]

    @door.get(
        "/.well-known/jwks.json",
        openapi_extra={"security": []},
        responses={
            200: {
                "description": "Public keys that sign receipts, pages and permissions.",
                "content": {"application/json": {"example": JWKS_EXAMPLE}},
            }
        },
        summary="The centre's public keys",
    )
    async def get_jwks(self) -> dict[str, Any]:
        """For pinning. A printer verifies permissions with these and asks nobody."""
        return jwks_of(self.keys)
