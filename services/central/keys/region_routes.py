"""The door by which a region hands in its key. It takes no role: whoever calls has no key yet."""

import asyncio
from dataclasses import dataclass, field

import structlog
from fastapi import Request, Response

from services.central.audit.entries import entry
from services.central.identity import REGION_REFUSALS, Regions
from services.central.identity.regions import Signer
from services.central.keys.pace import Pace
from services.central.keys.steps import Keyroom, TooManyKeyRequests
from services.central.keys.views import REQUEST_EXAMPLE, WORD_EXAMPLE, RegionPath, word_of
from shared.audit.entries import Actor, Purpose, about
from shared.clock import Clock
from shared.contracts.challenges import ONCE_HEADER, once_purpose
from shared.contracts.region_keys import (
    KEY_WORD,
    KeyClaims,
    KeyRequest,
    KeyWord,
    NoKeyRequest,
    kid_of,
    read_request,
)
from shared.database.engine import Database
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, Refusal, UnsupportedMediaType, problem_responses
from shared.signing import SIGNATURE_HEADER, SigningKey, sign_message

log = structlog.get_logger()
REQUEST_BODY = JsonBody(KeyRequest, REQUEST_EXAMPLE)
REQUEST_BYTES_MAX = 16 * 1024


class KeyRequestNotValid(Refusal):
    """The request was not signed by the key it tells of, or it tells of another region's."""

    code, status = "key-request-not-valid", 403
    title = "This is no key that signed for itself"
    next_action = "Run `tunggal region enrol` at the region and hand in the file it writes."
    next_action_id = "Jalankan `tunggal region enrol` di daerah dan serahkan berkasnya."


def claims_of(request: KeyRequest, region: str) -> KeyClaims:
    """Refuses: KeyRequestNotValid."""
    try:
        claims = read_request(request)
    except NoKeyRequest:
        raise KeyRequestNotValid from None
    if claims.region != region:
        raise KeyRequestNotValid
    return claims


@dataclass(frozen=True)
class KeyRequestDoors(Doors):
    """A region's side of its keys."""

    database: Database
    regions: Regions
    key: SigningKey
    keyroom: Keyroom
    clock: Clock
    pace: Pace = field(default_factory=Pace)

    @door.post(
        "/keys",
        response_model=KeyWord,
        max_body_size=REQUEST_BYTES_MAX,
        openapi_extra={**REQUEST_BODY.openapi, "security": []},
        responses={
            200: {
                "description": "How the key stands; signed by the centre.",
                "content": {"application/json": {"example": WORD_EXAMPLE}},
            },
            **problem_responses(
                KeyRequestNotValid,
                *REGION_REFUSALS,
                TooManyKeyRequests,
                InvalidInput,
                UnsupportedMediaType,
            ),
        },
        summary="Hand in a region's new key",
    )
    async def hand_in_key(self, request: Request, region: RegionPath) -> Response:
        """Again with the same key tells how it stands. Two officers approve a first key.

        Signed by the region's present key (`Tunggal-Signature`), even by one that expired some days
        ago, it is the next key; it counts at once unless the settings ask for an officer.
        """
        self.regions.check_wall(request, region)
        handed = await REQUEST_BODY.read(request)
        claims = claims_of(handed, region)
        vouched_by = await self._voucher(request, region, claims)
        if vouched_by is None:
            self.pace.check(asyncio.get_running_loop().time())
        now = self.clock.now()
        async with self.database.begin() as transaction:
            kept = await self.keyroom.hand_in(transaction, claims, now, vouched_by=vouched_by)
            if kept.facts.approved_at == now:  # let in by this very word
                await entry(
                    transaction,
                    Actor(f"region-{region}", region=region),
                    "region-key-renewed",
                    Purpose.SECURITY,
                    [about("region-key", one) for one in (kept.facts.kid, vouched_by) if one],
                    now,
                )
        self.regions.forget()
        word = word_of(kept, now)
        log.warning("region_key.handed_in", region=region, kid=word.kid, state=word.state)
        return self._signed(word)

    async def _voucher(self, request: Request, region: str, claims: KeyClaims) -> str | None:
        """The present key that signed for this one. Refuses: as any word of a region."""
        token = request.headers.get(SIGNATURE_HEADER)
        if token is None:
            return None
        # Handed in again it changes nothing: a replay of it needs no refusal.
        once = request.headers.get(ONCE_HEADER)
        purpose = once_purpose(f"{request.method} {request.url.path}", once)
        signer: Signer = await self.regions.signer(token, region, purpose, await request.body())
        self.regions.check_renewing(signer)
        return signer.kid if signer.kid != kid_of(region, claims.x) else None

    def _signed(self, word: KeyWord) -> Response:
        content = KEY_WORD.dump_json(word)
        return Response(
            content,
            media_type="application/json",
            headers={SIGNATURE_HEADER: sign_message(self.key, f"key {word.region}", content)},
        )
