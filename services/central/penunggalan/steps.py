"""Settle a region's recordings: read, check, admit by constraint, and say how each one ended."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError

from services.central.journey import entries
from services.central.journey.entries import NewEntry, SignedPermission
from services.central.penunggalan import rules, store
from services.central.penunggalan.rules import Admission, Candidate, Finding, Unreadable, Verdict
from shared.contracts.recording import RECORDING, Recording
from shared.database.engine import Transaction
from shared.ids import NewId, new_id

# A check gets the recordings that nothing was found against yet, and says what it found, by seq.
Check = Callable[[Transaction, Sequence[Candidate]], Awaitable[Mapping[int, Finding]]]


@dataclass(frozen=True, slots=True)
class Permits:
    """How permissions are made: the room that signs them is not this one's to import."""

    expires_at: Callable[[datetime], datetime]
    sign: Callable[[UUID, Recording, datetime], SignedPermission]
    make_id: NewId = new_id


async def settle(
    transaction: Transaction,
    region: str,
    bodies: Sequence[tuple[int, UUID, bytes]],
    permits: Permits,
    now: datetime,
    checks: Sequence[Check] = (),
) -> dict[int, NewEntry]:
    """Decide recordings given as (seq, envelope id, body); gives an entry for each, by seq.

    checks: the pipeline after structure and before admission, cheapest first.
    """
    candidates, unreadable = _read(bodies)
    findings: dict[int, Finding] = dict(rules.structure(candidates))
    for check in checks:
        open_still = [one for one in candidates if one.seq not in findings]
        findings.update(await check(transaction, open_still))
    admissions = [
        Admission(one, permits.make_id()) for one in candidates if one.seq not in findings
    ]
    expires_at = permits.expires_at(now)
    findings.update(await _admit(transaction, region, admissions, expires_at, now))
    permissions = {
        one.candidate.seq: permits.sign(one.authorization_id, one.candidate.recording, now)
        for one in admissions
        if one.candidate.seq not in findings
    }
    found = {
        one.seq: _entry(
            one.seq,
            one.recording.recording_id,
            rules.verdict_of(findings.get(one.seq)),
            permissions.get(one.seq),
            now,
        )
        for one in candidates
    }
    for lost in unreadable:
        found[lost.seq] = _entry(lost.seq, lost.envelope_id, rules.UNREADABLE, None, now)
    return found


def _read(
    bodies: Sequence[tuple[int, UUID, bytes]],
) -> tuple[list[Candidate], list[Unreadable]]:
    candidates, unreadable = [], []
    for seq, envelope_id, body in bodies:
        try:
            recording = RECORDING.validate_json(body)
        except ValidationError:
            unreadable.append(Unreadable(seq, envelope_id))
            continue
        if recording.recording_id == envelope_id:
            candidates.append(Candidate(seq, recording))
        else:
            unreadable.append(Unreadable(seq, envelope_id))
    return candidates, unreadable


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
        known = tuple(rivals[one.recording.nik.number])
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
