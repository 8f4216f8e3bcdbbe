"""The centre's JWKS (RFC 7517)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.doors.room import Doors, door
from shared.sealed.keys import SealingKeys
from shared.signing import SigningKey

JWKS_EXAMPLE = {
    "keys": [
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "kid": "centre",
            "use": "sig",
            "alg": "Ed25519",
        },
        {
            "kty": "OKP",
            "crv": "X25519",
            "x": "hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo",
            "kid": "centre-seal-1",
            "use": "enc",
            "alg": "HPKE-Base",
        },
    ]
}


@dataclass(frozen=True)
class KeysDoors(Doors):
    """The centre's public keys."""

    keys: Sequence[SigningKey]
    sealing: SealingKeys

    @door.get(
        "/.well-known/jwks.json",
        openapi_extra={"security": []},
        responses={
            200: {
                "description": "Public keys: those for `sig` sign receipts, pages and "
                "permissions; regions seal recordings to the first one for `enc`.",
                "content": {"application/json": {"example": JWKS_EXAMPLE}},
            }
        },
        summary="The centre's public keys",
    )
    async def get_jwks(self) -> dict[str, Any]:
        """For pinning. A printer verifies permissions with these and asks nobody."""
        return {"keys": [*(key.public_jwk for key in self.keys), *self.sealing.public_jwks]}
