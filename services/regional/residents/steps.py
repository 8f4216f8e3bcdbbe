"""Stage a list chunk by chunk, compare it, apply it at once or let it be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.exc import IntegrityError

from services.regional.outbox import store as outbox
from services.regional.residents import comparing, rules, store
from services.regional.residents.refusals import (
    ChangeSetClosed,
    ChangeSetStale,
    ListBeingRead,
    NiksSeemRounded,
)
from services.regional.residents.rules import LineFault, Missing, Resident, SetState
from services.regional.residents.store import ListFile
from shared.contracts.envelopes import (
    COVERAGE_BASE,
    COVERAGE_VERSION,
    CoverageBase,
    DistrictBase,
    EnvelopeKind,
)
from shared.database.engine import Transaction
from shared.ids import new_id
from shared.refusals import NotFound

INTERRUPTED = "interrupted"


@dataclass(slots=True)
class Tally:
    """How far a list is read."""

    lines_read: int = 0
    residents: int = 0
    left_out: int = 0
    ending_in_zero: int = 0


async def begin(transaction: Transaction, file: ListFile) -> None:
    """Open a change set; one that waits to be applied makes way. Refuses: ListBeingRead."""
    waiting = await store.find_open(transaction)
    if waiting is not None:
        if waiting.state == SetState.READING:
            raise ListBeingRead
        await _close(transaction, waiting, SetState.DISCARDED, file.handed_in_by, file.handed_in_at)
    try:
        await store.open_set(transaction, file)
    except IntegrityError:  # another came in the same moment
        raise ListBeingRead from None


async def stage(
    transaction: Transaction,
    set_id: UUID,
    found: Sequence[tuple[int, Resident | str]],
    tally: Tally,
) -> None:
    """Keep one chunk of lines, each with its number; `tally` is brought up to date."""
    people: dict[int, tuple[int, Resident]] = {}
    faults: list[LineFault] = []
    for line, one in found:
        if isinstance(one, str):
            faults.append(LineFault(line, one))
        elif one.nik.number in people:
            faults.append(LineFault(line, "nik-twice"))
        else:
            people[one.nik.number] = (line, one)
    fresh = await store.stage(transaction, set_id, [one for _, one in people.values()])
    faults += [
        LineFault(line, "nik-twice") for nik, (line, _) in people.items() if nik not in fresh
    ]
    faults.sort(key=lambda fault: fault.line)
    room = max(0, store.FAULTS_KEPT_MAX - tally.left_out)
    if faults[:room]:
        await store.note_faults(transaction, set_id, faults[:room])
    tally.residents += len(fresh)
    tally.left_out += len(faults)
    tally.ending_in_zero += sum(nik % 10 == 0 for nik in fresh) + sum(
        fault.why == "nik-trailing-zeros" for fault in faults
    )
    if found:
        tally.lines_read = found[-1][0]
    await store.note(
        transaction,
        set_id,
        lines_read=tally.lines_read,
        residents=tally.residents,
        left_out=tally.left_out,
        ending_in_zero=tally.ending_in_zero,
    )


async def compare(transaction: Transaction, set_id: UUID, now: datetime) -> None:
    """Work out what the staged list would change; the change set then waits for an officer."""
    await comparing.allow_time(transaction)
    if await store.has_residents(transaction):
        await comparing.compare(transaction, set_id)
    await store.note(
        transaction,
        set_id,
        state=SetState.READ,
        read_at=now,
        compared_with=await store.last_applied(transaction),
        living_before=await store.count_living(transaction),
        living_listed=await store.count_living(transaction, set_id),
    )


async def give_up(transaction: Transaction, set_id: UUID, trouble: str, now: datetime) -> None:
    """Close a list that cannot be read; nothing of its people is kept."""
    await store.clear_staged(transaction, set_id)
    await store.note(transaction, set_id, state=SetState.FAILED, trouble=trouble, closed_at=now)


async def sweep(transaction: Transaction, now: datetime) -> None:
    """At a start: what a dead server was reading is closed, and its staged people go."""
    for set_id in await store.fail_interrupted(transaction, now, INTERRUPTED):
        await store.clear_staged(transaction, set_id)


async def apply(
    transaction: Transaction,
    region: str,
    set_id: UUID,
    choice: Missing | None,
    *,
    although_rounded: bool,
    officer: str,
    now: datetime,
) -> Row[Any]:
    """Apply a change set whole, and tell the centre the new denominators.

    choice None: what `missing_default` proposes. Applied before, it is given as it was.
    Refuses: NotFound, ChangeSetClosed, ChangeSetStale, NiksSeemRounded.
    """
    await comparing.allow_time(transaction)
    await comparing.keep_others_out(transaction)
    one = await _locked(transaction, set_id)
    if one.state == SetState.APPLIED:
        return one
    if one.state != SetState.READ:
        raise ChangeSetClosed
    if one.compared_with != await store.last_applied(transaction):
        raise ChangeSetStale
    if is_rounded(one) and not although_rounded:
        raise NiksSeemRounded
    is_first = not await store.has_residents(transaction)
    choice = choice or await proposed(transaction, one)
    await comparing.take_over(transaction, set_id, one.listed_on, is_first=is_first)
    await comparing.let_go(transaction, set_id, one.listed_on, choice)
    await store.clear_staged(transaction, set_id)
    await store.note(
        transaction,
        set_id,
        state=SetState.APPLIED,
        missing_choice=choice,
        closed_by=officer,
        closed_at=now,
    )
    await _tell_centre(transaction, region, now)
    return await _locked(transaction, set_id)


async def discard(transaction: Transaction, set_id: UUID, officer: str, now: datetime) -> Row[Any]:
    """Let a list be. Refuses: NotFound, ChangeSetClosed."""
    one = await _locked(transaction, set_id)
    if one.state == SetState.DISCARDED:
        return one
    if one.state != SetState.READ:
        raise ChangeSetClosed
    await _close(transaction, one, SetState.DISCARDED, officer, now)
    return await _locked(transaction, set_id)


async def proposed(transaction: Transaction, one: Row[Any]) -> Missing:
    """What becomes of the missing when nobody chooses."""
    counts = await store.count_changes(transaction, one.change_set_id)
    missing = sum(number for (kind, _), number in counts.items() if kind == "missing")
    return rules.missing_default(missing, one.living_before, one.left_out)


def is_rounded(one: Row[Any]) -> bool:
    """Whether the NIKs of this list seem to have lost their last digits."""
    return rules.seem_rounded(one.ending_in_zero, one.residents + one.left_out)


async def _locked(transaction: Transaction, set_id: UUID) -> Row[Any]:
    found = await store.find_set(transaction, set_id, lock=True)
    if found is None:
        raise NotFound
    return found


async def _close(
    transaction: Transaction, one: Row[Any], state: SetState, officer: str, now: datetime
) -> None:
    await store.clear_staged(transaction, one.change_set_id)
    await store.clear_changes(transaction, one.change_set_id)
    await store.note(transaction, one.change_set_id, state=state, closed_by=officer, closed_at=now)


async def _tell_centre(transaction: Transaction, region: str, now: datetime) -> None:
    base = CoverageBase(
        counted_at=now,
        districts=tuple(
            DistrictBase(district=row.district, population=row.population, obliged=row.obliged)
            for row in await store.base_by_district(transaction)
        ),
    )
    letter = outbox.Letter.of(
        new_id(), EnvelopeKind.COVERAGE_BASE, COVERAGE_VERSION, now, COVERAGE_BASE.dump_json(base)
    )
    await outbox.append(transaction, region, [letter], now)
