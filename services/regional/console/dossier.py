"""Everything that is written here about one recording, as one list in order of time."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from services.regional.tables import (
    amendment,
    amendment_decision,
    card,
    decision,
    deleted_recording,
    deletion_named,
    deletion_request,
    evidence,
    evidence_overdue,
    held_entry,
    print_authorization,
    recording,
    refused_envelope,
    renewal,
    revocation,
    uplink_batch,
    validation,
)
from shared.database.engine import Transaction

EVENTS_MAX = 500


@dataclass(frozen=True, slots=True)
class Taken:
    """How it was taken."""

    recording_id: UUID
    seq: int
    captured_at: datetime
    recorded_at: datetime
    officer: str
    place: str
    ward: str
    is_live: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that is written down, and when it happened; `details` are codes and ids."""

    at: datetime
    kind: str
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Image:
    """An image of the recording: here since, at the centre since."""

    part: str
    size_bytes: int
    handed_in_at: datetime
    received_at: datetime | None
    is_damaged: bool


@dataclass(slots=True)
class Dossier:
    """What is written about one recording beside its journey."""

    taken: Taken
    events: list[Event] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    images_overdue: int = 0


async def dossier_of(transaction: Transaction, recording_id: UUID) -> Dossier | None:
    """None: no recording with this id was taken here. Events in order of time."""
    row = (
        await transaction.execute(
            select(
                recording.c.recording_id,
                recording.c.seq,
                recording.c.captured_at,
                recording.c.recorded_at,
                recording.c.officer,
                recording.c.place,
                recording.c.ward,
                recording.c.is_live,
            ).where(recording.c.recording_id == recording_id)
        )
    ).one_or_none()
    if row is None:
        return None
    found = Dossier(Taken(*row))
    found.events.append(Event(found.taken.captured_at, "captured"))
    found.events.append(Event(found.taken.recorded_at, "recorded"))
    await _add_sending(transaction, found)
    await _add_decisions(transaction, found)
    await _add_permissions(transaction, found)
    await _add_cards(transaction, found)
    await _add_remedies(transaction, found)
    await _add_amendments(transaction, found)
    await _add_images(transaction, found)
    found.events.sort(key=lambda one: one.at)
    del found.events[EVENTS_MAX:]
    return found


def _details(**told: object) -> tuple[tuple[str, str], ...]:
    """Those that are known."""
    return tuple((name, str(value)) for name, value in told.items() if value is not None)


async def _add_sending(transaction: Transaction, found: Dossier) -> None:
    seq = found.taken.seq
    batches = await transaction.execute(
        select(
            uplink_batch.c.first_sent_at, uplink_batch.c.acknowledged_at, uplink_batch.c.attempts
        )
        .where(uplink_batch.c.first_seq <= seq, uplink_batch.c.last_seq >= seq)
        .order_by(uplink_batch.c.first_seq.desc())
        .limit(1)
    )
    for one in batches:
        found.events.append(Event(one.first_sent_at, "sent"))
        found.events.append(Event(one.acknowledged_at, "received", _details(attempts=one.attempts)))
    refused = await transaction.execute(
        select(refused_envelope.c.set_aside_at, refused_envelope.c.code).where(
            refused_envelope.c.seq == seq, refused_envelope.c.set_aside_at.is_not(None)
        )
    )
    found.events += [
        Event(one.set_aside_at, "refused", _details(reason=one.code, seq=seq)) for one in refused
    ]


async def _add_decisions(transaction: Transaction, found: Dossier) -> None:
    decisions = await transaction.execute(
        select(decision).where(decision.c.recording_id == found.taken.recording_id)
    )
    for one in decisions:
        found.events.append(
            Event(
                one.decided_at,
                "decided",
                _details(
                    outcome=one.outcome,
                    reason=one.reason,
                    duplicate=one.duplicate,
                    rival=one.rival_recording_id,
                    region=one.rival_region,
                ),
            )
        )
        found.events.append(Event(one.applied_at, "read_here"))
    held = await transaction.execute(
        select(held_entry.c.held_at, held_entry.c.reason).where(
            held_entry.c.recording_id == found.taken.recording_id
        )
    )
    found.events += [Event(one.held_at, "held", _details(reason=one.reason)) for one in held]


