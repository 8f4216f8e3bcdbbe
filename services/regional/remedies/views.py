"""What the doors of remedies show, with examples for their pages."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.regional.journey.remedies import RemedyCode, advice, what_to_check
from services.regional.remedies.rules import Asked, Checked, Moving
from services.regional.remedies.store import Unsettled
from shared.contracts.outcomes import Outcome
from shared.contracts.remedies import RecordingAt

REQUEST = "01890a5d-c0de-7aaa-8bbb-6a1b0e3e2f10"
RECORDING = "01890a5d-ac96-774b-bcce-b302099a8057"
RIVAL = "01890a5d-ac96-774b-bcce-0000099a8057"


class DeletionAsked(BaseModel):
    """A request as this office keeps it. The letter is in the office's archive, by its hash."""

    request_id: UUID
    seq: int = Field(description="Place in this region's order to the centre")
    recordings: list[RecordingAt] = Field(description="To be deleted")
    keeps_recording: RecordingAt | None
    officer: str
    asked_at: datetime
    state: Literal["waiting", "confirmed", "refused"]
    reason: str | None = Field(description="Code of a refusal, or null")
    decided_at: datetime | None
    next_action: str
    next_action_id: str


class DeletionsAsked(BaseModel):
    items: list[DeletionAsked] = Field(description="The newest first")
    next_cursor: int | None = Field(description="Pass as `cursor` for the next page")


class ValidationView(BaseModel):
    """What the centre asks about a recording, and what an officer answered."""

    recording_id: UUID
    is_asked: bool = Field(description="Whether the centre waits for an answer")
    reason: str | None = Field(description="What the centre doubts, as a code")
    to_check: list[str] = Field(description="What to look at, the person being there")
    result: Literal["confirmed", "not_confirmed"] | None = Field(description="The newest answer")
    officer: str | None
    checked_at: datetime | None


class MoveView(BaseModel):
    """A move of domicile to this region, as it stands at the centre."""

    move_id: UUID
    seq: int = Field(description="Place in this region's order to the centre")
    state: Literal["waiting", "moved", "refused"]
    recording_id: UUID | None = Field(description="The recording that stands; its card is printed")
    letter_number: str
    officer: str
    asked_at: datetime
    reason: str | None = Field(description="Code of a refusal, or null")
    decided_at: datetime | None
    next_action: str
    next_action_id: str


class RivalAt(BaseModel):
    """Who stands in the way: nothing personal."""

    recording_id: UUID
    region: str
    captured_at: datetime | None


class UnsettledView(BaseModel):
    """A recording that cannot be printed as it stands, and what sets it right."""

    recording_id: UUID
    captured_at: datetime
    outcome: Outcome
    reason: str | None
    duplicate: Literal["one_to_one", "one_to_many"] | None
    rival: RivalAt | None
    decided_at: datetime
    remedy: RemedyCode
    next_action: str
    next_action_id: str
    to_check: list[str] = Field(description="What to look at, for a validation; else empty")


class UnsettledPage(BaseModel):
    items: list[UnsettledView] = Field(description="The oldest decision first")
    next_cursor: int | None = Field(description="Pass as `cursor` for the next page")


