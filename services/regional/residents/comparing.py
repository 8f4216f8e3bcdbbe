"""The two large statements of a change set: what a list changes, and the change itself."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Date,
    Uuid,
    bindparam,
    case,
    func,
    insert,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.regional.residents.rules import LIVING_HERE, Change, Missing, Residency
from services.regional.residents.store import TOLD
from services.regional.tables import recording, resident, resident_change, resident_staged
from shared.database.engine import Transaction

# A list of a million people takes longer than any other statement may.
SECONDS_MAX = 600
LIVING = sorted(LIVING_HERE)
_DAY = bindparam("listed_on", type_=Date())
_REQUIRED = ("ward", "sex", "birth_date", "obliged")
# What a list may leave out, or write illegibly, without taking away what is known.
_KEPT_WHEN_EMPTY = (
    "name",
    "birth_place",
    "street",
    "rt",
    "rw",
    "marital_status",
    "family_card",
)


async def allow_time(transaction: Transaction) -> None:
    await transaction.execute(text(f"SET LOCAL statement_timeout = '{SECONDS_MAX}s'"))


async def keep_others_out(transaction: Transaction) -> None:
    """One list is applied at a time; who reads the residents is not kept waiting."""
    await transaction.execute(text("LOCK TABLE resident IN SHARE ROW EXCLUSIVE MODE"))


_new = (
    select(resident_staged)
    .where(resident_staged.c.change_set_id == bindparam("set_id", type_=Uuid()))
    .subquery("listed")
)


def _kind() -> Any:
    new, old = _new.c, resident.c
    is_here, was_here = new.residency.in_(LIVING), old.residency.in_(LIVING)
    differs = or_(
        *(new[name] != old[name] for name in _REQUIRED),
        new.residency != old.residency,
        *(
            func.coalesce(new[name], old[name]).is_distinct_from(old[name])
            for name in (*_KEPT_WHEN_EMPTY, "arrived_on")
        ),
    )
    return case(
        (old.nik.is_(None), case((is_here, Change.ARRIVED.value), else_=Change.CHANGED.value)),
        (new.nik.is_(None), case((was_here, Change.MISSING.value), else_=null())),
        ((new.residency == Residency.DEAD) & (old.residency != Residency.DEAD), Change.DIED.value),
        ((new.residency == Residency.MOVED) & was_here, Change.LEFT.value),
        (is_here & ~was_here, Change.ARRIVED.value),
        (new.ward != old.ward, Change.WARD.value),
        (differs, Change.CHANGED.value),
        else_=null(),
    )


def _comparison() -> Any:
    nik = func.coalesce(_new.c.nik, resident.c.nik).label("nik")
    found = (
        select(
            nik,
            _kind().label("kind"),
            resident.c.ward.label("ward_before"),
            _new.c.ward.label("ward_after"),
        )
        .select_from(_new.outerjoin(resident, _new.c.nik == resident.c.nik, full=True))
        .subquery("found")
    )
    is_recorded = (
        select(recording.c.recording_id)
        .where(recording.c.nik == found.c.nik, recording.c.is_live)
        .exists()
    )
    return insert(resident_change).from_select(
        ["change_set_id", "nik", "kind", "ward_before", "ward_after", "is_recorded"],
        select(
            bindparam("set_id", type_=Uuid()),
            found.c.nik,
            found.c.kind,
            found.c.ward_before,
            found.c.ward_after,
            is_recorded,
        ).where(found.c.kind.is_not(None)),
    )


_COMPARE = _comparison()


async def compare(transaction: Transaction, set_id: UUID) -> None:
    """Write down what the staged list changes of whom; who is listed as before has no row."""
    await transaction.execute(_COMPARE, {"set_id": set_id})


async def take_over(
    transaction: Transaction, set_id: UUID, listed_on: date, *, is_first: bool
) -> None:
    """Put the staged list's people, the changed and the new, into the list in place.

    Those a first list brings lived here before it; a later list's have arrived by its day.
    """
    new, old = _new.c, resident.c
    is_gone = new.residency.not_in(LIVING)
    told = {name: new[name] for name in TOLD} | {
        "arrived_on": new.arrived_on
        if is_first
        else case((is_gone, new.arrived_on), else_=func.coalesce(new.arrived_on, _DAY)),
        "left_on": case((is_gone, func.coalesce(new.left_on, _DAY)), else_=null()),
    }
    source = select(new.nik, *(told[name].label(name) for name in TOLD))
    if not is_first:
        change = resident_change.c
        source = source.join(
            resident_change,
            (change.change_set_id == new.change_set_id) & (change.nik == new.nik),
        )
    put = upsert(resident).from_select(["nik", *TOLD], source)
    fresh = put.excluded
    was_gone = old.residency.not_in(LIVING)
    put = put.on_conflict_do_update(
        index_elements=["nik"],
        set_={name: fresh[name] for name in (*_REQUIRED, "residency")}
        | {name: func.coalesce(fresh[name], old[name]) for name in _KEPT_WHEN_EMPTY}
        | {
            # Who lived here all along did not arrive with this list.
            "arrived_on": case((was_gone, fresh.arrived_on), else_=old.arrived_on),
            "left_on": case(
                (fresh.left_on.is_(None), null()),
                (was_gone, func.coalesce(old.left_on, fresh.left_on)),
                else_=fresh.left_on,
            ),
        },
    )
    await transaction.execute(put, {"set_id": set_id, "listed_on": listed_on})


async def let_go(transaction: Transaction, set_id: UUID, listed_on: date, choice: Missing) -> None:
    """Who is missing has moved away by the list's day, as far as the officer's choice goes."""
    change = resident_change.c
    gone = (
        update(resident)
        .where(
            change.change_set_id == set_id,
            change.nik == resident.c.nik,
            change.kind == Change.MISSING,
        )
        .values(residency=Residency.MOVED.value, left_on=listed_on)
    )
    if choice is Missing.LEAVE_UNRECORDED:
        gone = gone.where(~change.is_recorded)
    if choice is not Missing.KEEP:
        await transaction.execute(gone)
