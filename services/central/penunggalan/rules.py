"""What checks find, and which outcome follows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.contracts.feed import Rival
from shared.contracts.outcomes import DuplicateKind, Outcome
from shared.contracts.recording import Recording


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recording whose uniqueness is to be proved."""

    seq: int
    recording: Recording


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Its envelope arrived whole, but its content is not a recording of its version."""

    seq: int
    envelope_id: UUID


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Parts neither taken nor excused: nothing to search with."""


@dataclass(frozen=True, slots=True)
class NoTemplates:
    """Irises were taken and no template of them came, where a search is required."""


@dataclass(frozen=True, slots=True)
class SameNik:
    """The NIK is proven already, by these recordings (the registry's first)."""

    rivals: tuple[Rival, ...]
    has_other_irises: bool = False  # than the registry's: one of the two is somebody else's


@dataclass(frozen=True, slots=True)
class SamePerson:
    """Both eyes are those of recordings under other NIKs, and nothing else contradicts."""

    rivals: tuple[Rival, ...]


@dataclass(frozen=True, slots=True)
class Resembling:
    """Others are too alike to tell apart by machine."""

    rivals: tuple[Rival, ...]


@dataclass(frozen=True, slots=True)
class Unsearchable:
    """Irises cannot be had of this person: people decide what no machine could search for."""

    rivals: tuple[Rival, ...] = ()  # by name and birth


@dataclass(frozen=True, slots=True)
class SearchImpossible:
    """A part of the gallery was missing: that is no verdict at all."""


class Basis(StrEnum):
    """On what a decision stands: the recording's arrival, or what came after it."""

    ARRIVAL = "arrival"
    SEARCH = "search"  # impossible before, made again
    VALIDATED = "validated"  # the region has looked and confirmed
    NOT_CONFIRMED = "not_confirmed"  # the region has looked and does not confirm
    DIFFERENT_PEOPLE = "different_people"  # two officers
    SAME_PERSON = "same_person"  # two officers
    AUDIT = "audit"  # no decision: an exhaustive search found whom the search had not


BY_PEOPLE = frozenset({Basis.DIFFERENT_PEOPLE, Basis.SAME_PERSON, Basis.NOT_CONFIRMED})


class Doubt(StrEnum):
    """What a region is asked to look at."""

    UNREADABLE_TEMPLATE = "unreadable-template"
    OPERATOR_IRISES = "operator-irises"
    POOR_QUALITY = "poor-quality"


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Something the region must look at."""

    what: Doubt


@dataclass(frozen=True, slots=True)
class NotConfirmed:
    """The region looked again and does not stand by its recording."""


@dataclass(frozen=True, slots=True)
class FoundSame:
    """Officers found both recordings to be one person's."""

    rival: Rival


Finding = (
    Incomplete
    | NotConfirmed
    | FoundSame
    | NoTemplates
    | SameNik
    | SamePerson
    | Resembling
    | Unsearchable
    | SearchImpossible
    | Doubtful
)


@dataclass(frozen=True, slots=True)
class Verdict:
    outcome: Outcome
    reason: str | None
    duplicate: DuplicateKind | None = None
    rival: Rival | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What people must decide; `evidence` as `weighing.evidence_of` writes it."""

    seq: int
    recording: Recording
    reason: str
    evidence: Mapping[str, Any]


# More than an office compares; how many there were is kept beside them.
RIVALS_KEPT_MAX = 20


def without(rivals: Sequence[Rival], recording_id: UUID) -> tuple[Rival, ...]:
    """Nobody is an own rival: who is decided again may stand among the duplicates already."""
    return tuple(one for one in rivals if one.recording_id != recording_id)


def evidence_of_rivals(finding: Finding | None) -> dict[str, Any]:
    """All that one recording doubles, where a decision has place for one; empty for one or none."""
    match finding:
        case SameNik(rivals) | SamePerson(rivals) if len(rivals) > 1:
            pass
        case _:
            return {}
    return {
        "rivals": [
            {
                "recording_id": str(one.recording_id),
                "region": one.region,
                "captured_at": one.captured_at.isoformat(),
            }
            for one in rivals[:RIVALS_KEPT_MAX]
        ],
        "rivals_found": len(rivals),
    }


# Outcomes that are not the last word: the centre, an officer or the region acts next.
OPEN_OUTCOMES = frozenset(
    {
        Outcome.ADJUDICATE_RECORD,
        Outcome.SEARCH_FAILURE_AT_CENTRAL,
        Outcome.REQUEST_VALIDATION,
    }
)
UNIQUE = Verdict(Outcome.PRINT_READY_RECORD, None)
UNREADABLE = Verdict(Outcome.ENROLL_FAILURE_AT_CENTRAL, "unreadable")


_ALWAYS: dict[type, Verdict] = {
    Incomplete: Verdict(Outcome.ENROLL_FAILURE_AT_CENTRAL, "incomplete"),
    NoTemplates: Verdict(Outcome.ENROLL_FAILURE_AT_CENTRAL, "no-templates"),
    NotConfirmed: Verdict(Outcome.ENROLL_FAILURE_AT_CENTRAL, "not-confirmed"),
    SearchImpossible: Verdict(Outcome.SEARCH_FAILURE_AT_CENTRAL, "search-impossible"),
}


def verdict_of(finding: Finding | None) -> Verdict:
    """The outcome that follows from the first thing the checks found; None: they found nothing."""
    match finding:
        case None:
            return UNIQUE
        case SameNik(rivals, has_other_irises):
            reason = "same-nik-other-irises" if has_other_irises else "same-nik"
            return _duplicate(reason, rivals)
        case SamePerson(rivals):
            return _duplicate("same-irises", rivals)
        case FoundSame(rival):
            return _duplicate("adjudicated", [rival])
        case Resembling(rivals):
            return Verdict(Outcome.ADJUDICATE_RECORD, "resembling", None, rivals[0])
        case Unsearchable(rivals):
            first = rivals[0] if rivals else None
            return Verdict(Outcome.ADJUDICATE_RECORD, "biometric-exception", None, first)
        case Doubtful(what):
            return Verdict(Outcome.REQUEST_VALIDATION, what.value)
    return _ALWAYS[type(finding)]


def _duplicate(reason: str, rivals: Sequence[Rival]) -> Verdict:
    kind = DuplicateKind.ONE_TO_ONE if len(rivals) == 1 else DuplicateKind.ONE_TO_MANY
    return Verdict(Outcome.DUPLICATE_RECORD, reason, kind, rivals[0])


def structure(candidates: Sequence[Candidate]) -> dict[int, Finding]:
    """The first check: is there something to search with? By seq, only those with a finding."""
    return {one.seq: Incomplete() for one in candidates if one.recording.biometrics.lacking()}


@dataclass(frozen=True, slots=True)
class Admission:
    """A candidate for a row of the registry, with the id its permission would have."""

    candidate: Candidate
    authorization_id: UUID


def in_lock_order(admissions: Sequence[Admission]) -> list[Admission]:
    """Sorted by NIK, first sent first: two batches that overlap then never wait for each other."""
    return sorted(
        admissions, key=lambda one: (one.candidate.recording.nik.number, one.candidate.seq)
    )
