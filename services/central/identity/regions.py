"""The ring of all regions' keys, and the one way to ask whether a word is a region's own."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from fastapi import Request
from sqlalchemy import Row, func, select

from services.central.identity.certificates import check_certificate
from services.central.identity.challenges import Challenges
from services.central.identity.refusals import (
    AnotherRegion,
    RegionKeyExpired,
    RegionKeyPending,
    RegionKeyRetired,
    RegionKeyRevoked,
    RegionKeyUnknown,
    RegionNotProven,
)
from services.central.identity.rules import KeyFacts, may_renew, state_of
from services.central.tables import region_key
from shared.clock import Clock, SystemClock
from shared.contracts.challenges import ONCE_HEADER, once_purpose
from shared.contracts.region_keys import KeyState
from shared.database.engine import Database, Transaction
from shared.refusals import Refusal
from shared.signing import (
    SIGNATURE_HEADER,
    BadSignature,
    ExpiredKey,
    PinnedKeys,
    UnknownKey,
    signer_of,
)
from shared.visits import vouched_by_region

# How long another process of this centre may believe a key that was revoked just now.
REFRESH_SECONDS = 1.0
GRACE = timedelta(days=30)

_REFUSED: Mapping[KeyState, type[Refusal]] = {
    "pending": RegionKeyPending,
    "refused": RegionKeyUnknown,
    "retired": RegionKeyRetired,
    "expired": RegionKeyExpired,
    "revoked": RegionKeyRevoked,
}


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose signature it is, and what is known of the key; None: pinned, and nothing was done."""

    region: str
    kid: str
    facts: KeyFacts | None


@dataclass(frozen=True, slots=True)
class _Ring:
    keys: PinnedKeys
    enrolled: Mapping[str, KeyFacts]


