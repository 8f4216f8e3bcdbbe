"""Take what regions ask; carry out what an officer at the centre decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from pydantic import ValidationError

from services.central import epochs
from services.central.journey import remedy_entries
from services.central.journey import steps as journey
from services.central.journey.entries import NewEntry
from services.central.journey.refusals import CentreWaits, NotUndecided
from services.central.remedies import rules, store
from services.central.remedies.hands import DecideAgain, Hands, OrderSearch
from services.central.remedies.restoring import search_kept_again, told_before
from services.central.remedies.rules import Effect, State
from shared.contracts.remedies import (
    DELETION_REQUEST,
    VALIDATION_REPLY,
    DeletionRequest,
)
from shared.database.engine import Transaction
from shared.refusals import NotFound, Refusal

log = structlog.get_logger()


async def nobody_decides(*_: object) -> None:
    """Where no recording can wait for an answer, none is decided again."""
    raise NotUndecided


class DeletionAlreadyDecided(Refusal):
    """An officer decided this request before, and otherwise. `state` says how."""

    code, status = "deletion-already-decided", 409
    title = "This request was decided before"
    next_action = "Look at the request; what was deleted stays deleted."
    next_action_id = "Lihat permohonan; yang sudah dihapus tetap terhapus."


class DeletionContradicts(Refusal):
    """The recording this request keeps was deleted meanwhile for another request.

    Two regions asked to delete each other's. Carrying out both would leave the person with none.
    """

    code, status = "deletion-contradicts", 409
    title = "The recording that was to be kept is deleted already"
    next_action = "Refuse this request; the region asks the person once more what to keep."
    next_action_id = "Tolak permohonan ini; daerah menanyakan kembali pilihan penduduk."


async def take_requests(
    transaction: Transaction,
    region: str,
    bodies: Sequence[tuple[int, bytes]],
    order_search: OrderSearch,
    now: datetime,
) -> dict[int, NewEntry]:
    """Keep requests given as (seq, body); gives a refusal for those no officer need look at.

    One that an officer decided in a life that was lost is not asked again.
    """
    found = {}
    for seq, body in bodies:
        try:
            request = DELETION_REQUEST.validate_json(body)
        except ValidationError:
            log.warning("deletion_request.unreadable", region=region, seq=seq)
            continue
        if await _decided_before(transaction, region, seq, request, order_search, now):
            continue
        known = await store.known(transaction, rules.named_by(request))
        own = [one for one in known.values() if one.at.region == region]
        linked = await store.linked(transaction, region, own)
        reason = rules.flaw(request, region, known, linked, now)
        state = State.WAITING if reason is None else State.REFUSED
        is_news = await store.save_request(transaction, region, seq, request, state, reason, now)
        if not is_news:
            log.warning("deletion_request.no_news", region=region, seq=seq)
            continue
        if reason is None:
            await store.name(transaction, [known[one] for one in rules.named_by(request)], now)
        else:
            found[seq] = _refusal(region, request, reason, now)
    return found


async def _decided_before(
    transaction: Transaction,
    region: str,
    seq: int,
    request: DeletionRequest,
    order_search: OrderSearch,
    now: datetime,
) -> bool:
    told = await told_before(transaction, region, request)
    if told is None:
        return False
    await store.save_request(
        transaction, region, seq, request, State(told.verdict), told.reason, told.decided_at
    )
    if told.verdict == "confirmed":
        await search_kept_again(transaction, order_search, request, now)
    return True


def _refusal(region: str, request: DeletionRequest, reason: str, now: datetime) -> NewEntry:
    return remedy_entries.deletion_decision(
        _about(region, request),
        (region, request.request_id),
        reason=reason,
        recordings=(),
        may_record_again=(),
        now=now,
    )


def _about(region: str, request: DeletionRequest) -> UUID:
    """The recording an entry to this region is filed under: its own, where there is one."""
    named = rules.named_by(request)
    own = [one for one in named if one.region == region]
    return (own or list(named))[0].recording_id


async def take_replies(
    transaction: Transaction,
    region: str,
    bodies: Sequence[tuple[int, bytes]],
    decide_again: DecideAgain,
    now: datetime,
) -> None:
    """Take answers to validations given as (seq, body); each decides its recording again.

    One the centre did not ask for, or was answered before, is kept and changes nothing.
    """
    for seq, body in bodies:
        try:
            reply = VALIDATION_REPLY.validate_json(body)
        except ValidationError:
            log.warning("validation_reply.unreadable", region=region, seq=seq)
            continue
        basis = rules.basis_of(reply)
        effect = Effect.DECIDED_AGAIN
        try:
            await decide_again(transaction, region, reply.recording_id, basis, None, now)
        except NotUndecided:
            effect = Effect.NO_NEWS
            log.warning("validation_reply.no_news", region=region, seq=seq)
        await store.save_validation(transaction, region, seq, reply, body, effect, now)


@dataclass(frozen=True, slots=True)
class Word:
    """An officer's word on a request: reason is None when it is confirmed."""

    officer: str
    reason: str | None