async def _add_permissions(transaction: Transaction, found: Dossier) -> None:
    this = found.taken.recording_id
    permissions = await transaction.execute(
        select(
            print_authorization.c.authorization_id,
            print_authorization.c.issued_at,
            print_authorization.c.expires_at,
        ).where(print_authorization.c.recording_id == this)
    )
    for one in permissions:
        until = one.expires_at.date().isoformat()
        found.events.append(
            Event(
                one.issued_at, "permitted", _details(permission=one.authorization_id, until=until)
            )
        )
    renewals = await transaction.execute(select(renewal).where(renewal.c.recording_id == this))
    found.events += [
        Event(one.asked_at, "renewal_asked", _details(permission=one.authorization_id))
        for one in renewals
    ]
    revoked = await transaction.execute(select(revocation).where(revocation.c.recording_id == this))
    found.events += [
        Event(
            one.revoked_at,
            "revoked",
            _details(
                permission=one.authorization_id, reason=one.reason, replaced_by=one.replaced_by
            ),
        )
        for one in revoked
    ]


async def _add_cards(transaction: Transaction, found: Dossier) -> None:
    cards = await transaction.execute(
        select(card).where(card.c.recording_id == found.taken.recording_id)
    )
    for one in cards:
        blank = _details(blank=one.blank_serial)
        found.events.append(
            Event(one.intended_at, "print_intended", blank + _details(officer=one.officer))
        )
        moments = (
            ("printed", one.printed_at, ()),
            ("issued", one.issued_at, ()),
            ("spoiled", one.spoiled_at, _details(cause=one.cause)),
        )
        found.events += [
            Event(at, kind, blank + more) for kind, at, more in moments if at is not None
        ]


async def _add_remedies(transaction: Transaction, found: Dossier) -> None:
    this = found.taken.recording_id
    asked = await transaction.execute(
        select(deletion_request)
        .join(deletion_named, deletion_named.c.request_id == deletion_request.c.request_id)
        .where(deletion_named.c.recording_id == this)
    )
    for one in asked:
        request = _details(request=one.request_id)
        found.events.append(
            Event(one.asked_at, "deletion_asked", request + _details(officer=one.officer))
        )
        if one.decided_at is not None:
            said = request + _details(state=one.state, reason=one.reason)
            found.events.append(Event(one.decided_at, "deletion_decided", said))
    deleted = await transaction.execute(
        select(deleted_recording).where(deleted_recording.c.recording_id == this)
    )
    found.events += [Event(one.deleted_at, "deleted") for one in deleted]
    checks = await transaction.execute(select(validation).where(validation.c.recording_id == this))
    found.events += [
        Event(one.checked_at, "validated", _details(result=one.result, officer=one.officer))
        for one in checks
    ]


async def _add_amendments(transaction: Transaction, found: Dossier) -> None:
    this = found.taken.recording_id
    asked = await transaction.execute(select(amendment).where(amendment.c.recording_id == this))
    found.events += [
        Event(
            one.requested_at,
            "amendment_asked",
            _details(request=one.request_id, what=one.kind, officer=one.officer),
        )
        for one in asked
    ]
    told = await transaction.execute(
        select(amendment_decision).where(amendment_decision.c.recording_id == this)
    )
    found.events += [
        Event(
            one.decided_at,
            "amendment_decided",
            _details(request=one.request_id, outcome=one.outcome, reason=one.reason),
        )
        for one in told
    ]


async def _add_images(transaction: Transaction, found: Dossier) -> None:
    this = found.taken.recording_id
    images = await transaction.execute(
        select(
            evidence.c.part,
            evidence.c.size_bytes,
            evidence.c.handed_in_at,
            evidence.c.received_at,
            evidence.c.damaged_at.is_not(None),
        )
        .where(evidence.c.recording_id == this)
        .order_by(evidence.c.part)
    )
    found.images = [Image(*row) for row in images]
    overdue = await transaction.scalar(
        select(evidence_overdue.c.named).where(evidence_overdue.c.recording_id == this)
    )
    found.images_overdue = int(overdue or 0)
    if found.images:
        first = min(one.handed_in_at for one in found.images)
        count = _details(count=len(found.images))
        found.events.append(Event(first, "images_here", count))
        arrived = [one.received_at for one in found.images if one.received_at is not None]
        if len(arrived) == len(found.images):
            found.events.append(Event(max(arrived), "images_at_centre", count))
