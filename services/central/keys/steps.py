"""Hand in, approve, refuse, revoke: what is done with a region's key."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from services.central.identity.regions import region_of
from services.central.identity.rules import APPROVALS_NEEDED, state_of
from services.central.keys import store
from services.central.keys.store import Kept, Said
from shared.contracts.region_keys import KeyClaims, fingerprint_of, is_enrolled, kid_of
from shared.database.engine import Transaction
from shared.four_eyes import is_another
from shared.refusals import NotFound, Refusal
from shared.signing import PinnedKeys

PENDING_EACH_MAX = 5
PENDING_ALL_MAX = 1_000

Begin = Callable[[Transaction, str], Awaitable[None]]  # gives a new region its positions


class Renewal(StrEnum):
    """What lets a region's next key in."""

    BY_KEY = "by_key"
    BY_OFFICER = "by_officer"


class TooManyKeyRequests(Refusal):
    """More keys wait for approval, of this region or of all, than officers can look at."""

    code, status = "too-many-key-requests", 429
    title = "Too many keys wait for approval"
    next_action = "Call the centre: an officer refuses those that are nobody's, or takes the file."
    next_action_id = "Hubungi pusat: petugas menolak permintaan palsu, atau menerima berkasnya."
    always_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "600"}


class FingerprintDiffers(Refusal):
    """The fingerprint typed is not that of the key: it was misread, or the key is somebody else's.

    Nothing was approved.
    """

    code, status = "fingerprint-differs", 409
    title = "This is not the key's fingerprint"
    next_action = "Have the region read its fingerprint out again; if it still differs, refuse."
    next_action_id = "Minta daerah membacakan ulang sidik kuncinya; bila tetap berbeda, tolak."


class AnotherOfficerNeeded(Refusal):
    """The first approval of this key is yours; the second has to be somebody else's."""

    code, status = "another-officer-needed", 409
    title = "A second officer has to approve"
    next_action = "Ask another officer to compare the fingerprint with the region and approve."
    next_action_id = "Minta petugas lain mencocokkan sidik kunci dengan daerah lalu menyetujui."


class KeyNotPending(Refusal):
    """Nothing waits for approval here: the key counts already, or was ended."""

    code, status = "key-not-pending", 409
    title = "This key does not wait for approval"
    next_action = "Look at the list of keys: somebody was faster."
    next_action_id = "Lihat daftar kunci: petugas lain sudah lebih dahulu."


class KeyNotCounting(Refusal):
    """The key does not count any more, or not yet: there is nothing to revoke."""

    code, status = "key-not-counting", 409
    title = "This key does not count"
    next_action = "Refuse a key that waits; one that was refused or revoked needs nothing more."
    next_action_id = "Tolak kunci yang menunggu; yang sudah ditolak atau dicabut tidak perlu lagi."


@dataclass(frozen=True, slots=True)
class Policy:
    renewal: Renewal
    overlap: timedelta


