"""Queries of the registry. The NIK's uniqueness is its primary key, not a check before it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    SmallInteger,
    Text,
    Uuid,
    any_,
    bindparam,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert

from services.central.penunggalan.rules import Admission, Candidate
from services.central.tables import deletion, duplicate, envelope, registry
from services.central.vault import steps as vault
from services.central.vault.steps import Body
from shared.contracts.envelopes import EnvelopeKind
from shared.contracts.feed import Rival
from shared.contracts.recording import Recording
from shared.database.engine import Columns, Transaction, rows_of

_COLUMNS: Columns = {
    "nik": BigInteger(),
    "recording_id": Uuid(),
    "captured_at": DateTime(timezone=True),
    "authorization_id": Uuid(),
}
_admissions = rows_of("admissions", _COLUMNS)
# One text for every size of batch: PostgreSQL plans it once. In the order given: two batches that
# overlap then take their locks alike.
_ADMIT = (
    insert(registry)
    .from_select(
        [
            *_COLUMNS,
            "region_code",
            "admitted_at",
            "authorization_expires_at",
            "authorizations_given",
        ],
        select(
            *(_admissions.c[name] for name in _COLUMNS),
            bindparam("region", type_=Text),
            bindparam("now", type_=DateTime(timezone=True)),
            bindparam("expires_at", type_=DateTime(timezone=True)),
            bindparam("given", type_=SmallInteger),
        ).order_by(literal_column("admissions.ord")),
    )
    .on_conflict_do_nothing()
    .returning(registry.c.recording_id)
)


async def admit(
    transaction: Transaction,
    region: str,
    admissions: Sequence[Admission],
    expires_at: datetime,
    now: datetime,
) -> set[UUID]:
    """Enter NIKs that nobody holds; gives the recordings entered. Pass them sorted by NIK."""
    if not admissions:
        return set()
    entered = await transaction.execute(
        _ADMIT,
        {
            "nik": [one.candidate.recording.nik.number for one in admissions],
            "recording_id": [one.candidate.recording.recording_id for one in admissions],
            "captured_at": [one.candidate.recording.captured_at for one in admissions],
            "authorization_id": [one.authorization_id for one in admissions],
            "region": region,
            "now": now,
            "expires_at": expires_at,
            "given": 1,
        },
    )
    return set(entered.scalars())


async def rivals_by_nik(
    transaction: Transaction, niks: Sequence[int], *, registered_only: bool = False
) -> dict[int, list[Rival]]:
    """Who holds these NIKs, the registry's own first, then earlier duplicates by age, each once.

    Deleted ones are nobody's rivals. registered_only: leave out NIKs the registry does not hold.
    """
    holders = await transaction.execute(
        select(
            registry.c.nik, registry.c.recording_id, registry.c.region_code, registry.c.captured_at
        ).where(registry.c.nik.in_(niks))
    )
    met = await transaction.execute(
        select(
            duplicate.c.nik,
            duplicate.c.recording_id,
            duplicate.c.region_code,
            duplicate.c.captured_at,
        )
        .where(duplicate.c.nik.in_(niks))
        .order_by(duplicate.c.captured_at, duplicate.c.recording_id)
    )
    found: dict[int, list[Rival]] = {}
    rows, others = list(holders), list(met)
    registered = {row.nik for row in rows}
    # Who was a duplicate and was permitted when the other was deleted stands in both tables.
    left_out = {row.recording_id for row in rows}
    left_out |= await _deleted_among(transaction, [(one[2], one[1]) for one in others])
    others = [row for row in others if row.recording_id not in left_out]
    for row in (*rows, *others):
        if registered_only and row.nik not in registered:
            continue
        found.setdefault(row.nik, []).append(
            Rival(
                recording_id=row.recording_id, region=row.region_code, captured_at=row.captured_at
            )
        )
    return found


async def _deleted_among(transaction: Transaction, places: Sequence[tuple[str, UUID]]) -> set[UUID]:
    """Those of these recordings, given as (region, id), that were deleted by consent."""
    if not places:
        return set()
    rows = await transaction.execute(
        select(deletion.c.recording_id).where(
            tuple_(deletion.c.region_code, deletion.c.recording_id).in_(places),
            deletion.c.deleted_at.is_not(None),
        )
    )
    return set(rows.scalars())


async def save_duplicates(
    transaction: Transaction,
    region: str,
    found: Sequence[tuple[Candidate, Rival]],
    now: datetime,
) -> None:
    """Keep what met a NIK already proven, for ever."""
    await transaction.execute(
        insert(duplicate).on_conflict_do_nothing(),
        [
            {
                "nik": candidate.recording.nik.number,
                "recording_id": candidate.recording.recording_id,
                "region_code": region,
                "captured_at": candidate.recording.captured_at,
                "rival_recording_id": rival.recording_id,
                "rival_region_code": rival.region,
                "found_at": now,
            }
            for candidate, rival in found
        ],
    )


async def held_recordings(
    transaction: Transaction, wanted: Collection[tuple[str, UUID]]
) -> dict[UUID, Recording]:
    """Recordings the centre holds, of those given as (region, id); what cannot be read is left out.

    A region's envelopes lie together, so each region is asked once.
    """
    found: dict[UUID, Recording] = {}
    for region in sorted({region for region, _ in wanted}):
        ids = sorted(one for home, one in wanted if home == region)
        rows = await transaction.execute(
            select(envelope.c.envelope_id, envelope.c.body)
            .where(
                envelope.c.region_code == region,
                envelope.c.envelope_id == any_(bindparam("ids", ids, type_=ARRAY(Uuid()))),
                envelope.c.kind == EnvelopeKind.RECORDING.value,
            )
            .order_by(envelope.c.seq.desc())
        )
        bodies = [Body(region, row.envelope_id, row.body) for row in rows]
        for one, said in zip(bodies, await vault.recordings(transaction, bodies), strict=True):
            if isinstance(said, Recording):
                found[one.recording_id] = said
    return found
