"""The life of a permission: card receipts, a fresh one, one taken back, one asked for anew."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from pydantic import ValidationError

from services.central.journey import entries, permissions
from services.central.journey.entries import NewEntry, SignedPermission
from services.central.journey.permissions import Grounds
from services.central.print_authorization import rules, store
from services.central.print_authorization.rules import Permitter
from shared.contracts.envelopes import CARD_RECEIPT, CardResult
from shared.contracts.recording import Recording
from shared.contracts.revocation import RENEWAL_REQUEST
from shared.database.engine import Transaction
from shared.ids import new_id

log = structlog.get_logger()

FindRecording = Callable[[UUID], Awaitable[Recording | None]]


async def take_receipts(
    transaction: Transaction,
    region: str,
    bodies: Sequence[tuple[int, bytes]],
    permitter: Permitter,
    find_recording: FindRecording,
    now: datetime,
) -> dict[int, NewEntry]:
    """Settle card receipts given as (seq, body); gives entries for those that earn one, by seq."""
    found = {}
    for seq, body in bodies:
        try:
            receipt = CARD_RECEIPT.validate_json(body)
        except ValidationError:
            log.warning("card_receipt.unreadable", region=region, seq=seq)
            continue
        known = await store.known_of(transaction, region, receipt.authorization_id)
        if not rules.is_news(known.result, receipt.result, is_revoked=known.is_revoked):
            log.warning("card_receipt.no_news", region=region, seq=seq)
            continue
        await store.save_result(transaction, region, receipt)
        if known.is_revoked and receipt.result is not CardResult.SPOILED:
            log.warning("card_receipt.card_to_withdraw", region=region, seq=seq)
        if receipt.result is CardResult.SPOILED and not known.is_revoked:
            entry = await _permit_again(
                transaction,
                region,
                (receipt.recording_id, receipt.authorization_id),
                permitter,
                find_recording,
                now,
            )
            if entry is not None:
                found[seq] = entry
    return found


async def renew(
    transaction: Transaction,
    region: str,
    bodies: Sequence[tuple[int, bytes]],
    permitter: Permitter,
    find_recording: FindRecording,
    now: datetime,
) -> dict[int, NewEntry]:
    """Answer renewal requests given as (seq, body); gives entries by seq.

    A fresh permission for whoever is still entitled; for one that was taken back, that word again.
    """
    found = {}
    for seq, body in bodies:
        try:
            asked = RENEWAL_REQUEST.validate_json(body)
        except ValidationError:
            log.warning("renewal.unreadable", region=region, seq=seq)
            continue
        known = await store.known_of(transaction, region, asked.authorization_id)
        if known.is_revoked:
            row = await store.revocation_of(transaction, region, asked.authorization_id)
            entry: NewEntry | None = _as_entry(row) if row is not None else None
        elif known.result is not None:
            log.warning("renewal.of_a_spent_permission", region=region, seq=seq)
            continue
        else:
            entry = await _permit_again(
                transaction,
                region,
                (asked.recording_id, asked.authorization_id),
                permitter,
                find_recording,
                now,
            )
        if entry is not None:
            found[seq] = entry
    return found


async def _permit_again(
    transaction: Transaction,
    region: str,
    replaced: tuple[UUID, UUID],
    permitter: Permitter,
    find_recording: FindRecording,
    now: datetime,
) -> NewEntry | None:
    """replaced: the recording and its authorization that can never be spent any more."""
    recording_id, authorization_id = replaced
    recording = await find_recording(recording_id)
    if recording is None:
        log.warning("permit_again.unknown_recording", region=region)
        return None
    permission = permitter.sign(region, new_id(), recording, now)
    was_live = await store.replace_permission(
        transaction, region, recording.nik.number, recording_id, authorization_id, permission
    )
    if not was_live:
        log.warning("permit_again.not_the_live_permission", region=region)
        return None
    return entries.fresh_permission(recording_id, authorization_id, permission, now)


async def revoke(
    transaction: Transaction,
    region: str,
    recording_id: UUID,
    grounds: Grounds,
    now: datetime,
    *,
    replaced_by: UUID | None = None,
) -> NewEntry | None:
    """Take back the newest permission a region was given for a recording, spent or not.

    Gives the entry that tells the region: publish it last. None when there is nothing to take back,
    or it was taken back before. The NIK stays taken: what becomes of it is the caller's to say.
    """
    claims = await permissions.newest_permission(transaction, region, recording_id)
    if claims is None:
        return None
    await permissions.mark_revoked(transaction, int(claims.nik), claims.jti, now)
    return await _take_back(
        transaction, region, (recording_id, claims.jti), grounds, replaced_by, now
    )


async def permit_anew(
    transaction: Transaction,
    region: str,
    recording: Recording,
    permitter: Permitter,
    grounds: Grounds,
    now: datetime,
) -> list[NewEntry]:
    """Take a recording's permission back and give a fresh one: changed data, a lost card.

    recording: with the card's data as they are now to be printed. Gives the entries to publish, in
    this order; none when it is not the live recording of its NIK in this region, or when its
    permission was taken back for good. Pass people in the order of their NIK.
    """
    recording_id, nik = recording.recording_id, recording.nik.number
    standing = await store.lock_standing(transaction, region, nik, recording_id)
    if standing is None or standing.is_revoked:
        return []
    fresh, permission = await _put_fresh(transaction, region, recording, standing, permitter, now)
    told = await _take_back(
        transaction,
        region,
        (recording_id, standing.authorization_id),
        grounds,
        permission.authorization_id,
        now,
    )
    return [told, fresh] if told is not None else [fresh]


async def permit_after_revocation(
    transaction: Transaction,
    region: str,
    recording: Recording,
    permitter: Permitter,
    grounds: Grounds,
    now: datetime,
) -> list[NewEntry]:
    """Give a fresh permission where one was taken back in error; none where that is not so.

    grounds: of the officer who says so, kept beside those of the revocation.
    """
    nik = recording.nik.number
    standing = await store.lock_standing(transaction, region, nik, recording.recording_id)
    if standing is None or not standing.is_revoked:
        return []
    fresh, permission = await _put_fresh(transaction, region, recording, standing, permitter, now)
    await store.follow_revocation(
        transaction, region, standing.authorization_id, permission.authorization_id, grounds
    )
    return [fresh]


async def readdress(
    transaction: Transaction,
    regions: tuple[str, str],
    recording: Recording,
    permitter: Permitter,
    grounds: Grounds,
    now: datetime,
) -> tuple[NewEntry | None, NewEntry] | None:
    """Take a permission back in one region and give one in another, in one transaction.

    regions: from and to. Gives what to tell there and here; None when it is not the live recording
    of its NIK there, or its permission was taken back before.
    """
    there, here = regions
    recording_id = recording.recording_id
    standing = await store.lock_standing(transaction, there, recording.nik.number, recording_id)
    if standing is None or standing.is_revoked:
        return None
    fresh, permission = await _put_fresh(transaction, here, recording, standing, permitter, now)
    replaced = (recording_id, standing.authorization_id)
    told = await _take_back(transaction, there, replaced, grounds, permission.authorization_id, now)
    return told, fresh


async def _put_fresh(
    transaction: Transaction,
    region: str,
    recording: Recording,
    standing: store.Standing,
    permitter: Permitter,
    now: datetime,
) -> tuple[NewEntry, SignedPermission]:
    recording_id = recording.recording_id
    permission = permitter.sign(region, new_id(), recording, now)
    await store.put_permission(transaction, region, recording.nik.number, recording_id, permission)
    replaced = standing.authorization_id
    return entries.fresh_permission(recording_id, replaced, permission, now), permission


async def _take_back(
    transaction: Transaction,
    region: str,
    permission: tuple[UUID, UUID],
    grounds: Grounds,
    replaced_by: UUID | None,
    now: datetime,
) -> NewEntry | None:
    recording_id, authorization_id = permission
    is_news = await permissions.save_revocation(
        transaction, region, recording_id, authorization_id, grounds, replaced_by, now
    )
    if not is_news:
        return None
    log.warning("permission.revoked", region=region, reason=grounds.reason)
    return entries.revocation(
        recording_id=recording_id,
        authorization_id=authorization_id,
        reason=grounds.reason,
        replaced_by=replaced_by,
        now=now,
    )


def _as_entry(row: store.Revoked) -> NewEntry:
    return entries.revocation(
        recording_id=row.recording_id,
        authorization_id=row.authorization_id,
        reason=row.reason,
        replaced_by=row.replaced_by,
        now=row.revoked_at,
    )
