"""Record what came to be known, note who was told, close with a second officer."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Table

from shared.breaches import store
from shared.breaches.rules import Breach, Whom
from shared.database.engine import Transaction
from shared.refusals import NotFound, Refusal


class BreachClosed(Refusal):
    """Another officer closed this incident. What was learnt since is an incident of its own."""

    code, status = "breach-closed", 409
    title = "This incident is closed"
    next_action = "Record what came to be known since as a new incident."
    next_action_id = "Catat hal yang baru diketahui sebagai kejadian baru."


class BreachClockRuns(Refusal):
    """The 72 hours run from the moment the incident was found, and that moment stays as written."""

    code, status = "breach-clock-runs", 409
    title = "When this was found cannot be changed"
    next_action = "Leave the moment it was found as it was recorded; write the rest anew."
    next_action_id = "Biarkan waktu ditemukannya seperti semula; ubah yang lain saja."


class BreachNotTold(Refusal):
    """An incident is closed when both the people concerned and the authority were told."""

    code, status = "breach-not-told", 409
    title = "Somebody has not been told yet"
    next_action = "Send the letters, note when they were sent, then close the incident."
    next_action_id = "Kirim kedua surat, catat waktunya, lalu tutup kejadian ini."


class SameOfficerCloses(Refusal):
    """Whoever recorded an incident does not close it: a second officer looks at it first."""

    code, status = "same-officer-closes", 409
    title = "Another officer closes this incident"
    next_action = "Ask another officer to read the incident and close it."
    next_action_id = "Minta petugas lain membaca kejadian ini dan menutupnya."


async def record(transaction: Transaction, table: Table, said: Breach) -> Breach:
    """Write an incident, or what is known of it by now. Refuses: BreachClosed, BreachClockRuns."""
    known = await store.locked(transaction, table, said.breach_id)
    if known is None:
        await store.add(transaction, table, said)
        return said
    if known.closed_at is not None:
        raise BreachClosed
    if known.found_at != said.found_at:
        raise BreachClockRuns
    facts = {
        "began_at": said.began_at,
        "ended_at": said.ended_at,
        "what": said.what,
        "kinds": list(said.kinds),
        "people": said.people,
        "measures": said.measures,
    }
    await store.change(transaction, table, said.breach_id, **facts)
    return replace(known, **facts)  # type: ignore[arg-type]


async def tell(
    transaction: Transaction, table: Table, breach_id: UUID, whom: Whom, by: str, at: datetime
) -> Breach:
    """Note that a letter went out; the first time counts. Refuses: NotFound, BreachClosed."""
    known = await _known(transaction, table, breach_id)
    if getattr(known, f"{whom}_told_at") is not None:
        return known
    if known.closed_at is not None:
        raise BreachClosed
    facts = {f"{whom}_told_at": at, f"{whom}_told_by": by}
    await store.change(transaction, table, breach_id, **facts)
    return replace(known, **facts)  # type: ignore[arg-type]


async def close(
    transaction: Transaction, table: Table, breach_id: UUID, by: str, at: datetime
) -> Breach:
    """Refuses: NotFound, BreachNotTold, SameOfficerCloses. Closed before, it is as it was."""
    known = await _known(transaction, table, breach_id)
    if known.closed_at is not None:
        return known
    if not known.is_told:
        raise BreachNotTold
    if known.officer == by:
        raise SameOfficerCloses
    await store.change(transaction, table, breach_id, closed_at=at, closed_by=by)
    return replace(known, closed_at=at, closed_by=by)


async def _known(transaction: Transaction, table: Table, breach_id: UUID) -> Breach:
    known = await store.locked(transaction, table, breach_id)
    if known is None:
        raise NotFound("No incident has this id here.")
    return known