async def decide(
    transaction: Transaction,
    hands: Hands,
    region: str,
    request_id: UUID,
    word: Word,
    now: datetime,
) -> store.Kept:
    """Confirm or refuse a request and tell every region concerned. The same word again is one.

    Refuses: NotFound, DeletionAlreadyDecided, DeletionContradicts, CentreWaits.
    """
    found = await store.request_of(transaction, region, request_id)
    if found is None:
        raise NotFound("No such request came from this region.")
    named = rules.named_by(found.request)
    await store.lock_settled(transaction, [region, *(one.region for one in named)])
    # After the locks: whoever raises the epoch has waited for them, or is seen here.
    if await epochs.is_barred(transaction):
        raise CentreWaits
    found = await store.request_of(transaction, region, request_id, is_locked=True)
    assert found is not None
    state = State.CONFIRMED if word.reason is None else State.REFUSED
    if found.state is state:
        return found
    if found.state is not State.WAITING:
        raise DeletionAlreadyDecided(extra={"state": found.state.value})
    if word.reason is not None:
        await journey.publish(
            transaction, region, [_refusal(region, found.request, word.reason, now)], now
        )
    else:
        await _delete(transaction, hands, found, word.officer, now)
    await store.save_word(transaction, region, request_id, state, word.officer, word.reason, now)
    decided = await store.request_of(transaction, region, request_id)
    assert decided is not None
    return decided


async def _delete(
    transaction: Transaction, hands: Hands, asked: store.Kept, officer: str, now: datetime
) -> None:
    """Delete, free the NIKs, tell the regions. Refuses: DeletionContradicts."""
    request, source = asked.request, (asked.region, asked.request.request_id)
    locked = await store.lock_named(transaction, rules.named_by(request))
    deleted = {one for one, (_, deleted_at) in locked.items() if deleted_at is not None}
    if rules.contradiction(request, deleted) is not None:
        raise DeletionContradicts
    known = [locked[one][0] for one in rules.named_by(request) if one in request.recordings]
    fresh = [one for one in known if one.at not in deleted]
    await store.save_deleted(transaction, [one.at for one in fresh], *source, now)
    told: dict[str, list[NewEntry]] = {asked.region: []}
    for one in sorted(fresh, key=lambda each: (each.nik, each.at.recording_id)):
        recording_id = one.at.recording_id
        # Somebody who moved holds the permission of another office than the one that recorded.
        region = await store.office_of(transaction, one.nik, recording_id) or one.at.region
        taken_back = await hands.revoke(transaction, region, recording_id, officer, now)
        told.setdefault(region, []).extend([taken_back] if taken_back else [])
        await hands.free(transaction, one.nik, recording_id)
    await hands.forget(transaction, [(one.at.region, one.at.recording_id) for one in fresh], now)
    held = await store.held_niks(transaction, [int(request.keeps_nik)])
    again = rules.may_record_again(request, known, held)
    for region in sorted({*told, *(one.at.region for one in known)}):
        entry = remedy_entries.deletion_decision(
            _about(region, request),
            source,
            reason=None,
            recordings=request.recordings,
            may_record_again=again.get(region, ()),
            now=now,
        )
        await journey.publish(transaction, region, [*told.get(region, ()), entry], now)
    await search_kept_again(transaction, hands.order_search, request, now)
