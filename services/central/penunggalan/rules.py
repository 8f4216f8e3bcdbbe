"""What checks find, and which outcome follows. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
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
class SameNik:
    """The NIK is proven already, by these recordings (the registry's first)."""

    rivals: tuple[Rival, ...]


@dataclass(frozen=True, slots=True)
class Resembling:
    """A matcher found others too alike to tell apart by machine."""

    rivals: tuple[Rival, ...]


@dataclass(frozen=True, slots=True)
class SearchImpossible:
    """A part of the gallery was missing: that is no verdict at all."""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Something the region must look at, such as a template no matcher here can read."""

    what: str


Finding = Incomplete | SameNik | Resembling | SearchImpossible | Doubtful


@dataclass(frozen=True, slots=True)
class Verdict:
    outcome: Outcome
    reason: str | None
    duplicate: DuplicateKind | None = None
    rival: Rival | None = None


UNIQUE = Verdict(Outcome.PRINT_READY_RECORD, None)
UNREADABLE = Verdict(Outcome.ENROLL_FAILURE_AT_CENTRAL, "unreadable")


def verdict_of(finding: Finding | None) -> Verdict:
    """The outcome that follows from the first thing the checks found; None: they found nothing."""
    match finding:
        case None:
            return UNIQUE
        case Incomplete():
            return Verdict(Outcome.ENROLL_FAILURE_AT_CENTRAL, "incomplete")
        case SameNik(rivals):
            kind = DuplicateKind.ONE_TO_ONE if len(rivals) == 1 else DuplicateKind.ONE_TO_MANY
            return Verdict(Outcome.DUPLICATE_RECORD, "same-nik", kind, rivals[0])
        case Resembling(rivals):
            return Verdict(Outcome.ADJUDICATE_RECORD, "resembling", None, rivals[0])
        case SearchImpossible():
            return Verdict(Outcome.SEARCH_FAILURE_AT_CENTRAL, "search-impossible")
        case Doubtful(what):
            return Verdict(Outcome.REQUEST_VALIDATION, what)


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
