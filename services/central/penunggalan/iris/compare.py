"""Compare a few rows: those that came while a search was under way."""

from collections.abc import Sequence

from services.central.penunggalan.iris.gallery import REMOVED, Gallery
from services.central.penunggalan.iris.layout import BLOCK
from services.central.penunggalan.iris.matcher import Likeness, Probe, Row
from services.central.penunggalan.iris.thresholds import Thresholds


def delta(
    probes: Sequence[Probe], rows: Sequence[Row], limits: Thresholds
) -> tuple[tuple[Likeness, ...], ...]:
    """Who of these rows is a candidate, per probe, best first; "removed" rows are none."""
    kept = [row for row in rows if row.kind != REMOVED]
    if not kept or not probes:
        return tuple(() for _ in probes)
    few = Gallery(segment_people=-(-len(kept) // BLOCK) * BLOCK)
    few.take(kept)
    found = few.search(probes, few.position, limits, exhaustive=False)
    return tuple(tuple(alike) for alike in found)
