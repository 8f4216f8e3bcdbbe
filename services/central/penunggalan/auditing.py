"""Audit a search: pick it with what it had, and conclude from what an exhaustive one finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.central.penunggalan import (
    audit,
    audit_store,
    gallery,
    probing,
    search,
    store,
    weighing,
)
from services.central.penunggalan.audit import Comparison, Kept
from services.central.penunggalan.iris.matcher import Likeness, Probe, Row, Search
from services.central.penunggalan.iris.thresholds import for_gallery
from services.central.penunggalan.probing import Probed
from services.central.penunggalan.rules import Candidate, Case
from services.central.penunggalan.search import Compare
from services.central.settings import Irises
from shared.database.engine import Transaction
from shared.iris_keys import GalleryKeys

REASON = "audit"  # of the case that officers get
FIRST = UUID(int=0)
Rows = Sequence[tuple[Row, datetime]]


@dataclass(frozen=True, slots=True)
class Picked:
    """A search to be made anew. position: everybody at or before it had to be found."""

    kept: Kept
    candidate: Candidate
    probe: Probe
    position: int


@dataclass(frozen=True, slots=True)
class Concluded:
    """case: what officers must look at, where somebody was missed whom the decision met."""

    comparison: Comparison
    case: Case | None = None


async def pick(
    transaction: Transaction,
    region: str,
    day: date,
    share: float,
    after: UUID,
    count_max: int,
    keys: GalleryKeys,
) -> tuple[list[Picked], UUID | None]:
    """Some of this day's searches of a region, and where to go on; None: there are no more."""
    kept = await audit_store.pick(transaction, region, day, share, after, count_max)
    if not kept:
        return [], None
    ids = [one.recording_id for one in kept]
    candidates = await audit_store.candidates(transaction, region, ids)
    rows = await audit_store.rows_of(transaction, ids)
    picked = []
    for one in kept:
        candidate = candidates.get(one.recording_id)
        if candidate is None:
            continue
        probed = probing.probe_of(candidate, Irises.WHERE_READABLE, keys)
        if isinstance(probed, Probed):
            position = _position(one, rows[one.recording_id])
            picked.append(Picked(one, candidate, probed.probe, position))
    return picked, ids[-1]


def _position(kept: Kept, rows: Rows) -> int:
    """Up to where this search saw: those of its own batch before it, too, if it entered with it."""
    own = [
        row.position
        for row, came_at in rows
        if row.kind == gallery.PERSON and came_at == kept.checked_at
    ]
    return max([kept.position, *(position - 1 for position in own)])


async def conclude(
    transaction: Transaction, picked: Picked, found: Search, compare: Compare, now: datetime
) -> Concluded | None:
    """Keep whether an exhaustive search agrees, and what it found; None: another has done so."""
    kept, candidate = picked.kept, picked.candidate
    if not await audit_store.lock(transaction, kept):
        return None
    limits = for_gallery(found.gallery_size)
    comparison = audit.compare(kept.evidence, found.likenesses[0], limits)
    if comparison.unfound:
        comparison = await _in_the_gallery(transaction, comparison, picked.position)
    await audit_store.save(transaction, kept, comparison.agrees, now)
    if comparison.agrees:
        return Concluded(comparison)
    ask = _Asking(candidate, kept, compare, found.gallery_size, now)
    evidence = await _evidence(transaction, ask, comparison.missed)
    evidence["unfound"] = [str(one) for one in comparison.unfound]
    await audit_store.save_finding(
        transaction, kept, picked.position, found.gallery_size, evidence, now
    )
    others = weighing.others_of(candidate.recording.nik.number, comparison.missed)
    rows = await audit_store.rows_of(transaction, [one.recording_id for one in others])
    standing = [one for one in others if audit_store.is_in(rows[one.recording_id])]
    if not standing or not await audit_store.may_still_be_judged(
        transaction, kept.region, candidate
    ):
        return Concluded(comparison)
    evidence = await _evidence(transaction, ask, standing)
    return Concluded(comparison, Case(candidate.seq, candidate.recording, REASON, evidence))


async def _in_the_gallery(
    transaction: Transaction, comparison: Comparison, position: int
) -> Comparison:
    """Leave out who is not in the gallery: an officer's irises are looked at and not entered."""
    rows = await audit_store.rows_of(transaction, comparison.unfound)
    unfound = [one for one in comparison.unfound if audit_store.is_in(rows[one], position)]
    return Comparison(comparison.missed, tuple(unfound))


@dataclass(frozen=True, slots=True)
class _Asking:
    """Who was searched for, when, and by what names and births are compared."""

    candidate: Candidate
    kept: Kept
    compare: Compare
    gallery_size: int
    now: datetime


async def _evidence(
    transaction: Transaction, ask: _Asking, missed: Sequence[Likeness]
) -> dict[str, Any]:
    held = await store.held_recordings(
        transaction, {(one.region, one.recording_id) for one in missed}
    )
    known = {
        one.recording_id: search.known_of(
            ask.candidate.recording,
            held.get(one.recording_id),
            ask.compare,
            ask.gallery_size,
            ask.now,
        )
        for one in missed
    }
    return weighing.evidence_of(missed, known, audit.thresholds_of(ask.kept.evidence))
