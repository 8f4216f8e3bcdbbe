"""What stands in the way of recording somebody at home, and what sets it right. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.regional.journey.rules import first_recordable_day
from shared.contracts.outcomes import Outcome
from shared.contracts.recording import MaritalStatus


class VisitFound(StrEnum):
    """What the office knows of whoever is to be visited."""

    RECORDED = "recorded"
    REMEDY_OPEN = "remedy_open"
    DELETION_OPEN = "deletion_open"
    AMENDMENT_OPEN = "amendment_open"
    VISIT_OPEN = "visit_open"
    LISTED_AS_DEAD = "listed_as_dead"
    LISTED_AS_MOVED = "listed_as_moved"
    TOO_YOUNG = "too_young"
    NOT_LISTED = "not_listed"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found; `stands_in_way` when nobody is sent before it is set right."""

    found: VisitFound
    stands_in_way: bool
    remedy: str
    remedy_id: str
    recording_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """What the residents' list says."""

    birth_date: date
    marital_status: str | None
    residency: str
    is_obliged: bool


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known here under one NIK."""

    listed: Listed | None
    live_id: UUID | None = None  # a recording that stands here, taken here or moved here
    outcome: Outcome | None = None  # what the centre said of it last
    remedy: tuple[str, str] | None = None  # who does what next about it, English and Indonesian
    is_deletion_open: bool = False  # of any recording of this NIK
    is_amendment_open: bool = False
    is_visit_open: bool = False


_REMEDIES: dict[VisitFound, tuple[bool, str, str]] = {
    VisitFound.RECORDED: (
        True,
        "The person is recorded here: tell the family how it stands; do not record again.",
        "Sudah direkam di sini: sampaikan keadaannya kepada keluarga; jangan merekam ulang.",
    ),
    VisitFound.DELETION_OPEN: (
        True,
        "Wait until the centre confirms the deletion, then ask for the visit again.",
        "Tunggu sampai pusat mengonfirmasi penghapusan, lalu ajukan kunjungan lagi.",
    ),
    VisitFound.AMENDMENT_OPEN: (
        True,
        "A change of this person's data waits for the centre: wait for its answer.",
        "Perubahan data orang ini menunggu pusat: tunggu jawabannya.",
    ),
    VisitFound.VISIT_OPEN: (
        True,
        "A visit to this person is asked for already: go on with that one.",
        "Kunjungan untuk orang ini sudah diajukan: lanjutkan yang itu.",
    ),
    VisitFound.LISTED_AS_DEAD: (
        True,
        "The list says the person is dead: have the civil registry correct it first.",
        "Daftar menyebutnya meninggal: minta pencatatan sipil memperbaikinya dahulu.",
    ),
    VisitFound.LISTED_AS_MOVED: (
        False,
        "The list says the person moved away: ask for the family card before going there.",
        "Daftar menyebutnya pindah: minta Kartu Keluarga sebelum berangkat.",
    ),
    VisitFound.TOO_YOUNG: (
        True,
        "The person is under 16 and not married: ask again from the 16th birthday on.",
        "Belum 16 tahun dan belum menikah: ajukan lagi mulai ulang tahun ke-16.",
    ),
    VisitFound.NOT_LISTED: (
        False,
        "The NIK is not on the list of residents: compare it with the family card before going.",
        "NIK tidak ada di daftar penduduk: cocokkan dengan Kartu Keluarga sebelum berangkat.",
    ),
    VisitFound.BLOCKED: (
        False,
        "Services to this person are blocked for want of a recording: recording re-activates them.",
        "Layanannya diblokir karena belum merekam: perekaman mengaktifkannya kembali.",
    ),
}


def check(known: Known, today: date) -> list[Finding]:
    """What stands in the way comes first. A blocked person is still recordable."""
    found = [*_of_recordings(known), *_of_list(known.listed, today)]
    if known.is_visit_open:
        found.append(_finding(VisitFound.VISIT_OPEN))
    return sorted(found, key=lambda one: not one.stands_in_way)


def _of_recordings(known: Known) -> list[Finding]:
    found: list[Finding] = []
    if known.live_id is not None:
        is_settled = known.outcome in (None, Outcome.PRINT_READY_RECORD)
        if known.remedy is not None and not is_settled:
            one = Finding(
                VisitFound.REMEDY_OPEN,
                stands_in_way=True,
                remedy=known.remedy[0],
                remedy_id=known.remedy[1],
                recording_id=known.live_id,
            )
            found.append(one)
        else:
            found.append(_finding(VisitFound.RECORDED, known.live_id))
    if known.is_deletion_open:
        found.append(_finding(VisitFound.DELETION_OPEN))
    if known.is_amendment_open:
        found.append(_finding(VisitFound.AMENDMENT_OPEN))
    return found


def _of_list(listed: Listed | None, today: date) -> list[Finding]:
    if listed is None:
        return [_finding(VisitFound.NOT_LISTED)]
    match listed.residency:
        case "dead":
            return [_finding(VisitFound.LISTED_AS_DEAD)]
        case "moved":
            return [_finding(VisitFound.LISTED_AS_MOVED)]
        case "blocked":
            return [_finding(VisitFound.BLOCKED)]
    status = MaritalStatus(listed.marital_status or MaritalStatus.NEVER_MARRIED)
    # Who is obliged may hold a card now, whatever the list leaves open.
    is_young = not listed.is_obliged and today < first_recordable_day(listed.birth_date, status)
    return [_finding(VisitFound.TOO_YOUNG)] if is_young else []


def _finding(found: VisitFound, recording_id: UUID | None = None) -> Finding:
    stands, remedy, remedy_id = _REMEDIES[found]
    return Finding(found, stands, remedy, remedy_id, recording_id)
