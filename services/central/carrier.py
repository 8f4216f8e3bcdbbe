"""Carry by disk at the centre: take what a region sent on a disk, and write its answer."""

import asyncio
from dataclasses import dataclass

from sqlalchemy import select

from services.central import epochs
from services.central.feed.routes import within_bytes
from services.central.identity import Regions, region_of
from services.central.intake import steps as intake
from services.central.intake import store as intake_store
from services.central.intake.rules import Differs, Gap
from services.central.intake.steps import Accepted
from services.central.journey import steps as journey
from services.central.tables import settled_head
from shared.clock import Clock
from shared.contracts.carry import Carried, NotCarried, Part, seal, unseal
from shared.contracts.envelopes import RECEIPT, BatchReceipt, UnreadableBatch, unpack
from shared.contracts.feed import PAGE_ENTRIES_MAX, page_bytes
from shared.database.engine import Database, Transaction
from shared.refusals import Refusal
from shared.signing import SigningKey, sign_message

POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer's file, and how far the region is held and settled."""

    region: str
    content: bytes
    accepted_seq: int
    taken: int
    settled_seq: int
    last_pos: int


@dataclass(frozen=True, slots=True)
class Carrier:
    database: Database
    regions: Regions
    key: SigningKey
    clock: Clock

    async def take(self, content: bytes, wait_seconds: float) -> Answered:
        """Take a region's file by the door's own steps; the same file again changes nothing.

        wait_seconds: how long to wait for all of it to be settled before the feed is read.
        Raises NotCarried.
        """
        carried = unseal(content, await self.regions.known(), "up", self.clock.now())
        region = carried.head.region
        if region_of(carried.kid) != region:
            raise NotCarried("it is signed by another region than it names")
        await self._check(carried.kid)
        async with self.database.begin() as transaction:
            before = await intake_store.accepted_seq(transaction, region)
        accepted, parts = before, []
        for part in carried.parts:
            accepted, receipt = await self._batch(carried, part)
            parts.append(receipt)
        settled = await self._settled(region, carried.head.last_seq, wait_seconds)
        pages, last_pos = await self._pages(region, carried.head.feed_after)
        seqs = (carried.head.first_seq, carried.head.last_seq)
        answer = seal(self.key, "down", region, carried.head.feed_after, seqs, [*parts, *pages])
        return Answered(region, answer, accepted, accepted - before, settled, last_pos)

    async def _check(self, kid: str) -> None:
        try:
            await self.regions.check_kid(kid)
        except Refusal as refusal:
            raise NotCarried(f"{refusal.title.lower()}. {refusal.next_action}") from None

    async def _batch(self, carried: Carried, part: Part) -> tuple[int, Part]:
        region, now = carried.head.region, self.clock.now()
        manifest_bytes = part.content.partition(b"\n")[0]
        try:
            await self.regions.prove_token(
                part.signature, region, f"envelopes {region}", manifest_bytes
            )
            received = unpack(part.content)
        except (Refusal, UnreadableBatch):
            raise NotCarried("a batch in it is not the region's, or cannot be read") from None
        if received.manifest.region != region:
            raise NotCarried("a batch in it names another region")

        async def take(transaction: Transaction) -> tuple[int, Accepted | Gap | Differs]:
            answer = await intake.take(transaction, region, received, now)
            return await epochs.current(transaction), answer

        try:
            epoch, answer = await self.database.repeat(take)
        except intake.UnknownRegion:
            raise NotCarried(f"region {region} is not enrolled here: start the centre") from None
        match answer:
            case Gap(expected_seq):
                raise NotCarried(
                    f"it begins at seq {received.batch.first_seq}, and {expected_seq} is awaited: "
                    "import the file before it first"
                )
            case Differs(seq):
                raise NotCarried(
                    f"seq {seq} is held here with other content: two servers speak as {region}"
                )
        receipt = RECEIPT.dump_json(
            BatchReceipt(
                version=1,
                region=region,
                epoch=epoch,
                accepted_seq=answer.accepted_seq,
                manifest_sha256=received.batch.manifest_sha256,
                received_at=now,
                notes=answer.notes,
            )
        )
        signature = sign_message(self.key, f"receipt {region}", receipt)
        content = receipt + b"\n" + manifest_bytes
        return answer.accepted_seq, Part("receipt", content, signature)

    async def _settled(self, region: str, last_seq: int, wait_seconds: float) -> int:
        until = asyncio.get_running_loop().time() + wait_seconds
        while True:
            async with self.database.begin() as transaction:
                found = await transaction.scalar(
                    select(settled_head.c.settled_seq).where(settled_head.c.region_code == region)
                )
            settled = int(found or 0)
            if settled >= last_seq or asyncio.get_running_loop().time() >= until:
                return settled
            await asyncio.sleep(POLL_SECONDS)

    async def _pages(self, region: str, after: int) -> tuple[list[Part], int]:
        pages: list[Part] = []
        while True:
            async with self.database.begin() as transaction:
                standing = await epochs.standing(transaction, region)
                entries = await journey.page_after(transaction, region, after, PAGE_ENTRIES_MAX)
                head_pos = await journey.last_pos(transaction, region)
            # As on the line: what stands here may still be displaced by what the region hands back.
            if not entries or standing.is_open:
                return pages, head_pos
            entries = within_bytes(entries)
            page = page_bytes(region, standing.epoch, after, head_pos, entries)
            pages.append(Part("page", page, sign_message(self.key, f"feed {region} {after}", page)))
            after = entries[-1][0]
