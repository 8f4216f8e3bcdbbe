"""Begin a try, note how it ended, and order another one for what was set aside."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import orjson

from services.central.journey import amendments as answers
from services.central.journey import entries
from services.central.journey.entries import NewEntry
from services.central.set_aside import rules, store
from services.central.set_aside.rules import SetAside, Try
from services.central.set_aside.store import Waiting
from shared.amendment.objections import Objection
from shared.contracts.envelopes import EnvelopeKind
from shared.contracts.outcomes import Outcome
from shared.database.engine import Transaction
from shared.refusals import NotFound, Refusal

REASON_TOLD = "set-aside"
DEATHS_MAX = 3


class StillHeld(Refusal):
    """The envelope is held because its kind or version is from a newer program than this one."""

    code, status = "still-held", 409
    title = "This program cannot read that envelope yet"
    next_action = "Upgrade the centre first; what it can read then is tried by itself."
    next_action_id = "Perbarui program pusat dahulu; yang terbaca akan dicoba dengan sendirinya."


async def begin(
    transaction: Transaction, region: str, places: int, *, is_own: bool
) -> Try | SetAside:
    """Plan the next try and write it down before it is made.

    is_own: a try that is still written down was the caller's, and the world broke it: nobody died.
    """
    standing = await store.lock_standing(transaction, region)
    if not is_own:
        standing = rules.after_death(standing)
    move = rules.plan(standing, places)
    if isinstance(move, Try):
        standing = rules.begun(standing, move.count)
    await store.save_standing(transaction, region, standing)
    return move


async def fail(transaction: Transaction, region: str, count: int, reason: str) -> None:
    standing = await store.lock_standing(transaction, region)
    await store.save_standing(transaction, region, rules.after_failure(standing, count, reason))


async def set_aside(
    transaction: Transaction, region: str, move: SetAside, now: datetime
) -> NewEntry | None:
    """Note the envelope; gives the entry that tells its region, if somebody waits for one."""
    envelope_id, kind = await store.note(
        transaction, region, move.seq, reason=move.reason, attempts=move.attempts, now=now
    )
    return _told(kind, move.seq, envelope_id, now)


def tells_so(decided: bytes) -> bool:
    """Whether a decision, as it stands in the feed, says no more than that one was set aside."""
    return bool(orjson.loads(decided).get("reason") == REASON_TOLD)


def _told(kind: str, seq: int, envelope_id: UUID, now: datetime) -> NewEntry | None:
    if kind in (EnvelopeKind.AMENDMENT, EnvelopeKind.REPRINT):
        return answers.entry_of(answers.refusal(envelope_id, seq, None, Objection.SET_ASIDE, now))
    if kind != EnvelopeKind.RECORDING:
        return None
    return entries.decision(
        seq=seq,
        recording_id=envelope_id,
        outcome=Outcome.ENROLL_FAILURE_AT_CENTRAL,
        reason=REASON_TOLD,
        duplicate=None,
        rival=None,
        permission=None,
        now=now,
    )


async def order(
    transaction: Transaction,
    region: str,
    seq: int,
    known_versions: Mapping[str, int],
    now: datetime,
) -> None:
    """Order another try. Refuses: NotFound, StillHeld."""
    kept = await store.kept(transaction, region, seq)
    if kept is None or kept.note not in ("set-aside", "held"):
        raise NotFound("Nothing is set aside there.")
    if not rules.may_try_again(kept, dict(known_versions)):
        raise StillHeld
    await store.order_again(transaction, region, seq, now)


async def begin_order(
    transaction: Transaction, region: str, now: datetime
) -> tuple[Waiting | None, list[NewEntry]]:
    """The region's next order, its try written down before it is made; None for none.

    Beside it entries that tell of orders given up on the way.
    """
    told: list[NewEntry] = []
    while (found := await store.next_order(transaction, region)) is not None:
        waiting, deaths = found
        if deaths < DEATHS_MAX:
            await store.save_deaths(transaction, region, waiting.seq, deaths + 1)
            return waiting, told
        told += await give_up(transaction, region, waiting, rules.DIED, now)
    return None, told


async def give_up(
    transaction: Transaction, region: str, waiting: Waiting, reason: str, now: datetime
) -> list[NewEntry]:
    """The ordered try failed: set aside, as before; another order may come.

    Gives the entry that tells the region, unless it was told before.
    """
    attempts = waiting.attempts + 1
    await store.note(transaction, region, waiting.seq, reason=reason, attempts=attempts, now=now)
    await store.save_deaths(transaction, region, waiting.seq, 0)
    if waiting.note == "set-aside":
        return []
    told = _told(waiting.kind, waiting.seq, waiting.envelope_id, now)
    return [told] if told is not None else []
