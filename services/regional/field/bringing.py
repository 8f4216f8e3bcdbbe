"""Take a batch: check it whole, hand its recordings to the lane, keep the report.

The recordings are committed before the report is. If this dies in between, the same file sent again
finds them held and says so; nothing is taken twice.
"""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from pydantic import ValidationError

from services.regional.field import batch_store as store
from services.regional.field.batches import (
    Flag,
    Item,
    ItemOutcome,
    Report,
    Station,
    count_exceptions,
    flags_of,
)
from services.regional.field.refusals import BatchDiffers, BatchNotSigned, StationDiffers
from shared.clock import Clock
from shared.contracts.field_batch import FieldBatch, NotABatch, unseal
from shared.contracts.recording import RECORDING, Recording
from shared.database.engine import Database
from shared.refusals import InvalidInput, NotFound
from shared.signing import PinnedKeys

NOT_THE_NAMED = "recording-not-the-named"


class Handed(Protocol):
    """What the lane's room says of one recording."""

    @property
    def outcome(self) -> str: ...
    @property
    def code(self) -> str | None: ...
    @property
    def earlier_id(self) -> UUID | None: ...


HandIn = Callable[[Sequence[Recording], str], Awaitable[Sequence[Handed]]]
_OUTCOMES = {
    "accepted": ItemOutcome.TAKEN,
    "repeated": ItemOutcome.HELD,
    "refused": ItemOutcome.REFUSED,
}


@dataclass(frozen=True)
class Bringing:
    """Stations and their batches; `hand_in` is the way to the commit lane."""

    database: Database
    clock: Clock
    hand_in: HandIn

    async def stations(self) -> list[Station]:
        async with self.database.begin() as transaction:
            return await store.stations(transaction)

    async def enrol(self, key_id: UUID, station: str, public_key: bytes, head: str) -> Station:
        """The same again is the same. Refuses: StationDiffers."""
        one = Station(key_id, station, public_key, head, self.clock.now())
        async with self.database.begin() as transaction:
            await store.enrol(transaction, one)
            held = await store.station_of(transaction, key_id)
        assert held is not None
        if (held.station, held.public_key) != (station, public_key) or held.ended_at:
            raise StationDiffers
        return held

    async def end(self, key_id: UUID, head: str) -> None:
        async with self.database.begin() as transaction:
            await store.end(transaction, key_id, head, self.clock.now())

    async def report(self, batch_id: UUID) -> Report:
        """Refuses: NotFound."""
        async with self.database.begin() as transaction:
            found = await store.report(transaction, batch_id)
        if found is None:
            raise NotFound("No batch was brought under this id.")
        return found[0]

    async def newest(self, limit: int) -> Sequence[store.Summary]:
        async with self.database.begin() as transaction:
            return await store.newest(transaction, limit)

    async def take(self, batch_id: UUID, content: bytes, officer: str) -> Report:
        """The same file again gets the same report.

        Refuses: BatchNotSigned, BatchDiffers, and what the lane refuses as a whole.
        """
        digest = sha256(content).digest()
        async with self.database.begin() as transaction:
            held = await store.report(transaction, batch_id)
            stations = await store.stations(transaction)
        if held is not None:
            return _same(*held, digest)
        now = self.clock.now()
        batch, station = await asyncio.to_thread(_checked, batch_id, content, stations, now)
        read = await asyncio.to_thread(_read, batch)
        readable = [one for one in read if isinstance(one, Recording)]
        handed = iter(await self.hand_in(readable, officer) if readable else ())
        items = []
        for named, one in zip(batch.manifest.recordings, read, strict=True):
            if isinstance(one, str):
                item = Item(named.recording_id, None, ItemOutcome.REFUSED, one, None, ())
            else:
                flags = flags_of(one, station, batch.manifest.packed_at, now)
                item = _answered(one, next(handed), flags)
            items.append(item)
        kept = [
            one
            for one, item in zip(read, items, strict=True)
            if isinstance(one, Recording) and item.outcome is not ItemOutcome.REFUSED
        ]
        report = Report(
            batch_id,
            station.key_id,
            station.station,
            batch.manifest.packed_at,
            now,
            officer,
            count_exceptions(kept),
            tuple(items),
        )
        async with self.database.begin() as transaction:
            await store.save(transaction, report, digest)
            found = await store.report(transaction, batch_id)
        assert found is not None
        return _same(*found, digest)


def _same(report: Report, held: bytes, digest: bytes) -> Report:
    if held != digest:
        raise BatchDiffers
    return report


def _checked(
    batch_id: UUID, content: bytes, stations: Sequence[Station], now: datetime
) -> tuple[FieldBatch, Station]:
    """The batch and who packed it. Refuses: BatchNotSigned."""
    live = {str(one.key_id): one for one in stations if one.ended_at is None}
    jwks = [_jwk(one) for one in live.values()]
    try:
        batch = unseal(content, PinnedKeys({"keys": jwks}), now)
    except NotABatch as trouble:
        raise BatchNotSigned(f"Nothing was taken: {trouble}.") from None
    station = live[batch.kid]
    if batch.manifest.batch_id != batch_id or batch.manifest.station != station.station:
        raise BatchNotSigned("Nothing was taken: it names another batch or station.")
    return batch, station


def _jwk(one: Station) -> dict[str, str]:
    text = urlsafe_b64encode(one.public_key).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "x": text, "kid": str(one.key_id)}


def _read(batch: FieldBatch) -> list[Recording | str]:
    """Each recording, or the code of what is wrong with it."""
    found: list[Recording | str] = []
    for named, body in zip(batch.manifest.recordings, batch.bodies, strict=True):
        try:
            one = RECORDING.validate_json(body)
        except ValidationError:
            found.append(InvalidInput.code)
            continue
        found.append(one if one.recording_id == named.recording_id else NOT_THE_NAMED)
    return found


def _answered(recording: Recording, handed: Handed, flags: tuple[Flag, ...]) -> Item:
    return Item(
        recording.recording_id,
        recording.captured_at,
        _OUTCOMES[handed.outcome],
        handed.code,
        handed.earlier_id,
        flags,
    )
