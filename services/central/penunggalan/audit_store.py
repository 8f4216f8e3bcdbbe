"""Queries of the audit: which searches are made anew, and what became of them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    LargeBinary,
    SmallInteger,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from services.central.penunggalan import audit, gallery
from services.central.penunggalan.audit import Kept
from services.central.penunggalan.iris.matcher import Row, shard_of
from services.central.penunggalan.rules import Basis, Candidate
from services.central.tables import envelope, intake_head, registry, undecided, uniqueness_check
from services.central.tables import gallery as gallery_table
from services.central.vault import steps as vault
from services.central.vault.steps import Body
from shared.contracts.envelopes import EnvelopeKind
from shared.contracts.outcomes import Outcome
from shared.contracts.recording import Recording
from shared.database.engine import Transaction

_check, _later = uniqueness_check, uniqueness_check.alias()
_OF_ALL = 1 << 24


async def regions(transaction: Transaction) -> list[str]:
    found = await transaction.execute(
        select(intake_head.c.region_code).order_by(intake_head.c.region_code)
    )
    return list(found.scalars())


async def pick(
    transaction: Transaction, region: str, day: date, share: float, after: UUID, count_max: int
) -> list[Kept]:
    """This day's share of a region's searches, each recording's newest; by id, after one.

    Which they are follows from id and day alone. Left out: who was audited on this day, and whose
    audit has disagreed before, which people know of.
    """
    rows = await transaction.execute(
        select(_check)
        .where(
            _check.c.region_code == region,
            _check.c.recording_id > after,
            *_is_search(_check),
            _drawn(_check.c.recording_id, day) < int(share * _OF_ALL),
            or_(_check.c.audited_at.is_(None), _check.c.audited_at < audit.midnight(day)),
            _check.c.audit_agrees.is_not(False),
            ~exists().where(
                _later.c.region_code == _check.c.region_code,
                _later.c.recording_id == _check.c.recording_id,
                _later.c.attempt > _check.c.attempt,
                *_is_search(_later),
            ),
        )
        .order_by(_check.c.recording_id)
        .limit(count_max)
    )
    return [
        Kept(
            region,
            row.recording_id,
            int(row.attempt),
            int(row.gallery_pos),
            row.outcome,
            row.evidence,
            row.checked_at,
            row.audited_at,
        )
        for row in rows
    ]


def _is_search(check: Any) -> tuple[ColumnElement[bool], ...]:
    """Irises were searched for: others of a batch have its position, and no thresholds."""
    return (
        check.c.gallery_pos.is_not(None),
        check.c.basis != Basis.AUDIT.value,
        check.c.evidence.has_key(audit.THRESHOLDS),
    )


def _drawn(recording_id: Any, day: date) -> ColumnElement[int]:
    """A number below _OF_ALL, the same for an id and a day on every machine."""
    text = func.concat(cast(recording_id, Text), day.isoformat())
    drawn = func.sha256(func.convert_to(text, "UTF8"), type_=LargeBinary)
    first, second, third = (func.get_byte(drawn, place) for place in range(3))
    number: ColumnElement[int] = first * 65_536 + second * 256 + third
    return number


async def rows_of(
    transaction: Transaction, recording_ids: Collection[UUID]
) -> dict[UUID, list[tuple[Row, datetime]]]:
    """The gallery's rows of these recordings in order, without irises, and when each came."""
    found: dict[UUID, list[tuple[Row, datetime]]] = {one: [] for one in recording_ids}
    if not found:
        return found
    table = gallery_table.c
    rows = await transaction.execute(
        select(
            table.pos,
            table.kind,
            table.recording_id,
            table.region_code,
            table.nik,
            table.added_at,
        )
        .where(
            table.shard == any_(bindparam("shards", type_=ARRAY(SmallInteger))),
            table.recording_id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
        )
        .order_by(table.pos),
        {"shards": sorted({shard_of(one) for one in found}), "ids": list(found)},
    )
    for one in rows:
        row = Row(int(one.pos), one.kind, one.recording_id, one.region_code, one.nik, b"")
        found[one.recording_id].append((row, one.added_at))
    return found