ASKED_EXAMPLE: dict[str, Any] = {
    "request_id": REQUEST,
    "seq": 1310,
    "recordings": [{"recording_id": RECORDING, "region": "61.72"}],
    "keeps_recording": None,
    "officer": "officer-12",
    "asked_at": "2017-10-16T02:15:09Z",
    "state": "waiting",
    "reason": None,
    "decided_at": None,
    "next_action": "Wait for the centre's word; do not record again before.",
    "next_action_id": "Tunggu keputusan pusat; jangan merekam ulang sebelumnya.",
}
VALIDATION_EXAMPLE: dict[str, Any] = {
    "recording_id": RECORDING,
    "is_asked": False,
    "reason": None,
    "to_check": [],
    "result": "confirmed",
    "officer": "officer-7",
    "checked_at": "2017-10-16T02:15:09Z",
}
UNSETTLED_EXAMPLE: dict[str, Any] = {
    "recording_id": RECORDING,
    "captured_at": "2017-10-13T02:15:00Z",
    "outcome": "DUPLICATE_RECORD",
    "reason": "same-nik",
    "duplicate": "one_to_one",
    "rival": {"recording_id": RIVAL, "region": "61.07", "captured_at": "2015-03-02T03:00:00Z"},
    "decided_at": "2017-10-13T02:15:12Z",
    "remedy": "move_first",
    "next_action": "The recording that stands belongs to another region: move first.",
    "next_action_id": "Perekaman yang berlaku milik daerah lain: pindah dulu.",
    "to_check": [],
}
MOVE_EXAMPLE: dict[str, Any] = {
    "move_id": REQUEST,
    "seq": 1311,
    "state": "waiting",
    "recording_id": RIVAL,
    "letter_number": "SKPWNI/6107/13102017/0001",
    "officer": "officer-12",
    "asked_at": "2017-10-16T02:15:09Z",
    "reason": None,
    "decided_at": None,
    "next_action": "Wait for the centre's word; do not record the person.",
    "next_action_id": "Tunggu keputusan pusat; jangan merekam penduduk.",
}
_NEXT_OF_MOVE = {
    "waiting": (
        "Wait for the centre's word; do not record the person.",
        "Tunggu keputusan pusat; jangan merekam penduduk.",
    ),
    "moved": (
        "Print the card: its permission is in the list of this office.",
        "Cetak kartu: izinnya ada di daftar kantor ini.",
    ),
    "refused": (
        "Read the reason. If nobody holds this NIK, record the person here.",
        "Baca alasannya. Bila NIK ini belum terekam, rekam penduduk di sini.",
    ),
}
_NEXT = {
    "waiting": (
        "Wait for the centre's word; do not record again before.",
        "Tunggu keputusan pusat; jangan merekam ulang sebelumnya.",
    ),
    "confirmed": (
        "Look at each recording: it says whether the person may be recorded again.",
        "Lihat setiap perekaman: di sana tertulis apakah boleh direkam ulang.",
    ),
    "refused": (
        "Read the reason, ask the person again, and send a new request under a new id.",
        "Baca alasannya, tanyakan lagi kepada penduduk, kirim permohonan baru.",
    ),
}


def asked_view(one: Asked, named: list[tuple[RecordingAt, bool]]) -> DeletionAsked:
    action, action_id = _NEXT[one.state]
    return DeletionAsked(
        request_id=one.request_id,
        seq=one.seq,
        recordings=[at for at, is_kept in named if not is_kept],
        keeps_recording=next((at for at, is_kept in named if is_kept), None),
        officer=one.officer,
        asked_at=one.asked_at,
        state=one.state,
        reason=one.reason,
        decided_at=one.decided_at,
        next_action=action,
        next_action_id=action_id,
    )


def move_view(one: Moving) -> MoveView:
    action, action_id = _NEXT_OF_MOVE[one.state]
    return MoveView(
        move_id=one.move_id,
        seq=one.seq,
        state=one.state,
        recording_id=one.recording_id,
        letter_number=one.letter_number,
        officer=one.officer,
        asked_at=one.asked_at,
        reason=one.reason,
        decided_at=one.decided_at,
        next_action=action,
        next_action_id=action_id,
    )


def validation_view(
    recording_id: UUID, one: Unsettled | None, answer: Checked | None
) -> ValidationView:
    is_asked = (
        one is not None
        and one.outcome is Outcome.REQUEST_VALIDATION
        and (answer is None or answer.asked_pos != one.pos)
    )
    reason = one.reason if one is not None and is_asked else None
    return ValidationView(
        recording_id=recording_id,
        is_asked=is_asked,
        reason=reason,
        to_check=what_to_check(reason) if is_asked else [],
        result=answer.result if answer else None,
        officer=answer.officer if answer else None,
        checked_at=answer.checked_at if answer else None,
    )


def unsettled_view(one: Unsettled, region: str) -> UnsettledView:
    found = advice(
        one.outcome,
        one.reason,
        region=region,
        rival_region=one.rival_region,
        progress=one.progress,
    )
    rival = None
    if one.rival_recording_id is not None and one.rival_region is not None:
        rival = RivalAt(
            recording_id=one.rival_recording_id,
            region=one.rival_region,
            captured_at=one.rival_captured_at,
        )
    return UnsettledView(
        recording_id=one.recording_id,
        captured_at=one.captured_at,
        outcome=one.outcome,
        reason=one.reason,
        duplicate=one.duplicate,
        rival=rival,
        decided_at=one.decided_at,
        remedy=found.code,
        next_action=found.text,
        next_action_id=found.text_id,
        to_check=what_to_check(one.reason) if found.code is RemedyCode.VALIDATE else [],
    )
