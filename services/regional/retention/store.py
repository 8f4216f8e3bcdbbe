"""Sweeps over the region's tables: what is past its time, and what becomes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, func, or_, select

from services.regional.retention.rules import Kind
from services.regional.tables import (
    decision,
    evidence,
    handover,
    home_visit,
    home_visit_event,
    hook_delivery,
    invitation,
    invitation_delivery,
    outbox,
    outreach_event,
    resident_change,
    resident_staged,
    residents_change_set,
    uplink_batch,
)
from shared.contracts.envelopes import SEALED_RECORDING_VERSION, EnvelopeKind
from shared.contracts.outcomes import Outcome
from shared.evidence.store import EvidenceStore
from shared.retention.sweeps import Sweep
from shared.retention.terms import Term

SCHEDULE = "retention"  # who closed a list that nobody applied
_SET = residents_change_set.c


@dataclass(frozen=True, slots=True)
class ImageSweep(Sweep):
    """The files first: a row that says removed while its file lies there would hide it for good."""

    images: EvidenceStore = field(kw_only=True)

    async def outside(self, found: Sequence[Row[Any]]) -> None:
        for row in found:
            await self.images.remove(f"{row.recording_id}/{row.part}")


def sweeps(terms: Mapping[Kind, Term], images: EvidenceStore) -> list[Sweep]:
    """In this order: what hangs on a row goes before it."""
    visits, lists = terms[Kind.VISITS], terms[Kind.LISTS]
    return [
        ImageSweep(terms[Kind.IMAGES], evidence, _images, _removed, images=images),
        Sweep(terms[Kind.LETTERS], invitation, _letters),
        Sweep(visits, home_visit_event, _visit_events),
        Sweep(visits, home_visit, _visits),
        Sweep(terms[Kind.WORDS], outreach_event, _words, _wordless),
        Sweep(lists, residents_change_set, _lists, _discarded),
        Sweep(lists, resident_staged, _staged),
        Sweep(lists, resident_change, _changes),
        Sweep(terms[Kind.HOOKS], hook_delivery, _deliveries),
        Sweep(terms[Kind.COLLECTORS], handover, _collectors, _unnumbered),
        Sweep(terms[Kind.BODIES], outbox, _bodies, _bodiless),
        Sweep(terms[Kind.COPIES], outbox, _copies, _copiless),
    ]


def _images(before: datetime) -> ColumnElement[bool]:
    return (evidence.c.received_at < before) & evidence.c.removed_at.is_(None)


def _removed(now: datetime) -> dict[str, Any]:
    return {"removed_at": now}


def _letters(before: datetime) -> ColumnElement[bool]:
    old = select(invitation_delivery.c.delivery_id).where(
        invitation_delivery.c.deliver_on < before.date()
    )
    return invitation.c.delivery_id.in_(old)


def _visits(before: datetime) -> ColumnElement[bool]:
    is_over = home_visit.c.state.in_(("recorded", "closed"))
    return is_over & (home_visit.c.changed_at < before)


def _visit_events(before: datetime) -> ColumnElement[bool]:
    return home_visit_event.c.visit_id.in_(select(home_visit.c.visit_id).where(_visits(before)))


def _words(before: datetime) -> ColumnElement[bool]:
    has_words = or_(outreach_event.c.remark.is_not(None), outreach_event.c.forward_to.is_not(None))
    return has_words & (outreach_event.c.noted_at < before)


def _wordless(_now: datetime) -> dict[str, Any]:
    return {"remark": None, "forward_to": None}


def _lists(before: datetime) -> ColumnElement[bool]:
    return (_SET.state == "read") & (_SET.handed_in_at < before)


def _discarded(now: datetime) -> dict[str, Any]:
    return {"state": "discarded", "closed_by": SCHEDULE, "closed_at": now}


def _staged(_before: datetime) -> ColumnElement[bool]:
    """Of lists that were closed already: an officer's word can no longer apply half a list."""
    over = select(_SET.change_set_id).where(_SET.state.not_in(("reading", "read")))
    return resident_staged.c.change_set_id.in_(over)


def _changes(_before: datetime) -> ColumnElement[bool]:
    over = select(_SET.change_set_id).where(_SET.state == "discarded")
    return resident_change.c.change_set_id.in_(over)


def _deliveries(before: datetime) -> ColumnElement[bool]:
    """Delivered, given up, or left behind by a hook that ended."""
    row = hook_delivery.c
    return func.coalesce(row.delivered_at, row.given_up_at, row.written_at) < before


def _collectors(before: datetime) -> ColumnElement[bool]:
    return handover.c.collector_nik.is_not(None) & (handover.c.handed_at < before)


def _unnumbered(_now: datetime) -> dict[str, Any]:
    return {"collector_nik": None}


_IS_SEALED = (outbox.c.kind == EnvelopeKind.RECORDING.value) & (
    outbox.c.version >= SEALED_RECORDING_VERSION
)
_OF_THIS = decision.c.recording_id == outbox.c.envelope_id
# After these nobody decides again by what the region sent.
_LAST_WORDS = (
    Outcome.PRINT_READY_RECORD.value,
    Outcome.DUPLICATE_RECORD.value,
    Outcome.ENROLL_FAILURE_AT_CENTRAL.value,
)


def _bodies(before: datetime) -> ColumnElement[bool]:
    """Received by the centre before a moment, and decided since."""
    received = (
        select(func.max(uplink_batch.c.last_seq))
        .where(uplink_batch.c.acknowledged_at < before)
        .scalar_subquery()
    )
    decided = exists().where(_OF_THIS, decision.c.outcome.in_(_LAST_WORDS))
    has_body = func.octet_length(outbox.c.body) > 0
    return _IS_SEALED & has_body & (outbox.c.seq <= received) & decided


def _bodiless(_now: datetime) -> dict[str, Any]:
    return {"body": b""}


def _copies(before: datetime) -> ColumnElement[bool]:
    handed = exists().where(
        handover.c.recording_id == outbox.c.envelope_id, handover.c.handed_at < before
    )
    refused = exists().where(
        _OF_THIS,
        decision.c.outcome.in_(_LAST_WORDS[1:]),
        decision.c.decided_at < before,
    )
    is_printable = exists().where(_OF_THIS, decision.c.outcome == _LAST_WORDS[0])
    return _IS_SEALED & outbox.c.working_copy.is_not(None) & (handed | (refused & ~is_printable))


def _copiless(_now: datetime) -> dict[str, Any]:
    return {"working_copy": None}
