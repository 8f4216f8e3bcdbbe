"""Act on envelopes of one region in one transaction: what each kind is, and who decides it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from services.central import epochs
from services.central.acting import Deed, act_on_cards
from services.central.adjudication import steps as adjudication
from services.central.adjudication.store import CandidateEvidence, NewCase
from services.central.coverage import steps as coverage
from services.central.intake import store as intake
from services.central.journey import steps as journey
from services.central.journey.entries import NewEntry, outcome_in
from services.central.journey.permissions import Grounds
from services.central.penunggalan import checks, freeing, gallery, ledger
from services.central.penunggalan import steps as penunggalan
from services.central.penunggalan.checks import NIK_ALONE, Uniqueness
from services.central.penunggalan.gallery import PERSON
from services.central.penunggalan.rules import OPEN_OUTCOMES, Candidate, Case
from services.central.penunggalan.steps import Settled
from services.central.print_authorization import steps as print_authorization
from services.central.print_authorization.rules import Permitter
from services.central.remedies import operators, restoring
from services.central.remedies import steps as remedies
from services.central.remedies import store as remedies_store
from services.central.remedies.hands import DecideAgain, Hands
from services.central.remedies.steps import nobody_decides
from services.central.resync import steps as resync
from services.central.set_aside import steps as set_aside
from services.central.vault import steps as vault
from services.central.vault.steps import Body
from shared.contracts.envelopes import EnvelopeKind
from shared.contracts.revocation import DELETED
from shared.database.engine import Transaction
from shared.iris_keys import GalleryKeys

# A search takes tens of milliseconds where a NIK takes none, and nothing else of this transaction
# may wait for too many of them. Only templates make a recording as long as this.
SEARCHES_MAX = 100
SEARCHED_BYTES = 8_000


async def settle_in(
    transaction: Transaction,
    permitter: Permitter,
    region: str,
    places: int,
    now: datetime,
    uniqueness: Uniqueness = NIK_ALONE,
    decide_again: DecideAgain = nobody_decides,
) -> int:
    """Settle up to `places` of a region's next envelopes; gives how many there were."""
    settled_seq = await intake.lock_settled(transaction, region)
    # After the lock: whoever raises the epoch has waited for it, or is seen here.
    standing = await epochs.standing(transaction, region)
    if not standing.may_settle:
        return 0
    waiting = await intake.waiting_after(transaction, region, settled_seq, places)
    if not waiting:
        return 0
    waiting = waiting[: _places_of([one.body for one in waiting])]
    # A note means that an envelope is only kept.
    deeds = [
        Deed(one.seq, one.envelope_id, one.kind, one.body) for one in waiting if one.note is None
    ]
    deeds = await _readable(transaction, region, deeds)
    uniqueness = searching(uniqueness, standing)
    if settled_seq < standing.witnessed_seq:
        deeds = await _undecided(transaction, region, deeds, uniqueness, now)
    permitter = replace(permitter, epoch=standing.epoch)
    told = await act_on(transaction, permitter, region, deeds, now, uniqueness, decide_again)
    await intake.save_settled(transaction, region, waiting[-1].seq)
    await tell(transaction, region, in_order(told), now)
    return len(waiting)


async def settle_ordered(
    transaction: Transaction,
    permitter: Permitter,
    region: str,
    deed: Deed,
    now: datetime,
    uniqueness: Uniqueness = NIK_ALONE,
    decide_again: DecideAgain = nobody_decides,
) -> list[NewEntry] | None:
    """Act on one that was set aside, as if it were new; gives what to tell.

    None while the centre awaits regions after a restore. What the lost life had told of it counts.
    """
    await intake.lock_settled(transaction, region)
    standing = await epochs.standing(transaction, region)
    if not standing.may_settle:
        return None
    deeds = await _readable(transaction, region, [deed])
    uniqueness = searching(uniqueness, standing)
    if deed.seq <= standing.witnessed_seq:
        deeds = await _undecided(transaction, region, deeds, uniqueness, now)
    permitter = replace(permitter, epoch=standing.epoch)
    told = await act_on(transaction, permitter, region, deeds, now, uniqueness, decide_again)
    return in_order(told)


