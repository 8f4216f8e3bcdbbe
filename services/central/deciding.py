"""Decide a recording again: a search made anew, a region's word, the verdict of two officers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.central import acting, epochs, settling
from services.central.intake import store as intake
from services.central.journey.permissions import Grounds
from services.central.journey.refusals import CentreWaits, NotUndecided
from services.central.penunggalan import audit_store, ledger, rules
from services.central.penunggalan import steps as penunggalan
from services.central.penunggalan.checks import Checked, Uniqueness
from services.central.penunggalan.rules import Basis, Candidate, Finding, FoundSame, NotConfirmed
from services.central.print_authorization import steps as print_authorization
from services.central.print_authorization.rules import Permitter
from shared.contracts.feed import Rival
from shared.contracts.outcomes import Outcome
from shared.database.engine import Transaction

# As rooms are given it: (transaction, region, recording_id, basis, rival's recording_id, now).
DecideAgain = Callable[[Transaction, str, UUID, str, UUID | None, datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Again:
    """A recording that is to be decided again. rival: whose person it is, by two officers."""

    region: str
    recording_id: UUID
    basis: Basis
    rival: Rival | None = None


async def decide_again(
    transaction: Transaction,
    permitter: Permitter,
    uniqueness: Uniqueness,
    again: Again,
    now: datetime,
) -> bool:
    """Decide a recording whose last decision was not the last word, and tell its region.

    False where a search was impossible again. Refuses: NotUndecided, CentreWaits.
    """
    region = again.region
    await intake.lock_settled(transaction, region)
    standing = await epochs.standing(transaction, region)
    if not standing.may_settle:
        raise CentreWaits
    waiting = await ledger.lock_undecided(transaction, region, again.recording_id)
    if waiting is None and again.basis in _BY_OFFICERS:
        return await _after_audit(transaction, permitter, uniqueness, again, now)
    if waiting is None or waiting.outcome is not _ANSWERS[again.basis]:
        raise NotUndecided
    recording = await acting.recording_of(transaction, region, again.recording_id)
    if recording is None:
        raise NotUndecided
    settled = await penunggalan.settle_again(
        transaction,
        waiting,
        Candidate(waiting.seq, recording),
        again.basis,
        _finding_of(again),
        settling.permits_of(replace(permitter, epoch=standing.epoch), region),
        now,
        settling.searching(uniqueness, standing),
    )
    await settling.open_cases(transaction, region, settled, now)
    await settling.tell(transaction, region, list(settled.entries.values()), now)
    return bool(settled.entries)


async def _after_audit(
    transaction: Transaction,
    permitter: Permitter,
    uniqueness: Uniqueness,
    again: Again,
    now: datetime,
) -> bool:
    """Officers judged whom an audit found: the recording has passed, and its permission stands.

    Different people: nothing changes, and nothing is told. The same person: the permission is taken
    back, and the recording becomes a duplicate. Refuses: NotUndecided.
    """
    region, recording_id = again.region, again.recording_id
    newest = await audit_store.newest_basis(transaction, region, recording_id)
    found = await audit_store.candidates(transaction, region, [recording_id])
    candidate = found.get(recording_id)
    if newest is not Basis.AUDIT or candidate is None:
        raise NotUndecided
    if again.basis is Basis.DIFFERENT_PEOPLE:
        decided = [(candidate, rules.UNIQUE)]
        await ledger.save_checks(transaction, region, decided, Checked(), again.basis, now)
        return True
    # Who moved has the permission where they live now.
    home = await audit_store.home_of(transaction, candidate) or region
    grounds = Grounds(SAME_PERSON)
    revoked = await print_authorization.revoke(transaction, home, recording_id, grounds, now)
    settled = await penunggalan.settle_again(
        transaction,
        ledger.Undecided(
            region, recording_id, candidate.seq, Outcome.ADJUDICATE_RECORD, None, now, searches=1
        ),
        candidate,
        again.basis,
        _finding_of(again),
        settling.permits_of(permitter, region),
        now,
        uniqueness,
    )
    # In this order: no duplicate ever has a permission that stands.
    await settling.tell(transaction, home, [revoked] if revoked is not None else [], now)
    await settling.tell(transaction, region, list(settled.entries.values()), now)
    return True


_BY_OFFICERS = frozenset({Basis.DIFFERENT_PEOPLE, Basis.SAME_PERSON})
SAME_PERSON = "same-person"  # why a permission is taken back

# What each basis answers.
_ANSWERS = {
    Basis.SEARCH: Outcome.SEARCH_FAILURE_AT_CENTRAL,
    Basis.VALIDATED: Outcome.REQUEST_VALIDATION,
    Basis.NOT_CONFIRMED: Outcome.REQUEST_VALIDATION,
    Basis.DIFFERENT_PEOPLE: Outcome.ADJUDICATE_RECORD,
    Basis.SAME_PERSON: Outcome.ADJUDICATE_RECORD,
}


def _finding_of(again: Again) -> Finding | None:
    if again.basis is Basis.NOT_CONFIRMED:
        return NotConfirmed()
    if again.basis is Basis.SAME_PERSON:
        if again.rival is None:
            raise ValueError("the same person as whom?")
        return FoundSame(again.rival)
    return None


def decider(permitter: Permitter, uniqueness: Uniqueness) -> DecideAgain:
    """What rooms are given to have a recording decided again; they need not know how."""

    async def decide(
        transaction: Transaction,
        region: str,
        recording_id: UUID,
        basis: str,
        rival_id: UUID | None,
        now: datetime,
    ) -> None:
        rival = await ledger.rival_of(transaction, region, recording_id, rival_id)
        again = Again(region, recording_id, Basis(basis), rival)
        await decide_again(transaction, permitter, uniqueness, again, now)

    return decide