async def candidates(
    transaction: Transaction, region: str, recording_ids: Sequence[UUID]
) -> dict[UUID, Candidate]:
    """These recordings as they came, by id; what cannot be read is left out."""
    rows = await transaction.execute(
        select(envelope.c.seq, envelope.c.envelope_id, envelope.c.body)
        .where(
            envelope.c.region_code == region,
            envelope.c.envelope_id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
            envelope.c.kind == EnvelopeKind.RECORDING.value,
        )
        .order_by(envelope.c.seq.desc()),
        {"ids": list(recording_ids)},
    )
    found: dict[UUID, Candidate] = {}
    held = rows.all()
    bodies = [Body(region, row.envelope_id, row.body) for row in held]
    for row, said in zip(held, await vault.recordings(transaction, bodies), strict=True):
        if isinstance(said, Recording):
            found[row.envelope_id] = Candidate(int(row.seq), said)
    return found


async def lock(transaction: Transaction, kept: Kept) -> bool:
    """Hold a search until the transaction ends; False if another has audited it meanwhile."""
    row = (
        await transaction.execute(select(_check.c.audited_at).where(_is(kept)).with_for_update())
    ).one_or_none()
    return row is not None and row.audited_at == kept.audited_at


async def save(transaction: Transaction, kept: Kept, agrees: bool, now: datetime) -> None:
    await transaction.execute(
        update(_check).where(_is(kept)).values(audited_at=now, audit_agrees=agrees)
    )


async def save_finding(
    transaction: Transaction,
    kept: Kept,
    position: int,
    gallery_size: int,
    evidence: dict[str, Any],
    now: datetime,
) -> None:
    """Keep what an audit found, as the recording's next attempt; the decision stays as it was."""
    last = await transaction.scalar(
        select(func.max(_check.c.attempt)).where(
            _check.c.region_code == kept.region, _check.c.recording_id == kept.recording_id
        )
    )
    await transaction.execute(
        insert(_check).values(
            region_code=kept.region,
            recording_id=kept.recording_id,
            attempt=int(last or 0) + 1,
            basis=Basis.AUDIT.value,
            gallery_pos=position,
            gallery_size=gallery_size,
            outcome=kept.outcome,
            reason="disagrees",
            evidence=evidence,
            checked_at=now,
        )
    )


async def newest_basis(transaction: Transaction, region: str, recording_id: UUID) -> Basis | None:
    """On what the newest attempt stands; None where nothing was looked at but the NIK."""
    found = await transaction.scalar(
        select(_check.c.basis)
        .where(_check.c.region_code == region, _check.c.recording_id == recording_id)
        .order_by(_check.c.attempt.desc())
        .limit(1)
    )
    return Basis(found) if found is not None else None


async def may_still_be_judged(transaction: Transaction, region: str, candidate: Candidate) -> bool:
    """Whether it passed as unique, and still does, or waits for officers already."""
    recording = candidate.recording
    holds = exists().where(
        registry.c.nik == recording.nik.number,
        registry.c.recording_id == recording.recording_id,
    )
    waits = exists().where(
        undecided.c.region_code == region,
        undecided.c.recording_id == recording.recording_id,
        undecided.c.outcome == Outcome.ADJUDICATE_RECORD.value,
    )
    return bool(await transaction.scalar(select(or_(holds, waits))))


async def home_of(transaction: Transaction, candidate: Candidate) -> str | None:
    """The region that has the recording's permission; None where it has none."""
    recording = candidate.recording
    found = await transaction.scalar(
        select(registry.c.region_code).where(
            registry.c.nik == recording.nik.number,
            registry.c.recording_id == recording.recording_id,
        )
    )
    return str(found) if found is not None else None


async def counts(transaction: Transaction, since: datetime) -> dict[bool, int]:
    """Searches audited since then, by whether the audit agrees."""
    rows = await transaction.execute(
        select(_check.c.audit_agrees, func.count())
        .where(_check.c.audited_at >= since)
        .group_by(_check.c.audit_agrees)
    )
    return {bool(row[0]): int(row[1]) for row in rows}


def is_in(rows: Sequence[tuple[Row, datetime]], position: int | None = None) -> bool:
    """Whether a recording is in the gallery at a position (None: now), by its rows."""
    until = [row for row, _ in rows if position is None or row.position <= position]
    return bool(until) and until[-1].kind != gallery.REMOVED


def _is(kept: Kept) -> ColumnElement[bool]:
    return (
        (_check.c.region_code == kept.region)
        & (_check.c.recording_id == kept.recording_id)
        & (_check.c.attempt == kept.attempt)
    )