async def _readable(transaction: Transaction, region: str, deeds: Sequence[Deed]) -> list[Deed]:
    """With the recordings among them opened: one that cannot be read says nothing."""
    sealed = _of(deeds, EnvelopeKind.RECORDING)
    plain = await vault.opened(
        transaction, [Body(region, one.envelope_id, one.body) for one in sealed]
    )
    said = {one.seq: vault.in_clear(body) for one, body in zip(sealed, plain, strict=True)}
    return [replace(one, body=said.get(one.seq, one.body)) for one in deeds]


def searching(uniqueness: Uniqueness, standing: epochs.Standing) -> Uniqueness:
    """While irises still come back after a restore, nobody is called unique by a search."""
    return replace(uniqueness, matcher=None) if standing.is_rebuilding else uniqueness


def _places_of(bodies: Sequence[bytes]) -> int:
    """How many of these, from the first on, one transaction takes."""
    searches = 0
    for place, body in enumerate(bodies):
        searches += len(body) > SEARCHED_BYTES
        if searches > SEARCHES_MAX:
            return place
    return len(bodies)


async def _undecided(
    transaction: Transaction,
    region: str,
    deeds: Sequence[Deed],
    uniqueness: Uniqueness,
    now: datetime,
) -> list[Deed]:
    """Those no entry of a lost life has decided: what came back with a page counts, once.

    That one was set aside decided nothing: it is tried anew.
    """
    answers = await journey.decided_among(
        transaction, region, [one.envelope_id for one in _of(deeds, EnvelopeKind.RECORDING)]
    )
    decided = {one: body for one, body in answers.items() if not set_aside.tells_so(body)}
    again = [one for one in deeds if one.envelope_id in decided]
    if again:
        bodies = [(one.body, decided[one.envelope_id]) for one in again]
        await resync.confirm(transaction, region, bodies, now)
        await _remember(transaction, region, again, decided, uniqueness, now)
    return [one for one in deeds if one.envelope_id not in decided]


async def _remember(
    transaction: Transaction,
    region: str,
    again: Sequence[Deed],
    decided: Mapping[UUID, bytes],
    uniqueness: Uniqueness,
    now: datetime,
) -> None:
    """Put irises back; whose lost decision was not the last word is searched for anew."""
    ids = [one.envelope_id for one in again]
    gone = await remedies_store.deleted_among(transaction, region, ids)
    recordings = [
        (one.seq, penunggalan.read(one.envelope_id, one.body))
        for one in again
        if one.envelope_id not in gone
    ]
    candidates = [Candidate(seq, one) for seq, one in recordings if one is not None]
    await checks.remember(transaction, region, candidates, uniqueness, now)
    opened = [
        one
        for one in candidates
        if outcome_in(decided[one.recording.recording_id]) in OPEN_OUTCOMES
    ]
    await ledger.search_soon(transaction, region, opened, now)


async def tell(
    transaction: Transaction, region: str, entries: Sequence[NewEntry], now: datetime
) -> None:
    """Publish, as the last act: the counter row's lock is what makes commit order pos order."""
    if entries:
        await journey.publish(transaction, region, entries, now)


async def act_on(
    transaction: Transaction,
    permitter: Permitter,
    region: str,
    deeds: Sequence[Deed],
    now: datetime,
    uniqueness: Uniqueness = NIK_ALONE,
    decide_again: DecideAgain = nobody_decides,
) -> dict[int, list[NewEntry]]:
    """Do what each kind asks for; gives what to tell, by seq."""
    settled = await penunggalan.settle(
        transaction,
        region,
        [(one.seq, one.envelope_id, one.body) for one in _of(deeds, EnvelopeKind.RECORDING)],
        permits_of(permitter, region),
        now,
        uniqueness,
    )
    await open_cases(transaction, region, settled, now)
    entries = {seq: [entry] for seq, entry in settled.entries.items()}
    entries |= await act_on_cards(transaction, permitter, region, deeds, now)
    await coverage.take_bases(
        transaction,
        region,
        [(one.seq, one.body) for one in _of(deeds, EnvelopeKind.COVERAGE_BASE)],
    )
    remedied = await _remedy(transaction, region, deeds, decide_again, now, uniqueness.keys)
    return entries | {seq: [entry] for seq, entry in remedied.items()}


