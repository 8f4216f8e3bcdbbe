"""Compare a few rows in full: those that came while a search was under way."""

from collections.abc import Sequence

from services.central.penunggalan.iris.matcher import Likeness, Probe, Row
from services.central.penunggalan.iris.thresholds import Thresholds
from shared.iris import TEMPLATE_BYTES, distance, from_bytes


def delta(
    probes: Sequence[Probe], rows: Sequence[Row], limits: Thresholds
) -> tuple[tuple[Likeness, ...], ...]:
    """Who of these rows is a candidate, per probe, in the rows' order; "removed" rows are none."""
    found = []
    for probe in probes:
        alike = []
        for row in rows:
            if row.kind == "removed" or row.recording_id == probe.recording_id:
                continue
            halves = (row.irises[:TEMPLATE_BYTES], row.irises[TEMPLATE_BYTES:])
            eyes = [
                distance(eye, from_bytes(half)) if eye is not None and any(half) else None
                for eye, half in zip((probe.left, probe.right), halves, strict=True)
            ]
            if limits.is_candidate(*eyes):
                alike.append(Likeness(row.recording_id, row.region, row.nik, row.kind, *eyes))
        found.append(tuple(alike))
    return tuple(found)