@dataclass(slots=True)
class Regions:
    """Regions' public keys; a key's `kid` begins with its region's code: "61.72", "61.72#2"."""

    keys: PinnedKeys  # pinned by a file
    clock: Clock = field(default_factory=SystemClock)
    database: Database | None = None  # None: nobody enrols here
    grace: timedelta = GRACE
    challenges: Challenges | None = None  # None: a message may be heard again
    has_wall: bool = False  # a region's certificate must have been seen by a front of ours
    _ring: _Ring | None = None
    _mark: tuple[object, ...] = ()
    _read_at: float = float("-inf")
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def codes(self) -> set[str]:
        """Of those whose keys are pinned."""
        return {region_of(kid) for kid in self.keys.kids}

    async def prove(self, request: Request, region: str, purpose: str, body: bytes) -> str:
        """The `kid` that signed this. Refuses: any of REGION_REFUSALS."""
        self.check_wall(request, region)
        token = request.headers.get(SIGNATURE_HEADER, "")
        signed_for = once_purpose(purpose, request.headers.get(ONCE_HEADER))
        kid = await self.prove_token(token, region, signed_for, body)
        if self.challenges is not None:
            self.challenges.check(request, region)
        return kid

    def check_wall(self, request: Request, region: str) -> None:
        """Refuses: CertificateOfAnother."""
        if self.has_wall:
            check_certificate(request, region)

    async def prove_word(self, request: Request, region: str, body: bytes) -> str:
        """A PUT or POST is signed over its method, path and body. Refuses as `prove` does."""
        return await self.prove(request, region, f"{request.method} {request.url.path}", body)

    async def prove_question(self, request: Request, region: str) -> str:
        """A GET or HEAD is signed over its path and query. Refuses as `prove` does."""
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return await self.prove(request, region, f"{request.method} {path}", b"")

    async def prove_token(self, token: str, region: str, purpose: str, body: bytes) -> str:
        """The same for a signature that came another way. Refuses as `prove` does."""
        signer = await self.signer(token, region, purpose, body)
        await self.check(signer)
        vouched_by_region(region)
        return signer.kid

    async def signer(self, token: str, region: str, purpose: str, body: bytes) -> Signer:
        """Whose signature this is, whatever became of the key since.

        Refuses: RegionNotProven, RegionKeyUnknown, AnotherRegion.
        """
        ring = await self._present()
        try:
            kid = signer_of(ring.keys, purpose, body, token)
        except UnknownKey:
            raise RegionKeyUnknown from None
        except BadSignature:
            raise RegionNotProven from None
        if region_of(kid) != region:
            raise AnotherRegion
        return Signer(region, kid, ring.enrolled.get(kid))

    async def check(self, signer: Signer) -> None:
        """Refuses: RegionKeyExpired and the others, by how the key stands now."""
        now = self.clock.now()
        if signer.facts is not None:
            refused = _REFUSED.get(state_of(signer.facts, now))
            if refused is not None:
                raise refused
        try:
            self.keys.check_life(signer.kid, now)
        except ExpiredKey:
            raise RegionKeyExpired from None

    def check_renewing(self, signer: Signer) -> None:
        """An ended key may hand in the next one for some days more. Refuses as `check` does."""
        now, facts = self.clock.now(), signer.facts
        if facts is None:
            try:
                self.keys.check_life(signer.kid, now - self.grace)
            except ExpiredKey:
                raise RegionKeyExpired from None
        elif not may_renew(facts, now, self.grace):
            raise _REFUSED[state_of(facts, now)]

    async def check_kid(self, kid: str) -> None:
        """The same for a key whose signature was looked at elsewhere."""
        await self.check(Signer(region_of(kid), kid, (await self._present()).enrolled.get(kid)))

    async def known(self) -> PinnedKeys:
        """Every key this centre knows, whatever became of it."""
        return (await self._present()).keys

    def forget(self) -> None:
        """Something was written to the table: look again before the next word is believed."""
        self._read_at = float("-inf")

    async def _present(self) -> _Ring:
        if self.database is None:
            return self._ring or self._keep(())
        now = asyncio.get_running_loop().time
        if self._ring is None or now() - self._read_at > REFRESH_SECONDS:
            async with self._reading:
                if self._ring is None or now() - self._read_at > REFRESH_SECONDS:
                    self._read_at = now()
                    async with self.database.begin() as transaction:
                        await self._read(transaction)
        assert self._ring is not None
        return self._ring

    async def _read(self, transaction: Transaction) -> None:
        mark = tuple(
            (
                await transaction.execute(
                    select(
                        func.count(),
                        func.coalesce(func.sum(region_key.c.changes), 0),
                        func.max(region_key.c.asked_at),
                    )
                )
            ).one()
        )
        if self._ring is None or mark != self._mark:
            rows = await transaction.execute(select(region_key))
            self._keep([facts_of(row) for row in rows])
            self._mark = mark

    def _keep(self, facts: Sequence[KeyFacts]) -> _Ring:
        self._ring = _Ring(
            self.keys.beside([_public(one) for one in facts if one.kid not in self.keys.kids]),
            # A row about a pinned key counts for just that key, not for another of its name.
            {
                one.kid: one
                for one in facts
                if one.kid not in self.keys.kids or self.keys.x_of(one.kid) == one.x
            },
        )
        return self._ring


def _public(facts: KeyFacts) -> dict[str, object]:
    return {"kty": "OKP", "crv": "Ed25519", "x": facts.x, "kid": facts.kid}


def facts_of(row: Row[Any]) -> KeyFacts:
    return KeyFacts(
        region=row.region_code,
        kid=row.kid,
        x=row.x,
        asked_at=row.asked_at,
        days=row.days,
        is_pinned=row.is_pinned,
        approvals=(row.first_at is not None) + (row.second_at is not None),
        approved_at=row.approved_at,
        expires_at=row.expires_at,
        retires_at=row.retires_at,
        refused_at=row.refused_at,
        revoked_at=row.revoked_at,
    )


def region_of(kid: str) -> str:
    return kid.split("#", 1)[0]
