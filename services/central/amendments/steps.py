"""Take requests: find who is proven, judge, keep the old and the new, and say how it ended."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from pydantic import ValidationError

from services.central.amendments import rules, store
from services.central.amendments.rules import Asked, Proven, Refused
from services.central.journey import amendments as answers
from services.central.journey.entries import NewEntry
from shared.amendment.objections import Objection
from shared.contracts.amendments import (
    AMENDMENT,
    REPRINT,
    Amendment,
    AmendmentDecision,
    Identity,
    Reprint,
)
from shared.contracts.envelopes import EnvelopeKind
from shared.contracts.recording import Address, Recording
from shared.database.engine import Transaction

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ports:
    """What other rooms do for this one, in the same transaction and for the same region.

    recording_of: a recording as it was taken. permit_anew: take the permission back for this reason
    and give one for the data given; its entries, none if nothing may be permitted.
    """

    recording_of: Callable[[UUID], Awaitable[Recording | None]]
    permit_anew: Callable[[Recording, str], Awaitable[list[NewEntry]]]


async def take(
    transaction: Transaction,
    region: str,
    bodies: Sequence[tuple[int, UUID, str, bytes]],
    ports: Ports,
    now: datetime,
) -> dict[int, list[NewEntry]]:
    """Decide requests given as (seq, envelope id, kind, body); gives what to tell, by seq.

    A request that was decided before is not decided again, and nothing is told.
    """
    found: dict[int, list[NewEntry]] = {}
    for seq, envelope_id, kind, body in bodies:
        asked = Asked(seq, envelope_id, kind, _read(envelope_id, kind, body))
        if told := await _decide(transaction, region, asked, ports, now):
            found[seq] = told
    return found


def _read(envelope_id: UUID, kind: str, body: bytes) -> Amendment | Reprint | None:
    try:
        request: Amendment | Reprint = (
            AMENDMENT if kind == EnvelopeKind.AMENDMENT else REPRINT
        ).validate_json(body)
    except ValidationError:
        return None
    return request if request.request_id == envelope_id else None


async def _decide(
    transaction: Transaction, region: str, asked: Asked, ports: Ports, now: datetime
) -> list[NewEntry]:
    request = asked.request
    if request is None:
        log.warning("amendment.unreadable", region=region, seq=asked.seq)
        return [answers.entry_of(_refusal(asked, Objection.UNREADABLE, None, now))]
    nik = int(request.nik)
    proven = await store.lock_proven(transaction, nik)
    # After the lock: another try of the same request has ended, or waits for this one.
    if await store.was_decided(transaction, region, nik, asked.envelope_id):
        return []
    recording = await ports.recording_of(proven.recording_id) if proven else None
    # Before judging: by now a lost card has another permission, and that would stand against it.
    if recording is not None and await _put_back(transaction, region, asked, recording):
        return []
    objection = rules.stands_against(request, proven, region)
    if proven is None or recording is None or objection is not None:
        decision = _refusal(asked, objection or Objection.NOT_PROVEN, proven, now)
        await store.save(transaction, region, asked, decision, None)
        return [answers.entry_of(decision)]
    return await _act(transaction, region, asked, proven, recording, ports, now)


async def _act(
    transaction: Transaction,
    region: str,
    asked: Asked,
    proven: Proven,
    recording: Recording,
    ports: Ports,
    now: datetime,
) -> list[NewEntry]:
    assert asked.request is not None
    before = await _identity(transaction, recording)
    ruling = rules.rule(asked.request, before, now)
    if isinstance(ruling, Refused):
        decision = _refusal(asked, ruling.objection, proven, now)
        await store.save(transaction, region, asked, decision, None)
        return [answers.entry_of(decision)]
    if ruling.identity != before:
        await _append_version(transaction, recording, ruling.identity, asked.envelope_id, now)
    told: list[NewEntry] = []
    if ruling.is_card_due:
        to_print = recording.model_copy(update={"card": ruling.identity.card})
        told = await ports.permit_anew(to_print, rules.reason_of(asked.request))
        assert told, "the live recording of its region, and its permission stands"
    decision = answers.acceptance(
        asked.envelope_id,
        asked.seq,
        proven.recording_id,
        ruling.identity,
        now,
        is_card_due=ruling.is_card_due,
    )
    blank = proven.blank_serial if ruling.is_card_due else None
    await store.save(transaction, region, asked, decision, blank)
    # The decision last: whoever has read it has read the permission.
    return [*told, answers.entry_of(decision)]


async def move(
    transaction: Transaction, recording: Recording, address: Address, move_id: UUID, now: datetime
) -> Identity:
    """The address follows a person's domicile; gives what holds of the person from now on."""
    before = await _identity(transaction, recording)
    card = before.card.model_copy(update={"address": address})
    if card == before.card:
        return before
    identity = before.model_copy(update={"card": card})
    await _append_version(transaction, recording, identity, move_id, now)
    return identity


async def as_amended(transaction: Transaction, recording: Recording) -> Recording:
    """A recording with the card's data as they are now: what a further permission is for."""
    newest = await store.newest(transaction, recording.nik.number, recording.recording_id)
    return recording.model_copy(update={"card": newest[1].card}) if newest else recording


async def _identity(transaction: Transaction, recording: Recording) -> Identity:
    newest = await store.newest(transaction, recording.nik.number, recording.recording_id)
    return newest[1] if newest else Identity.of(recording.card)


async def _append_version(
    transaction: Transaction,
    recording: Recording,
    identity: Identity,
    request_id: UUID,
    since: datetime,
) -> None:
    nik, recording_id = recording.nik.number, recording.recording_id
    newest = await store.newest(transaction, nik, recording_id)
    if newest is None:
        recorded = Identity.of(recording.card)
        await store.save_version(
            transaction, nik, recording_id, 1, recorded, None, recording.captured_at
        )
    version = newest[0] + 1 if newest else 2
    await store.save_version(transaction, nik, recording_id, version, identity, request_id, since)


async def _put_back(
    transaction: Transaction, region: str, asked: Asked, recording: Recording
) -> bool:
    """A decision of a lost life that came back with the feed holds; True if there was one."""
    for told in await store.told_of(transaction, region, recording.recording_id):
        if told.request_id != asked.envelope_id:
            continue
        newest = await store.newest(transaction, recording.nik.number, recording.recording_id)
        before = newest[1] if newest else Identity.of(recording.card)
        if told.identity is not None and told.identity != before:
            await _append_version(
                transaction, recording, told.identity, asked.envelope_id, told.decided_at
            )
        await store.save(transaction, region, asked, told, None)
        return True
    return False


def _refusal(
    asked: Asked, objection: Objection, proven: Proven | None, now: datetime
) -> AmendmentDecision:
    recording_id = proven.recording_id if proven else None
    return answers.refusal(asked.envelope_id, asked.seq, recording_id, objection, now)
