"""Sweeps over the centre's tables: what is past its time, and what becomes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from services.central.retention.rules import Kind
from services.central.tables import deletion, evidence
from shared.evidence.store import EvidenceStore
from shared.retention.sweeps import Sweep
from shared.retention.terms import Term


@dataclass(frozen=True, slots=True)
class ImageSweep(Sweep):
    """The files first: a row that says removed while its file lies there would hide it for good."""

    images: EvidenceStore = field(kw_only=True)

    async def outside(self, found: Sequence[Row[Any]]) -> None:
        for row in found:
            await self.images.remove(f"{row.region_code}/{row.recording_id}/{row.part}")


def sweeps(terms: Mapping[Kind, Term], images: EvidenceStore) -> list[Sweep]:
    return [ImageSweep(terms[Kind.DELETED_IMAGES], evidence, _images, _removed, images=images)]


def _images(before: datetime) -> ColumnElement[bool]:
    is_deleted = (
        select(deletion.c.recording_id)
        .where(
            deletion.c.region_code == evidence.c.region_code,
            deletion.c.recording_id == evidence.c.recording_id,
            deletion.c.deleted_at < before,
        )
        .exists()
    )
    return evidence.c.received_at.is_not(None) & evidence.c.removed_at.is_(None) & is_deleted


def _removed(now: datetime) -> dict[str, Any]:
    return {"removed_at": now}
