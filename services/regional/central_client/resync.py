"""Speak to the centre of restores and of who speaks here: small questions, and witnesses."""

from typing import TypeVar
from uuid import UUID

import httpx
from pydantic import TypeAdapter, ValidationError

from services.regional.central_client.client import UNREADABLE, CentralClient, Refused, Unknown
from shared.contracts.resync import (
    CLAIM,
    LIFE_CLAIM,
    LIFE_WORD,
    WITNESS,
    WORD,
    LifeClaim,
    LifeWord,
    Mark,
    ResyncClaim,
    ResyncWord,
    Witness,
)

W = TypeVar("W")


async def resync_word(client: CentralClient, mark: Mark | None) -> ResyncWord | Refused | Unknown:
    """Where the centre stands since its last restore, and whether it holds our newest entry."""
    asked = f"?pos={mark.pos}&sha256={mark.sha256}" if mark else ""
    return _read(WORD, await client.tell("GET", f"resync{asked}", b"", "resync"))


async def hand_back(client: CentralClient, witness: Witness) -> ResyncWord | Refused | Unknown:
    """Give a word of the centre back to it. Again is harmless."""
    body = WITNESS.dump_json(witness)
    return _read(WORD, await client.tell("POST", "witness", body, "resync"))


async def declare(
    client: CentralClient, claim: ResyncClaim, life: UUID | None
) -> ResyncWord | Refused | Unknown:
    """Say that all we hold was handed back; the word tells whether the centre agrees."""
    body = CLAIM.dump_json(claim)
    return _read(WORD, await client.tell("PUT", "resync", body, "resync", life))


async def claim_life(client: CentralClient, claim: LifeClaim) -> LifeWord | Refused | Unknown:
    """Take this region's name over from the start before."""
    body = LIFE_CLAIM.dump_json(claim)
    return _read(LIFE_WORD, await client.tell("PUT", "life", body, "life"))


def _read(
    word_type: TypeAdapter[W], response: httpx.Response | Refused | Unknown
) -> W | Refused | Unknown:
    if not isinstance(response, httpx.Response):
        return response
    try:
        return word_type.validate_json(response.content)
    except ValidationError:
        return UNREADABLE