@dataclass(frozen=True, slots=True)
class Keyroom:
    """What deciding about keys takes."""

    pinned: PinnedKeys
    policy: Policy
    begin: Begin

    async def hand_in(
        self,
        transaction: Transaction,
        claims: KeyClaims,
        now: datetime,
        *,
        vouched_by: str | None = None,
        brought_by: str | None = None,
    ) -> Kept:
        """Keep a key that asks to count; again changes nothing. Refuses: TooManyKeyRequests.

        vouched_by: the region's present key, when it signed for this one.
        """
        region, kid = claims.region, kid_of(claims.region, claims.x)
        await store.drop_lapsed(transaction, now)
        found = await store.key(transaction, region, kid, to_change=True)
        if found is None:
            if vouched_by is None and brought_by is None:
                await _check_room(transaction, region)
            await store.put(
                transaction,
                {
                    "region_code": region,
                    "kid": kid,
                    "x": claims.x,
                    "is_pinned": False,
                    "days": claims.days,
                    "asked_at": now,
                    "vouched_by": vouched_by,
                    "brought_by": brought_by,
                },
            )
        elif vouched_by is not None and found.vouched_by is None and _is_pending(found, now):
            await store.change(transaction, region, kid, {"vouched_by": vouched_by})
        kept = await self._found(transaction, region, kid)
        if kept.vouched_by and self.policy.renewal is Renewal.BY_KEY and _is_pending(kept, now):
            await self._let_in(transaction, kept, now)
            kept = await self._found(transaction, region, kid)
        return kept

    async def approve(
        self,
        transaction: Transaction,
        region: str,
        kid: str,
        fingerprint: str,
        said: Said,
    ) -> Kept:
        """One officer's word; the second one's lets the key in.

        Refuses: NotFound, KeyNotPending, FingerprintDiffers, AnotherOfficerNeeded.
        """
        kept = await self._found(transaction, region, kid)
        if not _is_pending(kept, said.at):
            raise KeyNotPending
        if fingerprint != fingerprint_of(kept.facts.x):
            raise FingerprintDiffers
        if not is_another(said.officer, [one.officer for one in kept.approvals]):
            raise AnotherOfficerNeeded
        place = "second" if kept.approvals else "first"
        await store.change(
            transaction,
            region,
            kid,
            {
                f"{place}_officer": said.officer,
                f"{place}_reason": said.reason,
                f"{place}_at": said.at,
            },
        )
        needed = 1 if kept.vouched_by else APPROVALS_NEEDED
        if len(kept.approvals) + 1 >= needed:
            await self._let_in(transaction, kept, said.at)
        return await self._found(transaction, region, kid)

    async def refuse(self, transaction: Transaction, region: str, kid: str, said: Said) -> Kept:
        """Refuses: NotFound, KeyNotPending."""
        kept = await self._found(transaction, region, kid)
        if not _is_pending(kept, said.at):
            raise KeyNotPending
        ended = {"refused_at": said.at, "ended_by": said.officer, "end_reason": said.reason}
        await store.change(transaction, region, kid, ended)
        return await self._found(transaction, region, kid)

    async def revoke(
        self, transaction: Transaction, region: str, kid: str, said: Said
    ) -> list[Kept]:
        """End a key, and whatever came in by its word: a thief may have let himself in.

        Refuses: NotFound, KeyNotCounting.
        """
        await self._know_pinned(transaction, region, said.at)
        kept = await self._found(transaction, region, kid)
        if kept.facts.revoked_at is not None:
            return [kept]
        if state_of(kept.facts, said.at) in {"pending", "refused"}:
            raise KeyNotCounting
        ended, next_ones = [], [kid]
        while next_ones:
            for one in next_ones:
                await store.change(
                    transaction,
                    region,
                    one,
                    {"revoked_at": said.at, "ended_by": said.officer, "end_reason": said.reason},
                )
            ended += next_ones
            next_ones = await store.vouched_by(transaction, region, next_ones)
        return [await self._found(transaction, region, one) for one in ended]

    async def _let_in(self, transaction: Transaction, kept: Kept, now: datetime) -> None:
        region, kid, days = kept.facts.region, kept.facts.kid, kept.facts.days or 1
        await self._know_pinned(transaction, region, now)
        await store.change(
            transaction,
            region,
            kid,
            {"approved_at": now, "expires_at": now + timedelta(days=days)},
        )
        await store.retire_others(transaction, region, kid, now + self.policy.overlap)
        await self.begin(transaction, region)

    async def _know_pinned(self, transaction: Transaction, region: str, now: datetime) -> None:
        """A pinned key has no row until something is done with it."""
        for kid in self.pinned.kids:
            if region_of(kid) != region or is_enrolled(kid):
                continue
            row = {"x": self.pinned.x_of(kid), "is_pinned": True, "asked_at": now}
            if await store.put(transaction, {"region_code": region, "kid": kid, **row}):
                continue
            kept = await self._found(transaction, region, kid)
            if kept.facts.x != row["x"]:  # the file holds another key under the name by now
                fresh = dict.fromkeys(("retires_at", "revoked_at", "ended_by", "end_reason"))
                await store.change(transaction, region, kid, {**row, **fresh})

    async def _found(self, transaction: Transaction, region: str, kid: str) -> Kept:
        kept = await store.key(transaction, region, kid, to_change=True)
        if kept is None:
            raise NotFound("No such key of this region is known here.")
        return kept


def _is_pending(kept: Kept, now: datetime) -> bool:
    return state_of(kept.facts, now) == "pending"


async def _check_room(transaction: Transaction, region: str) -> None:
    if (
        await store.count_pending(transaction, region) >= PENDING_EACH_MAX
        or await store.count_pending(transaction, None) >= PENDING_ALL_MAX
    ):
        raise TooManyKeyRequests
