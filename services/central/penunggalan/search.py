"""Search by irises and append to the gallery, under one ticket.

The long search runs up to the last committed position while others go on; then the ticket is taken
and only what came meanwhile is compared. Whoever appended before is found, whoever appends later
finds this: two recordings of one person never both pass.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import numpy as np

from services.central.penunggalan import gallery, store, weighing
from services.central.penunggalan.iris import thresholds
from services.central.penunggalan.iris.compare import delta
from services.central.penunggalan.iris.gallery import mean_of
from services.central.penunggalan.iris.matcher import (
    GalleryIncomplete,
    Likeness,
    Matcher,
    Probe,
    Row,
)
from services.central.penunggalan.probing import Probed
from services.central.penunggalan.rules import (
    Doubt,
    Doubtful,
    Finding,
    SearchImpossible,
    Unsearchable,
)
from services.central.penunggalan.weighing import Known
from shared.contracts.recording import Recording
from shared.database.engine import Transaction
from shared.iris import COLUMNS, TEMPLATE_BYTES, Words, to_bytes
from shared.iris_keys import GalleryKeys
from shared.sealing import NotOpened

# How names and births of two recordings compare, the other one of so many: whether they contradict,
# and the evidence.
Compare = Callable[[Recording, Recording, int], tuple[bool, Mapping[str, Any]]]

OPERATORS = Doubtful(Doubt.OPERATOR_IRISES)


@dataclass(frozen=True, slots=True)
class Found:
    """What searches of one batch saw. By seq; `findings` has only those with something found."""

    findings: dict[int, Finding] = field(default_factory=dict)
    evidence: dict[int, dict[str, Any]] = field(default_factory=dict)
    position: int | None = None
    gallery_size: int | None = None


async def search(
    transaction: Transaction,
    matcher: Matcher,
    region: str,
    probed: Sequence[Probed],
    compare: Compare,
    now: datetime,
    keys: GalleryKeys,
    waived: frozenset[Doubt] = frozenset(),
) -> Found:
    """Search for these, in their order, and enter them; each finds those before it, too."""
    if not probed:
        return Found()
    probes = [one.probe for one in probed]
    try:
        before = await matcher.search(probes, await gallery.head(transaction))
        position = await gallery.lock_head(transaction)
        meanwhile = await gallery.rows_between(transaction, before.position, position, keys)
    except (GalleryIncomplete, NotOpened):
        return Found({one.candidate.seq: SearchImpossible() for one in probed})
    entered = await gallery.known(transaction, [one.probe.recording_id for one in probed])
    unsearched = _unsearched(probed, before.too_poor, waived)
    fresh = [
        one
        for one in probed
        if one.probe.recording_id not in entered
        and not isinstance(unsearched.get(one.candidate.seq), Doubtful)
    ]
    own = [row_of(one, region, position + place) for place, one in enumerate(fresh, 1)]
    limits = thresholds.for_gallery(before.gallery_size)
    likenesses = await asyncio.to_thread(_joined, probes, before.likenesses, meanwhile, own, limits)
    found = Found(position=position, gallery_size=before.gallery_size)
    held = await store.held_recordings(
        transaction, {(like.region, like.recording_id) for alike in likenesses for like in alike}
    )
    knowing = partial(known_of, compare=compare, size=before.gallery_size, now=now)
    operators = set()
    for one, alike in zip(probed, likenesses, strict=True):
        recording = one.candidate.recording
        known = {
            like.recording_id: knowing(recording, held.get(like.recording_id)) for like in alike
        }
        found.evidence[one.candidate.seq] = weighing.evidence_of(alike, known, limits)
        finding = unsearched.get(one.candidate.seq) or weighing.finding_of(
            recording.nik.number, alike, known, limits, waived
        )
        if finding is not None:
            found.findings[one.candidate.seq] = finding
        if finding == OPERATORS:
            operators.add(recording.recording_id)
    # An officer's irises are no citizen's: entered here, they would accuse the officer later.
    rows = [row for row in own if row.recording_id not in operators]
    await gallery.append(
        transaction,
        [replace(row, position=position + place) for place, row in enumerate(rows, 1)],
        now,
        keys,
    )
    return found


def _unsearched(
    probed: Sequence[Probed], too_poor: Collection[UUID], waived: Collection[Doubt]
) -> dict[int, Finding]:
    """Whose irises the matcher called too poor; the region looks, and after its word two officers.

    What the region confirmed is entered all the same: those who come later are compared with it.
    """
    finding = Unsearchable() if Doubt.POOR_QUALITY in waived else Doubtful(Doubt.POOR_QUALITY)
    return {one.candidate.seq: finding for one in probed if one.probe.recording_id in too_poor}


def warm() -> None:
    """Have the kernels compiled (some 20 s, once on a machine) before somebody waits for them."""
    eye = np.stack([np.arange(COLUMNS, dtype=np.uint64), np.full(COLUMNS, 2**64 - 1, np.uint64)])
    row = Row(1, gallery.PERSON, UUID(int=1), "", None, to_bytes(eye) * 2)
    delta([Probe(UUID(int=2), eye, eye)], [row], thresholds.for_gallery(1))


async def enter(
    transaction: Transaction,
    region: str,
    probed: Sequence[Probed],
    now: datetime,
    keys: GalleryKeys,
) -> None:
    """Enter recordings that are decided already, unless they are in."""
    if not probed:
        return
    position = await gallery.lock_head(transaction)
    known = await gallery.known(transaction, [one.probe.recording_id for one in probed])
    fresh = [one for one in probed if one.probe.recording_id not in known]
    rows = [row_of(one, region, position + place) for place, one in enumerate(fresh, 1)]
    await gallery.append(transaction, rows, now, keys)


def known_of(
    recording: Recording, other: Recording | None, compare: Compare, size: int, now: datetime
) -> Known:
    """An officer's entry has no recording, so there is nothing to compare with."""
    if other is None:
        return Known(now, contradicts=False, evidence=None)
    contradicts, evidence = compare(recording, other, size)
    return Known(other.captured_at, contradicts, evidence)


def row_of(probed: Probed, region: str, position: int) -> Row:
    probe = probed.probe
    return Row(
        position,
        gallery.PERSON,
        probe.recording_id,
        region,
        probed.candidate.recording.nik.number,
        _kept(probe.left) + _kept(probe.right),
    )


def _kept(eye: Words | None) -> bytes:
    return bytes(TEMPLATE_BYTES) if eye is None else to_bytes(eye)


def _joined(
    probes: Sequence[Probe],
    before: Sequence[Sequence[Likeness]],
    meanwhile: Sequence[Row],
    own: Sequence[Row],
    limits: thresholds.Thresholds,
) -> list[list[Likeness]]:
    """What was found up to the search's position, since then, and earlier in the same batch."""
    removed = {row.recording_id for row in meanwhile if row.kind == gallery.REMOVED}
    rows = [row for row in meanwhile if row.recording_id not in removed]
    since = delta(probes, [*rows, *own], limits)
    places = {row.recording_id: place for place, row in enumerate(own)}
    joined = []
    for probe, old, new in zip(probes, before, since, strict=True):
        # One that was entered before stands where it stood: all of this batch came after it.
        place = places.get(probe.recording_id, -1)
        earlier = [one for one in new if places.get(one.recording_id, -1) < max(place, 0)]
        kept = [one for one in old if one.recording_id not in removed]
        joined.append(sorted([*kept, *earlier], key=mean_of))
    return joined
