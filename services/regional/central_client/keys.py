"""Hand this region's key in at the centre, and hear how it stands."""

import httpx
from pydantic import ValidationError

from services.regional.central_client.client import UNREADABLE, CentralClient, Refused, Unknown
from shared.contracts.region_keys import KEY_WORD, REQUEST, KeyWord, request_of
from shared.signing import SigningKey


async def hand_in(
    client: CentralClient, key: SigningKey, days: int, *, is_vouched: bool
) -> KeyWord | Refused | Unknown:
    """Again is harmless: the same key gets the same answer, or a newer one.

    is_vouched: signed by the present key, for the next one; else the key itself is all there is.
    """
    body = REQUEST.dump_json(request_of(key, client.region, days))
    response = await client.tell("POST", "keys", body, "key", is_signed=is_vouched)
    if not isinstance(response, httpx.Response):
        return response
    try:
        return KEY_WORD.validate_json(response.content)
    except ValidationError:
        return UNREADABLE
