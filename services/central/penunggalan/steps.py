"""Settle a region's recordings: read, check, admit by constraint, and say how each one ended."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError

from services.central.journey import entries
from services.central.journey.entries import NewEntry, SignedPermission
from services.central.penunggalan import checks, ledger, rules, store
from services.central.penunggalan.checks import NIK_ALONE, Checked, Uniqueness
from services.central.penunggalan.ledger import Undecided
from services.central.penunggalan.rules import (
    Admission,
    Basis,
    Candidate,
    Case,
    Doubt,
    Finding,
    FoundSame,
    Unreadable,
    Verdict,
)
from shared.contracts.outcomes import Outcome
from shared.contracts.recording import RECORDING, Recording
from shared.database.engine import Transaction
from shared.ids import NewId, new_id


@dataclass(frozen=True, slots=True)
class Permits:
    """How permissions are made: the room that signs them is not this one's to import."""

    expires_at: Callable[[datetime], datetime]
    sign: Callable[[UUID, Recording, datetime], SignedPermission]
    make_id: NewId = new_id


@dataclass(frozen=True, slots=True)
class Settled:
    """What to tell the region, by seq, and what people must decide."""

    entries: dict[int, NewEntry] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)


async def settle(
    transaction: Transaction,
    region: str,
    bodies: Sequence[tuple[int, UUID, bytes]],
    permits: Permits,
    now: datetime,
    uniqueness: Uniqueness = NIK_ALONE,
) -> Settled:
    """Decide recordings given as (seq, envelope id, body)."""
    candidates, unreadable = _read(bodies)
    checked = await checks.check(transaction, region, candidates, uniqueness, now)
    settled = await _decide(
        transaction, region, candidates, checked, Basis.ARRIVAL, permits, now, uniqueness
    )
    for lost in unreadable:
        settled.entries[lost.seq] = _entry(lost.seq, lost.envelope_id, rules.UNREADABLE, None, now)
    return settled


async def settle_again(
    transaction: Transaction,
    waiting: Undecided,
    candidate: Candidate,
    basis: Basis,
    finding: Finding | None,
    permits: Permits,
    now: datetime,
    uniqueness: Uniqueness,
) -> Settled:
    """Decide a recording whose last decision was not the last word.

    finding: what people found, where `basis` is theirs; a machine's search is made anew. Empty when
    the search was impossible again: nothing new is told, and it is tried later.
    """
    region = waiting.region
    if basis in rules.BY_PEOPLE:
        checked = Checked({} if finding is None else {candidate.seq: finding})
        if basis is not Basis.NOT_CONFIRMED:
            await checks.remember(transaction, region, [candidate], uniqueness, now)
    else:
        has_word = basis is Basis.VALIDATED or await ledger.was_validated(
            transaction, region, waiting.recording_id
        )
        waived = frozenset(Doubt) if has_word else frozenset()
        checked = await checks.check(transaction, region, [candidate], uniqueness, now, waived)
    is_impossible = isinstance(checked.findings.get(candidate.seq), rules.SearchImpossible)
    if is_impossible and basis is Basis.SEARCH:
        await ledger.postpone_search(transaction, waiting, uniqueness.search_again, now)
        return Settled()
    if isinstance(finding, FoundSame):
        await store.save_duplicates(transaction, region, [(candidate, finding.rival)], now)
    return await _decide(transaction, region, [candidate], checked, basis, permits, now, uniqueness)


def _read(
    bodies: Sequence[tuple[int, UUID, bytes]],
) -> tuple[list[Candidate], list[Unreadable]]:
    candidates, unreadable = [], []
    for seq, envelope_id, body in bodies:
        recording = read(envelope_id, body)
        if recording is not None:
            candidates.append(Candidate(seq, recording))
        else:
            unreadable.append(Unreadable(seq, envelope_id))
    return candidates, unreadable


def read(envelope_id: UUID, body: bytes) -> Recording | None:
    """The recording in an envelope; None if it is none, or another's."""
    try:
        recording = RECORDING.validate_json(body)
    except ValidationError:
        return None
    return recording if recording.recording_id == envelope_id else None


async def _decide(
    transaction: Transaction,
    region: str,
    candidates: Sequence[Candidate],
    checked: Checked,
    basis: Basis,
    permits: Permits,
    now: datetime,
    uniqueness: Uniqueness,
) -> Settled:
    """Admit what nothing was found against, and write down how each one ended."""
    findings = dict(checked.findings)
    admissions = [
        Admission(one, permits.make_id()) for one in candidates if one.seq not in findings
    ]
    findings.update(await _admit(transaction, region, admissions, permits.expires_at(now), now))
    permissions = {
        one.candidate.seq: permits.sign(one.authorization_id, one.candidate.recording, now)
        for one in admissions
        if one.candidate.seq not in findings
    }
    verdicts = {one.seq: rules.verdict_of(findings.get(one.seq)) for one in candidates}
    settled = Settled()
    for one in candidates:
        verdict = verdicts[one.seq]
        settled.entries[one.seq] = _entry(
            one.seq, one.recording.recording_id, verdict, permissions.get(one.seq), now
        )
        if verdict.outcome is Outcome.ADJUDICATE_RECORD:
            settled.cases.append(
                Case(
                    one.seq,
                    one.recording,
                    verdict.reason or "",
                    checked.evidence.get(one.seq) or {},
                )
            )
    _keep_rivals(checked, findings)
    looked_at = [
        (one, verdicts[one.seq])
        for one in candidates
        if basis is not Basis.ARRIVAL or one.seq in checked.looked_at
    ]
    await ledger.save_checks(transaction, region, looked_at, checked, basis, now)
    await ledger.save_undecided(transaction, region, looked_at, uniqueness.search_again, now)
    return settled


def _keep_rivals(checked: Checked, findings: Mapping[int, Finding]) -> None:
    """Whoever doubles several has all of them in what the check keeps."""
    for seq, finding in findings.items():
        if named := rules.evidence_of_rivals(finding):
            checked.evidence[seq] = {**checked.evidence.get(seq, {}), **named}
            checked.looked_at.add(seq)


async def _admit(
    transaction: Transaction,
    region: str,
    admissions: Sequence[Admission],
    expires_at: datetime,
    now: datetime,
) -> dict[int, Finding]:
    """Enter what nothing was found against; the constraint finds the rest."""
    entered = await store.admit(
        transaction, region, rules.in_lock_order(admissions), expires_at, now
    )
    turned_away = [
        one.candidate for one in admissions if one.candidate.recording.recording_id not in entered
    ]
    if not turned_away:
        return {}
    rivals = await store.rivals_by_nik(
        transaction, [one.recording.nik.number for one in turned_away]
    )
    findings: dict[int, Finding] = {}
    kept = []
    for one in turned_away:
        held = rivals[one.recording.nik.number]
        known = rules.without(held, one.recording.recording_id) or tuple(held)
        findings[one.seq] = rules.SameNik(known)
        kept.append((one, known[0]))
    await store.save_duplicates(transaction, region, kept, now)
    return findings


def _entry(
    seq: int,
    recording_id: UUID,
    verdict: Verdict,
    permission: SignedPermission | None,
    now: datetime,
) -> NewEntry:
    return entries.decision(
        seq=seq,
        recording_id=recording_id,
        outcome=verdict.outcome,
        reason=verdict.reason,
        duplicate=verdict.duplicate,
        rival=verdict.rival,
        permission=permission,
        now=now,
    )