def in_order(told: Mapping[int, Sequence[NewEntry]]) -> list[NewEntry]:
    return [entry for seq in sorted(told) for entry in told[seq]]


async def _remedy(
    transaction: Transaction,
    region: str,
    deeds: Sequence[Deed],
    decide_again: DecideAgain,
    now: datetime,
    keys: GalleryKeys,
) -> dict[int, NewEntry]:
    """Take what a region asks or answers about recordings that cannot be printed."""
    await remedies.take_replies(
        transaction,
        region,
        [(one.seq, one.body) for one in _of(deeds, EnvelopeKind.VALIDATION_REPLY)],
        decide_again,
        now,
    )
    await operators.take(
        transaction,
        region,
        [(one.seq, one.body) for one in _of(deeds, EnvelopeKind.OPERATOR_IRISES)],
        operators.OperatorGallery(partial(gallery.enter_operator, keys=keys), gallery.remove),
        now,
    )
    return await remedies.take_requests(
        transaction,
        region,
        [(one.seq, one.body) for one in _of(deeds, EnvelopeKind.DELETION_REQUEST)],
        _order_search,
        now,
    )


async def _revoke_deleted(
    transaction: Transaction, region: str, recording_id: UUID, officer: str, now: datetime
) -> NewEntry | None:
    grounds = Grounds(DELETED, officer)
    return await print_authorization.revoke(transaction, region, recording_id, grounds, now)


async def _forget(
    transaction: Transaction, recordings: Sequence[tuple[str, UUID]], now: datetime
) -> None:
    await freeing.forget(transaction, recordings, now)
    await adjudication.withdraw(transaction, recordings, now)


async def _order_search(
    transaction: Transaction, region: str, recording_id: UUID, seq: int, now: datetime
) -> None:
    """What it resembled is gone: whether it resembles others is for the search to say."""
    await freeing.order_search(transaction, region, recording_id, seq, now)
    await adjudication.withdraw(transaction, [(region, recording_id)], now)


REMEDY_HANDS = Hands(freeing.free, _forget, _revoke_deleted, _order_search)


async def carry_out_again(transaction: Transaction, region: str, now: datetime) -> None:
    """What a region was told in a lost life, beyond its permissions: deletions."""
    await restoring.carry_out_again(transaction, REMEDY_HANDS, region, now)


def permits_of(permitter: Permitter, region: str) -> penunggalan.Permits:
    return penunggalan.Permits(
        expires_at=permitter.expires_at,
        sign=lambda authorization_id, recording, at: permitter.sign(
            region, authorization_id, recording, at
        ),
    )


async def open_cases(
    transaction: Transaction, region: str, settled: Settled, now: datetime
) -> None:
    """Hand what no machine can decide to the officers who can."""
    await adjudication.open_cases(
        transaction, [_case_of(region, one) for one in settled.cases], now
    )


def _case_of(region: str, case: Case) -> NewCase:
    limits = case.evidence.get("thresholds") or {}
    return NewCase(
        region=region,
        recording_id=case.recording.recording_id,
        seq=case.seq,
        reason=case.reason,
        candidates=tuple(
            CandidateEvidence(
                recording_id=UUID(one["recording_id"]),
                region=one["region"],
                captured_at=datetime.fromisoformat(one["captured_at"]),
                left=one["left"],
                right=one["right"],
                demographic=one["demographic"],
            )
            for one in case.evidence.get("likenesses", ())
            if one["kind"] == PERSON and one["captured_at"] is not None
        ),
        one_eye_max=limits.get("one_eye"),
        two_eyes_mean_max=limits.get("mean_of_two"),
    )


def _of(deeds: Sequence[Deed], kind: EnvelopeKind) -> list[Deed]:
    return [one for one in deeds if one.kind == kind]
