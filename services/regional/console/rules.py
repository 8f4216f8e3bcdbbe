"""May this person be recorded here today, and if not, what then? Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.regional.journey.rules import first_printable_day, first_recordable_day
from shared.contracts.recording import MaritalStatus
from shared.nik import Nik, NikWarning, Sex


class Advice(StrEnum):
    """What the officer at the desk does, as a word programs may branch on."""

    RECORD = "record"
    RECORD_EARLY = "record_early"
    RECORD_REVIVES = "record_revives"
    DO_NOT_RECORD_AGAIN = "do_not_record_again"
    TOO_YOUNG = "too_young"
    NOT_LISTED = "not_listed"
    LISTED_AS_MOVED = "listed_as_moved"
    LISTED_AS_DEAD = "listed_as_dead"


MAY_RECORD = frozenset({Advice.RECORD, Advice.RECORD_EARLY, Advice.RECORD_REVIVES})


@dataclass(frozen=True, slots=True)
class Listed:
    """What the residents' list says of a NIK; marital_status None: the list has no such column."""

    birth_date: date
    sex: Sex
    ward: str
    obliged: bool
    marital_status: MaritalStatus | None = None
    residency: str = "active"


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer at the desk, before anybody is photographed."""

    advice: Advice
    recordable_on: date | None = None
    printable_on: date | None = None
    warnings: tuple[NikWarning, ...] = ()


def check(nik: Nik, listed: Listed | None, today: date, *, is_recorded_here: bool) -> Checked:
    """Whether to record; a recording that stands here comes before anything a list says.

    `today` is the office's date. Without a marital status the person counts as never married: who
    is married brings the certificate, and the list is corrected.
    """
    warnings = nik.warnings(listed.birth_date, listed.sex) if listed else ()
    if is_recorded_here:
        return Checked(Advice.DO_NOT_RECORD_AGAIN, warnings=warnings)
    if listed is None:
        return Checked(Advice.NOT_LISTED)
    status = listed.marital_status or MaritalStatus.NEVER_MARRIED
    # Who is obliged may hold a card now, whatever this list leaves open.
    recordable = min(today, listed.birth_date) if listed.obliged else None
    recordable = recordable or first_recordable_day(listed.birth_date, status)
    printable = first_printable_day(listed.birth_date, status)
    if listed.residency == "dead":
        return Checked(Advice.LISTED_AS_DEAD, warnings=warnings)
    if listed.residency == "moved":
        return Checked(Advice.LISTED_AS_MOVED, warnings=warnings)
    if today < recordable:
        return Checked(Advice.TOO_YOUNG, recordable, printable, warnings)
    if listed.residency == "blocked":
        return Checked(Advice.RECORD_REVIVES, None, None, warnings)
    if not listed.obliged and today < printable:
        return Checked(Advice.RECORD_EARLY, None, printable, warnings)
    return Checked(Advice.RECORD, warnings=warnings)
