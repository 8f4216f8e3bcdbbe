"""Queries of cases, votes and views, and of the recordings a case is about."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import Row, and_, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.central.adjudication.rules import (
    Ballot,
    Case,
    Claim,
    Reason,
    Settled,
    Verdict,
    Vote,
)
from services.central.tables import (
    adjudication_candidate,
    adjudication_case,
    adjudication_view,
    adjudication_vote,
    envelope,
)
from services.central.vault import steps as vault
from services.central.vault.steps import Body
from shared.contracts.envelopes import EnvelopeKind
from shared.contracts.recording import Recording
from shared.database.engine import Transaction

# An id that came again, or with other bytes, does not speak for the recording.
_IS_FIRST = or_(envelope.c.note.is_(None), envelope.c.note.not_in(("repeat", "conflict")))
_case, _candidate, _vote = adjudication_case, adjudication_candidate, adjudication_vote


@dataclass(frozen=True, slots=True)
class CandidateEvidence:
    """A recording that another one resembles. Distances: 0 alike, 0.5 strangers; None: not taken.

    demographic: levels of likeness by field and a score, never the values themselves.
    """

    recording_id: UUID
    region: str
    captured_at: datetime
    left: float | None
    right: float | None
    demographic: Mapping[str, JsonValue] | None


@dataclass(frozen=True, slots=True)
class NewCase:
    """A recording no machine can decide on. Thresholds are those of the search that found it."""

    region: str
    recording_id: UUID
    seq: int
    reason: str
    candidates: tuple[CandidateEvidence, ...]
    one_eye_max: float | None = None
    two_eyes_mean_max: float | None = None


@dataclass(frozen=True, slots=True)
class Thresholds:
    one_eye_max: float | None
    two_eyes_mean_max: float | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A case in the list, without anything about persons."""

    case: Case
    candidates: int
    counted: list[Vote]


async def insert_cases(
    transaction: Transaction, cases: Sequence[tuple[UUID, NewCase]], now: datetime
) -> set[UUID]:
    """Open a case for each recording that has no open one; gives the ids of those opened."""
    made = await transaction.execute(
        insert(_case).on_conflict_do_nothing().returning(_case.c.case_id),
        [
            {
                "region_code": one.region,
                "case_id": case_id,
                "recording_id": one.recording_id,
                "seq": one.seq,
                "reason": one.reason,
                "edition": 1,
                "one_eye_max": one.one_eye_max,
                "two_eyes_mean_max": one.two_eyes_mean_max,
                "opened_at": now,
            }
            for case_id, one in cases
        ],
    )
    return {row[0] for row in made}


