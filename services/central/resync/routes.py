"""What regions say after a restore: witnesses, and that they have handed back all they hold."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response
from pydantic import ValidationError

from services.central import lives
from services.central.identity import REGION_REFUSALS, Regions
from services.central.lives import RegionFenced
from services.central.resync import steps
from services.central.resync.steps import CentreSuperseded, HandedBack, UnreadableWitness
from shared.clock import Clock
from shared.contracts.envelopes import RECEIPT
from shared.contracts.resync import (
    WITNESS_CHARACTERS_MAX,
    WORD,
    Mark,
    ResyncClaim,
    ResyncWord,
    Witness,
)
from shared.contracts.strict import RegionCode, Sha256Hex
from shared.database.engine import Database, Transaction
from shared.doors.bodies import JsonBody, expect_media_type
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, Refusal, UnsupportedMediaType, problem_responses
from shared.signing import (
    MESSAGE_TYPE,
    SIGNATURE_HEADER,
    BadSignature,
    PinnedKeys,
    SigningKey,
    claim_over,
    jwks_of,
    sign_message,
)

RegionPath = Annotated[RegionCode, Path(description="Region's code", examples=["61.72"])]
WORD_EXAMPLE = {
    "version": 1,
    "region": "61.72",
    "epoch": 2,
    "state": "awaiting",
    "accepted_seq": 1190,
    "last_pos": 1184,
    "fits": True,
    "wanted_pos": None,
}
CLAIM_EXAMPLE = {"version": 1, "epoch": 2, "applied_pos": 1190, "acked_seq": 1192}
WITNESS_EXAMPLE = {
    "version": 1,
    "kind": "receipt",
    "content": '{"version":1,"region":"61.72","epoch":1,"accepted_seq":1192,"manifest_sha256":"…"}',
    "signature": "eyJhbGciOiJFZDI1NTE5In0.eyJpc3MiOiJ0dW5nZ2FsIn0.c2lnbmF0dXJl",
}
# Quotes within are escaped, and the region's own words stand around it.
WITNESS_BYTES_MAX = 2 * WITNESS_CHARACTERS_MAX
_SIGNED: dict[str, Any] = {"security": [{"region_signature": []}]}
_CLAIM = JsonBody(ResyncClaim, CLAIM_EXAMPLE)
# Its content is a feed's page, whose own commas count.
_WITNESS = JsonBody(Witness, WITNESS_EXAMPLE, parts_max=WITNESS_CHARACTERS_MAX)
_WORD_ANSWER = {
    "description": "Where the centre stands with the region; signed by the centre.",
    "content": {"application/json": {"example": WORD_EXAMPLE}},
}


class NoWitness(Refusal):
    """What was handed back was not signed by this centre, or not for this region."""

    code, status = "no-witness", 422
    title = "This is not a word of this centre to this region"
    next_action = "Keep the file; ask operations at the centre which key signed it."
    next_action_id = "Simpan datanya; tanyakan kepada pusat kunci mana yang menandatanganinya."


@dataclass(frozen=True)
class ResyncDoors(Doors):
    """A region's side of a re-sync."""

    database: Database
    regions: Regions
    key: SigningKey
    clock: Clock
    carry_out_again: steps.CarryOutAgain = steps.nothing

    @door.get(
        "/resync",
        response_model=ResyncWord,
        openapi_extra=_SIGNED,
        responses={200: _WORD_ANSWER, **problem_responses(*REGION_REFUSALS)},
        summary="Tell whether a region is awaited after a restore",
    )
    async def tell_resync(
        self,
        request: Request,
        region: RegionPath,
        pos: Annotated[
            int | None, Query(ge=1, le=2**62, description="Pos of the last entry applied")
        ] = None,
        sha256: Annotated[
            Sha256Hex | None, Query(description="SHA-256 of that entry as it was read")
        ] = None,
    ) -> Response:
        """Where the centre stands, and whether the entry asked about is the one held here."""
        await self.regions.prove_question(request, region)
        mark = Mark(pos=pos, sha256=sha256) if pos is not None and sha256 is not None else None
        async with self.database.begin() as transaction:
            word = await steps.word(transaction, region, mark)
        return self._signed(word)

    @door.put(
        "/resync",
        response_model=ResyncWord,
        openapi_extra={**_CLAIM.openapi, **_SIGNED},
        responses={
            200: _WORD_ANSWER,
            **problem_responses(RegionFenced, *REGION_REFUSALS, InvalidInput, UnsupportedMediaType),
        },
        summary="Say that a region has handed back all it holds",
    )
    async def declare_resynced(self, request: Request, region: RegionPath) -> Response:
        """Believed when the feed and the envelopes here reach as far; `state` tells. Repeatable."""
        expect_media_type(request, "application/json")
        body = await request.body()
        await self.regions.prove_word(request, region, body)
        claim = await _CLAIM.read(request)
        now = self.clock.now()

        async def declare(transaction: Transaction) -> ResyncWord:
            await lives.check(transaction, region, request)
            return await steps.declare(transaction, region, claim, now, self.carry_out_again)

        word = await self.database.repeat(declare)
        return self._signed(word)

    @door.post(
        "/witness",
        response_model=ResyncWord,
        max_body_size=WITNESS_BYTES_MAX,
        openapi_extra={**_WITNESS.openapi, **_SIGNED},
        responses={
            200: _WORD_ANSWER,
            **problem_responses(
                CentreSuperseded, NoWitness, *REGION_REFUSALS, InvalidInput, UnsupportedMediaType
            ),
        },
        summary="Hand back what the centre signed earlier",
    )
    async def take_witness(self, request: Request, region: RegionPath) -> Response:
        """A receipt proves how far the centre held the region; a page is put back into the feed.

        Handing one back again changes nothing. A word for more than the centre holds, while no
        re-sync is open, proves that it was restored: the epoch rises at once.
        """
        expect_media_type(request, "application/json")
        body = await request.body()
        await self.regions.prove_word(request, region, body)
        witness = await _WITNESS.read(request)
        word = await self._take(region, witness)
        return self._signed(word)

    async def _take(self, region: str, witness: Witness) -> ResyncWord:
        """Refuses: NoWitness, CentreSuperseded."""
        content = witness.content.encode()
        own = PinnedKeys(jwks_of([self.key]))
        now = self.clock.now()
        try:
            if witness.kind == "receipt":
                _prove(own, f"receipt {region}", content, witness.signature)
                receipt = RECEIPT.validate_json(content)
                return await self.database.repeat(
                    lambda transaction: steps.take_receipt(transaction, region, receipt, now)
                )
            handed = HandedBack.of(content)
            after = handed.page.after
            _prove(own, f"feed {region} {after}", content, witness.signature)
            return await self.database.repeat(
                lambda transaction: steps.take_page(transaction, region, handed, own, now)
            )
        except (BadSignature, UnreadableWitness, ValidationError):
            raise NoWitness from None

    def _signed(self, word: ResyncWord) -> Response:
        content = WORD.dump_json(word)
        return Response(
            content,
            media_type="application/json",
            headers={SIGNATURE_HEADER: sign_message(self.key, f"resync {word.region}", content)},
        )


def _prove(own: PinnedKeys, purpose: str, content: bytes, token: str) -> None:
    """A key's time does not matter: what it signed stays said. Raises BadSignature."""
    if own.verify(token, MESSAGE_TYPE).payload != claim_over(purpose, content):
        raise BadSignature
