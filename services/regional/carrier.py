"""Carry by disk at the region: what the uplink would send, and what the line would bring back."""

from dataclasses import dataclass

from services.regional.central_client.client import Heard
from services.regional.feed_reader import steps as feed_reader
from services.regional.feed_reader import store as feed_store
from services.regional.feed_reader.rules import PageDoesNotFit
from services.regional.uplink import rules
from services.regional.uplink import steps as uplink
from services.regional.uplink import store as uplink_store
from shared.clock import Clock
from shared.contracts.carry import Carried, NotCarried, Part, seal, unseal
from shared.contracts.envelopes import (
    BATCH_BYTES_MAX,
    BATCH_ENVELOPES_MAX,
    MANIFEST,
    RECEIPT,
    wire_bytes,
)
from shared.contracts.feed import read_page
from shared.database.engine import Database, Transaction
from shared.signing import BadSignature, ExpiredKey, PinnedKeys, SigningKey, verify_message


@dataclass(frozen=True, slots=True)
class Brought:
    """What an answer brought: envelopes acknowledged and entries applied by it."""

    acked_seq: int
    acknowledged: int
    applied_pos: int
    applied: int


@dataclass(frozen=True, slots=True)
class Carrier:
    """One region's; the line may work at the same time: the positions are the same."""

    database: Database
    region: str
    key: SigningKey
    centre: PinnedKeys
    clock: Clock

    async def first_seq(self) -> int:
        async with self.database.begin() as transaction:
            return (await uplink_store.position(transaction, self.region)).acked_seq + 1

    async def next_file(self, first_seq: int, bytes_max: int) -> tuple[bytes, int] | None:
        """A file with what waits from `first_seq` on, and its last seq; None if nothing does.

        It holds one batch at least, so it may be larger than `bytes_max` by a batch.
        """
        parts: list[Part] = []
        after, size = first_seq - 1, 0
        async with self.database.begin() as transaction:
            cursor = await feed_store.cursor(transaction, self.region)
            while size < bytes_max:
                move = rules.Send(BATCH_ENVELOPES_MAX, min(BATCH_BYTES_MAX, bytes_max))
                batch = await uplink.batch_after(transaction, self.region, after, move)
                if batch is None:
                    break
                payload = wire_bytes(batch)
                parts.append(
                    Part("envelopes", payload, uplink.signature_of(self.key, self.region, batch))
                )
                after, size = batch.last_seq, size + len(payload)
            if not parts:
                return None
            await uplink.note_offer(transaction, self.region, first_seq, after, self.clock.now())
        content = seal(self.key, "up", self.region, cursor.applied_pos, (first_seq, after), parts)
        return content, after

    async def hear(self, content: bytes) -> Brought:
        """Apply an answer by the line's own steps. Raises NotCarried, ForeignPosition."""
        carried = unseal(content, self.centre, "down", self.clock.now())
        if carried.head.region != self.region:
            raise NotCarried(f"it is for region {carried.head.region}")
        before = await self._positions()
        for part in carried.parts:
            self._verify(carried, part)
        for part in carried.parts:
            async with self.database.begin() as transaction:
                if part.kind == "receipt":
                    await self._receipt(transaction, part)
                else:
                    await self._page(transaction, part.content)
        after = await self._positions()
        return Brought(after[0], after[0] - before[0], after[1], after[1] - before[1])

    async def _positions(self) -> tuple[int, int]:
        async with self.database.begin() as transaction:
            acked = (await uplink_store.position(transaction, self.region)).acked_seq
            return acked, (await feed_store.cursor(transaction, self.region)).applied_pos

    def _verify(self, carried: Carried, part: Part) -> None:
        said = part.content.partition(b"\n")[0] if part.kind == "receipt" else part.content
        purpose = f"receipt {self.region}"
        if part.kind == "page":
            purpose = f"feed {self.region} {read_page(said).after}"
        try:
            verify_message(self.centre, purpose, said, part.signature, self.clock.now())
        except (BadSignature, ExpiredKey):
            raise NotCarried(f"a {part.kind} in it is not signed by {carried.kid}") from None

    async def _receipt(self, transaction: Transaction, part: Part) -> None:
        said, _, manifest_bytes = part.content.partition(b"\n")
        receipt, manifest = RECEIPT.validate_json(said), MANIFEST.validate_json(manifest_bytes)
        position = await uplink_store.position(transaction, self.region)
        first, last = manifest.envelopes[0].seq, manifest.envelopes[-1].seq
        if last <= position.acked_seq and receipt.epoch <= position.epoch:
            return  # known already: imported before, or heard by the line
        if first > position.acked_seq + 1:
            raise NotCarried(
                f"it answers from seq {first} on, and {position.acked_seq + 1} is awaited: "
                "import the earlier answer first"
            )
        if not await uplink.is_ours(transaction, self.region, receipt, manifest_bytes):
            raise uplink.ForeignPosition
        await uplink.hear(
            transaction,
            self.region,
            Heard(receipt.accepted_seq, receipt.epoch, said, part.signature),
            position.line,
            asked=rules.Reached(manifest.epoch, first - 1),
            vouched_seq=last,
            payload_bytes=0,  # it says nothing about the line's goodput
            attempts=0,
            now=self.clock.now(),
        )

    async def _page(self, transaction: Transaction, content: bytes) -> None:
        page = read_page(content)
        cursor = await feed_store.cursor(transaction, self.region)
        if page.after > cursor.applied_pos:
            raise NotCarried(
                f"its entries begin after {page.after}, and {cursor.applied_pos} is applied here: "
                "import the earlier answer first"
            )
        fresh = tuple(item for item in page.entries if item.pos > cursor.applied_pos)
        if not fresh:
            return
        rest = page.model_copy(update={"after": cursor.applied_pos, "entries": fresh})
        try:
            await feed_reader.apply(transaction, self.region, rest, self.clock.now())
        except PageDoesNotFit:
            raise NotCarried("its entries do not fit: an older centre, or a faster line") from None
