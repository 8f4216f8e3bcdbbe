"""What sets a recording right that cannot be printed as it stands, and who does it. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from shared.contracts.outcomes import REMEDIES, Outcome


class RemedyCode(StrEnum):
    """The next step, as a word programs may branch on."""

    ASK_DELETION = "ask_deletion"
    WAIT_FOR_DELETION = "wait_for_deletion"
    MOVE_FIRST = "move_first"
    WAIT_FOR_MOVE = "wait_for_move"
    RECORD_AGAIN = "record_again"
    NOTHING = "nothing"
    VALIDATE = "validate"
    WAIT_FOR_ANSWER = "wait_for_answer"
    WAIT_FOR_ADJUDICATION = "wait_for_adjudication"
    WAIT_FOR_SEARCH = "wait_for_search"
    TELL_OPERATIONS = "tell_operations"


class Progress(StrEnum):
    """What this office did already."""

    DELETION_ASKED = "deletion_asked"
    DELETED = "deleted"
    DELETED_AND_FREE = "deleted_and_free"
    MOVE_ASKED = "move_asked"
    MOVED = "moved"
    VALIDATED = "validated"


def progress_of(
    *,
    is_asked: bool,
    is_answered: bool = False,
    may_record_again: bool | None,
    moved: str | None,
) -> Progress | None:
    """may_record_again: of a recording that was deleted; None for one that was not.

    moved: how the move stands of whose recording is in the way, or None.
    """
    if may_record_again is not None:
        return Progress.DELETED_AND_FREE if may_record_again else Progress.DELETED
    if moved is not None:
        return Progress.MOVED if moved == "moved" else Progress.MOVE_ASKED
    if is_asked:
        return Progress.DELETION_ASKED
    return Progress.VALIDATED if is_answered else None


@dataclass(frozen=True, slots=True)
class Advice:
    code: RemedyCode
    text: str
    text_id: str


SET_ASIDE = Advice(
    RemedyCode.TELL_OPERATIONS,
    "Tell operations at the centre this seq: they mend the cause and order another try. "
    "Record the person again if nobody can wait for that.",
    "Sampaikan nomor urut ini ke bagian operasi pusat agar dicoba lagi. "
    "Rekam ulang bila tidak dapat menunggu.",
)
_MOVE_FIRST = Advice(
    RemedyCode.MOVE_FIRST,
    "The recording that stands belongs to another region: process the move of domicile first "
    "(PUT /v1/moves/{id}), then print here. Do not record again.",
    "Perekaman yang berlaku milik daerah lain: proses pindah domisili dulu "
    "(PUT /v1/moves/{id}), lalu cetak di sini. Jangan merekam ulang.",
)
_ASK_DELETION = Advice(
    RemedyCode.ASK_DELETION,
    "Ask the person to come and choose one identity, take the consent in writing, then propose "
    "deletion (PUT /v1/deletion-requests/{id}). Record again only once it is confirmed.",
    "Minta penduduk datang memilih satu identitas dengan persetujuan tertulis, lalu usulkan "
    "penghapusan. Rekam ulang hanya setelah dikonfirmasi.",
)
_PROGRESS = {
    Progress.DELETION_ASKED: Advice(
        RemedyCode.WAIT_FOR_DELETION,
        "Wait: an officer at the centre decides on the deletion. Do not record again before.",
        "Tunggu: petugas pusat memutuskan penghapusan. Jangan merekam ulang sebelumnya.",
    ),
    Progress.DELETED: Advice(
        RemedyCode.NOTHING,
        "It was deleted at the centre with the person's consent; another recording stands.",
        "Sudah dihapus di pusat dengan persetujuan penduduk; perekaman lain yang berlaku.",
    ),
    Progress.DELETED_AND_FREE: Advice(
        RemedyCode.RECORD_AGAIN,
        "It was deleted at the centre with the person's consent: record the person once more.",
        "Sudah dihapus di pusat dengan persetujuan penduduk: rekam ulang satu kali.",
    ),
    Progress.MOVE_ASKED: Advice(
        RemedyCode.WAIT_FOR_MOVE,
        "Wait: the centre addresses the permission to this office. Do not record again.",
        "Tunggu: pusat mengalihkan izin cetak ke kantor ini. Jangan merekam ulang.",
    ),
    Progress.MOVED: Advice(
        RemedyCode.NOTHING,
        "The person moved here with the recording that stands: its card may be printed.",
        "Penduduk sudah pindah ke sini bersama perekaman yang berlaku: kartunya boleh dicetak.",
    ),
    Progress.VALIDATED: Advice(
        RemedyCode.WAIT_FOR_ANSWER,
        "Wait: the office has answered, and the centre decides again.",
        "Tunggu: kantor sudah menjawab, pusat memutuskan lagi.",
    ),
}
_CODES = {
    Outcome.PRINT_READY_RECORD: RemedyCode.NOTHING,
    Outcome.DUPLICATE_RECORD: RemedyCode.ASK_DELETION,
    Outcome.ADJUDICATE_RECORD: RemedyCode.WAIT_FOR_ADJUDICATION,
    Outcome.ENROLL_FAILURE_AT_REGIONAL: RemedyCode.RECORD_AGAIN,
    Outcome.ENROLL_FAILURE_AT_CENTRAL: RemedyCode.RECORD_AGAIN,
    Outcome.SEARCH_FAILURE_AT_CENTRAL: RemedyCode.WAIT_FOR_SEARCH,
    Outcome.REQUEST_VALIDATION: RemedyCode.VALIDATE,
}


def advice(
    outcome: Outcome,
    reason: str | None,
    *,
    region: str,
    rival_region: str | None,
    progress: Progress | None,
) -> Advice:
    """What to do next about a recording whose newest decision is `outcome`.

    rival_region: where the recording was taken that stands in the way, if one does.
    """
    if progress is not None:
        return _PROGRESS[progress]
    if reason == "set-aside":
        return SET_ASIDE
    if outcome is Outcome.DUPLICATE_RECORD:
        elsewhere = rival_region is not None and rival_region != region
        return _MOVE_FIRST if elsewhere else _ASK_DELETION
    remedy = REMEDIES[outcome]
    return Advice(_CODES[outcome], remedy.action, remedy.action_id)


_CHECKS = {
    "operator-irises": "Whether the irises are the person's own: they are known as an officer's.",
    "unreadable-template": "Whether the irises can be taken again in the format the centre reads.",
    "poor-quality": "Whether the irises can be taken again: too little of them can be compared.",
    "sex-differs": "Whether sex and photo on the record are those of the person.",
}
_CHECK_ALWAYS = "Whether the person at the desk is the one on the record: photo, sex, fingers."


def what_to_check(reason: str | None) -> list[str]:
    """For the officer at the desk, when the centre asks to validate."""
    own = _CHECKS.get(reason or "")
    return [own, _CHECK_ALWAYS] if own else [_CHECK_ALWAYS]
