"""Make a permission; read a card receipt. Pure but for the key it is given."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from services.central.journey.entries import SignedPermission
from services.central.journey.rules import Event, Stage, advance
from shared.contracts.authorization import ISSUER, TYPE, office_of
from shared.contracts.envelopes import CardResult
from shared.contracts.recording import Recording
from shared.signing import SigningKey


@dataclass(frozen=True, slots=True)
class Permitter:
    """The centre's hand: signs a permission to print one recording at one region's office."""

    key: SigningKey
    epoch: int
    lifetime: timedelta

    def expires_at(self, now: datetime) -> datetime:
        return now + self.lifetime

    def sign(
        self, region: str, authorization_id: UUID, recording: Recording, now: datetime
    ) -> SignedPermission:
        expires_at = self.expires_at(now)
        claims = {
            "iss": ISSUER,
            "aud": office_of(region),
            "sub": str(recording.recording_id),
            "jti": str(authorization_id),
            "nik": recording.card.nik,
            "card_sha256": recording.card.digest(),
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
            "epoch": self.epoch,
        }
        # Shapes are held to the contract by tests: building the model here costs as much as
        # signing.
        jws = self.key.sign(orjson.dumps(claims), TYPE)
        return SignedPermission(authorization_id, jws, expires_at)


_EVENTS = {
    CardResult.PRINTED: Event.TAKE_PRINTED,
    CardResult.SPOILED: Event.TAKE_SPOILED,
    CardResult.ISSUED: Event.TAKE_ISSUED,
}
_STAGES = {
    None: Stage.PERMITTED,
    CardResult.PRINTED: Stage.PRINTED,
    CardResult.SPOILED: Stage.SPOILED,
    CardResult.ISSUED: Stage.ISSUED,
}


def stage_of(known: CardResult | None, *, is_revoked: bool) -> Stage:
    """Where a permission's card stands by what was told of it."""
    stage = _STAGES[known]
    return (advance(stage, Event.REVOKE) or stage) if is_revoked else stage


def is_news(known: CardResult | None, told: CardResult, *, is_revoked: bool = False) -> bool:
    """Whether a receipt moves a card on; a repeat or a late word changes nothing."""
    stage = stage_of(known, is_revoked=is_revoked)
    return known not in (told, CardResult.SPOILED) and advance(stage, _EVENTS[told]) is not None