async def lock_open(
    transaction: Transaction, recordings: Collection[tuple[str, UUID]]
) -> dict[tuple[str, UUID], tuple[UUID, int]]:
    """(case id, edition) of open cases by region and recording, locked until commit."""
    rows = await transaction.execute(
        select(_case.c.region_code, _case.c.recording_id, _case.c.case_id, _case.c.edition)
        .where(
            tuple_(_case.c.region_code, _case.c.recording_id).in_(recordings),
            _case.c.settled_at.is_(None),
        )
        .order_by(_case.c.region_code, _case.c.case_id)
        .with_for_update()
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


async def insert_candidates(
    transaction: Transaction,
    candidates: Sequence[tuple[str, UUID, int, CandidateEvidence]],
    now: datetime,
) -> set[UUID]:
    """Add (region, case id, edition, evidence) that are new; gives the cases that got some."""
    added = await transaction.execute(
        insert(_candidate).on_conflict_do_nothing().returning(_candidate.c.case_id),
        [
            {
                "region_code": region,
                "case_id": case_id,
                "recording_id": one.recording_id,
                "candidate_region": one.region,
                "captured_at": one.captured_at,
                "left_distance": one.left,
                "right_distance": one.right,
                "demographic": None if one.demographic is None else dict(one.demographic),
                "edition": edition,
                "added_at": now,
            }
            for region, case_id, edition, one in candidates
        ],
    )
    return {row[0] for row in added}


async def raise_edition(transaction: Transaction, cases: Collection[tuple[str, UUID]]) -> None:
    await transaction.execute(
        update(_case)
        .where(tuple_(_case.c.region_code, _case.c.case_id).in_(cases))
        .values(edition=_case.c.edition + 1)
    )


async def close(
    transaction: Transaction, cases: Collection[tuple[str, UUID]], now: datetime
) -> None:
    """Close cases without a verdict."""
    await transaction.execute(
        update(_case)
        .where(tuple_(_case.c.region_code, _case.c.case_id).in_(cases))
        .values(settled_at=now, claimed_by=None, claimed_until=None)
    )


async def case_of(
    transaction: Transaction, region: str, case_id: UUID, *, is_locked: bool = False
) -> tuple[Case, Thresholds] | None:
    asked = select(_case).where(_case.c.region_code == region, _case.c.case_id == case_id)
    row = (await transaction.execute(asked.with_for_update() if is_locked else asked)).one_or_none()
    if row is None:
        return None
    return _read_case(row), Thresholds(row.one_eye_max, row.two_eyes_mean_max)


async def candidates_of(
    transaction: Transaction, region: str, case_id: UUID
) -> list[CandidateEvidence]:
    """The most alike first: by the eye that is nearer."""
    rows = await transaction.execute(
        select(_candidate)
        .where(_candidate.c.region_code == region, _candidate.c.case_id == case_id)
        .order_by(
            func.least(_candidate.c.left_distance, _candidate.c.right_distance).nulls_last(),
            _candidate.c.added_at,
            _candidate.c.recording_id,
        )
    )
    return [
        CandidateEvidence(
            row.recording_id,
            row.candidate_region,
            row.captured_at,
            row.left_distance,
            row.right_distance,
            row.demographic,
        )
        for row in rows
    ]


async def votes_of(
    transaction: Transaction, cases: Collection[tuple[str, UUID]]
) -> dict[UUID, list[Vote]]:
    """Votes by case, earliest first."""
    rows = await transaction.execute(
        select(_vote)
        .where(tuple_(_vote.c.region_code, _vote.c.case_id).in_(cases))
        .order_by(_vote.c.voted_at, _vote.c.officer)
    )
    found: dict[UUID, list[Vote]] = {case_id: [] for _, case_id in cases}
    for row in rows:
        ballot = Ballot(
            row.edition,
            Verdict(row.verdict),
            row.rival_recording_id,
            Reason(row.reason),
            row.words,
        )
        found[row.case_id].append(Vote(row.officer, ballot, row.voted_at))
    return found


async def recordings(
    transaction: Transaction, wanted: Collection[tuple[str, UUID]]
) -> dict[UUID, Recording]:
    """The stored recordings by id; those that are not here, or unreadable, are left out."""
    rows = await transaction.execute(
        select(envelope.c.region_code, envelope.c.envelope_id, envelope.c.body)
        .where(
            tuple_(envelope.c.region_code, envelope.c.envelope_id).in_(wanted),
            envelope.c.kind == EnvelopeKind.RECORDING.value,
            _IS_FIRST,
        )
        .order_by(envelope.c.seq)
    )
    bodies = [Body(*row) for row in rows]
    found: dict[UUID, Recording] = {}
    for one, said in zip(bodies, await vault.recordings(transaction, bodies), strict=True):
        # A version from the future, or one that was erased: the page says it is not readable.
        if isinstance(said, Recording):
            found.setdefault(one.recording_id, said)
    return found


async def save_vote(transaction: Transaction, case: Case, vote: Vote) -> None:
    ballot = vote.ballot
    await transaction.execute(
        insert(_vote).values(
            region_code=case.region,
            case_id=case.case_id,
            edition=ballot.edition,
            officer=vote.officer,
            verdict=ballot.verdict.value,
            rival_recording_id=ballot.rival,
            reason=ballot.reason.value,
            words=ballot.words,
            voted_at=vote.voted_at,
        )
    )


async def save_case(transaction: Transaction, case: Case) -> None:
    """Its claim and its verdict; nothing else of it changes here."""
    await transaction.execute(
        update(_case)
        .where(_case.c.region_code == case.region, _case.c.case_id == case.case_id)
        .values(
            claimed_by=case.claim.officer if case.claim else None,
            claimed_until=case.claim.until if case.claim else None,
            verdict=case.settled.verdict if case.settled else None,
            rival_recording_id=case.settled.rival if case.settled else None,
            settled_at=case.settled.at if case.settled else None,
        )
    )


async def save_view(
    transaction: Transaction,
    case: Case,
    view_id: UUID,
    officer: str,
    what: str,
    now: datetime,
) -> None:
    await transaction.execute(
        insert(adjudication_view).values(
            region_code=case.region,
            case_id=case.case_id,
            view_id=view_id,
            officer=officer,
            what=what,
            viewed_at=now,
        )
    )


async def listed(transaction: Transaction, *, is_open: bool, items_max: int) -> list[Listed]:
    """Open cases, the oldest first; or settled ones, the latest first."""
    asked = select(_case).limit(items_max)
    if is_open:
        asked = asked.where(_case.c.settled_at.is_(None)).order_by(
            _case.c.opened_at, _case.c.case_id
        )
    else:
        asked = asked.where(_case.c.settled_at.is_not(None)).order_by(
            _case.c.settled_at.desc(), _case.c.case_id
        )
    cases = [_read_case(row) for row in await transaction.execute(asked)]
    keys = [(one.region, one.case_id) for one in cases]
    if not keys:
        return []
    votes = await votes_of(transaction, keys)
    counts = await transaction.execute(
        select(_candidate.c.case_id, func.count())
        .where(tuple_(_candidate.c.region_code, _candidate.c.case_id).in_(keys))
        .group_by(_candidate.c.case_id)
    )
    candidates = {row[0]: int(row[1]) for row in counts}
    return [
        Listed(
            one,
            candidates.get(one.case_id, 0),
            [vote for vote in votes[one.case_id] if vote.ballot.edition == one.edition],
        )
        for one in cases
    ]


@dataclass(frozen=True, slots=True)
class Counts:
    open: int
    overdue: int
    disputed: int
    oldest_at: datetime | None


async def counts(transaction: Transaction, opened_before: datetime) -> Counts:
    """Open cases; those opened before a moment are overdue."""
    is_open = _case.c.settled_at.is_(None)
    row = (
        await transaction.execute(
            select(
                func.count(),
                func.count().filter(_case.c.opened_at < opened_before),
                func.min(_case.c.opened_at),
            ).where(is_open)
        )
    ).one()
    disputed = (
        select(_case.c.case_id)
        .join(
            _vote,
            and_(
                _vote.c.region_code == _case.c.region_code,
                _vote.c.case_id == _case.c.case_id,
                _vote.c.edition == _case.c.edition,
            ),
        )
        .where(is_open)
        .group_by(_case.c.region_code, _case.c.case_id)
        .having(func.count() > 1)
        .subquery()
    )
    count = await transaction.scalar(select(func.count()).select_from(disputed))
    return Counts(int(row[0]), int(row[1]), int(count or 0), row[2])


def _read_case(row: Row[Any]) -> Case:
    claim = None if row.claimed_by is None else Claim(row.claimed_by, row.claimed_until)
    settled = None
    if row.settled_at is not None:
        verdict = None if row.verdict is None else Verdict(row.verdict)
        settled = Settled(verdict, row.rival_recording_id, row.settled_at)
    return Case(
        row.region_code,
        row.case_id,
        row.recording_id,
        row.seq,
        row.reason,
        row.edition,
        row.opened_at,
        claim,
        settled,
    )
