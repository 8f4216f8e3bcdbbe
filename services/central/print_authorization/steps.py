"""Take card receipts: keep each card's result; a spoiled blank earns a fresh permission."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from pydantic import ValidationError

from services.central.journey import entries
from services.central.journey.entries import NewEntry
from services.central.print_authorization import rules, store
from services.central.print_authorization.rules import Permitter
from shared.contracts.envelopes import CARD_RECEIPT, CardReceipt, CardResult
from shared.contracts.recording import Recording
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
        known = await store.result_of(transaction, region, receipt.authorization_id)
        if not rules.is_news(known, receipt.result):
            log.warning("card_receipt.no_news", region=region, seq=seq)
            continue
        await store.save_result(transaction, region, receipt)
        if receipt.result is CardResult.SPOILED:
            entry = await _permit_again(
                transaction, region, receipt, permitter, find_recording, now
            )
            if entry is not None:
                found[seq] = entry
    return found


async def _permit_again(
    transaction: Transaction,
    region: str,
    receipt: CardReceipt,
    permitter: Permitter,
    find_recording: FindRecording,
    now: datetime,
) -> NewEntry | None:
    recording = await find_recording(receipt.recording_id)
    if recording is None:
        log.warning("card_receipt.unknown_recording", region=region)
        return None
    permission = permitter.sign(region, new_id(), recording, now)
    was_live = await store.replace_permission(
        transaction, region, recording.nik.number, receipt, permission
    )
    if not was_live:
        log.warning("card_receipt.not_the_live_permission", region=region)
        return None
    return entries.fresh_permission(receipt.recording_id, receipt.authorization_id, permission, now)
