"""Take a piece, finish an image, watch for what never came."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.central.evidence import rules, store
from services.central.evidence.rules import Elsewhere, TooLarge, Upload, Write
from services.central.evidence.spool import Spool
from services.central.vault import steps as vault
from services.central.vault.steps import Body
from shared.database.engine import Transaction
from shared.evidence.refusals import EvidenceNotNamed
from shared.refusals import Refusal

WATCH_ENVELOPES_MAX = 500


class EvidenceTooEarly(Refusal):
    """The envelope that names this image is not here yet, so nothing can vouch for it.

    A region sends envelopes first; this happens when the centre was put back to an earlier day.
    """

    code, status = "evidence-too-early", 409
    title = "The recording of this image has not arrived"
    next_action = "Nothing: the region sends the envelope first and the image again later."
    next_action_id = "Tidak perlu tindakan: amplop dikirim dahulu, lalu gambarnya lagi."


@dataclass(frozen=True, slots=True)
class Place:
    """Which image: of a region, a recording, and a part."""

    region: str
    recording_id: UUID
    part: str


async def look(transaction: Transaction, spool: Spool, place: Place) -> Upload:
    """How an upload stands. Refuses: EvidenceTooEarly, EvidenceNotNamed."""
    found = await store.upload(transaction, place.region, place.recording_id, place.part)
    if found is None:
        return Upload(await _named(transaction, place), 0, 0, is_received=False)
    spooled = await asyncio.to_thread(
        spool.size_bytes, place.region, place.recording_id, place.part
    )
    return Upload(found.sha256, rules.standing(found, spooled), found.restarts, found.is_received)


async def append(
    transaction: Transaction,
    spool: Spool,
    place: Place,
    offset: int,
    piece: bytes,
    now: datetime,
) -> Elsewhere | TooLarge | Upload:
    """Write a piece where the upload stands; gives the upload after it, synced.

    The row is locked while the piece is written: whoever sends the same piece at the same time
    waits, and is told the new offset. Refuses: EvidenceTooEarly, EvidenceNotNamed.
    """
    upload = await store.upload(
        transaction, place.region, place.recording_id, place.part, is_locked=True
    )
    if upload is None:
        sha256 = await _named(transaction, place)
        await store.begin(transaction, place.region, place.recording_id, place.part, sha256, now)
        upload = await store.upload(
            transaction, place.region, place.recording_id, place.part, is_locked=True
        )
        assert upload is not None
    where = (place.region, place.recording_id, place.part)
    spooled = await asyncio.to_thread(spool.size_bytes, *where)
    placed = rules.fit(upload, spooled, offset, len(piece))
    if not isinstance(placed, Write):
        return placed
    if piece:
        await asyncio.to_thread(spool.write, *where, offset, piece)
    if placed.offset_after != upload.offset:
        await store.save_offset(
            transaction, *where, placed.offset_after, is_restart=offset < upload.offset
        )
    return Upload(upload.sha256, placed.offset_after, upload.restarts, upload.is_received)


async def discard(transaction: Transaction, place: Place, offset: int) -> int:
    """Begin an image again whose hash is another; gives how often that was.

    offset: where it stood when it was hashed; nothing is done if somebody else began it again.
    """
    where = (place.region, place.recording_id, place.part)
    upload = await store.upload(transaction, *where, is_locked=True)
    if upload is None:
        return 0
    if upload.is_received or upload.offset != offset:
        return upload.restarts
    await store.save_offset(transaction, *where, 0, is_restart=True)
    return upload.restarts + 1


async def _named(transaction: Transaction, place: Place) -> bytes:
    body = await store.recording_body(transaction, place.region, place.recording_id)
    if body is None:
        raise EvidenceTooEarly
    (plain,) = await vault.opened(transaction, [Body(place.region, place.recording_id, body)])
    digest = rules.images_named(vault.in_clear(plain)).get(place.part)
    if digest is None:
        raise EvidenceNotNamed
    return bytes.fromhex(digest)


async def watch(transaction: Transaction, region: str, before: datetime) -> int:
    """Look at a region's next envelopes that came before a moment; gives how many those were.

    Each is looked at once: a recording that lacks images then is listed until they are here.
    """
    watched_seq = await store.lock_watch(transaction, region)
    if watched_seq is None:
        return 0
    listed = await store.listed_after(transaction, region, watched_seq, before, WATCH_ENVELOPES_MAX)
    if not listed:
        return 0
    recordings = [one for one in listed if one.is_recording]
    here = await store.received_counts(
        transaction, region, [one.recording_id for one in recordings]
    )
    plain = await vault.opened(
        transaction, [Body(region, one.recording_id, one.body) for one in recordings]
    )
    named = [
        (one, len(rules.images_named(vault.in_clear(body))))
        for one, body in zip(recordings, plain, strict=True)
    ]
    overdue = [(one, count) for one, count in named if here.get(one.recording_id, 0) < count]
    await store.save_watched(transaction, region, listed[-1].seq, overdue)
    return len(listed)
