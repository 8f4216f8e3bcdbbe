"""What the desk is shown of requests and of what held when, with examples for the API pages."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.regional.amendments.rules import Kept
from services.regional.amendments.steps import Version
from shared.contracts.amendments import Identity

REQUEST_ID = "01890a5d-b17c-7d1e-9c11-0f6a1b2c3d4e"
RECORDING_ID = "01890a5d-ac96-774b-bcce-b302099a8057"


class RequestView(BaseModel):
    """One amendment or reprint, and how it stands."""

    request_id: UUID
    kind: Literal["amendment", "reprint"]
    recording_id: UUID
    seq: int = Field(description="Place in this region's order to the centre")
    state: Literal["waiting", "accepted", "refused"]
    requested_at: datetime
    taken_at: datetime
    decided_at: datetime | None = None
    is_card_due: bool = Field(description="A new card is to be printed; its permission is here")
    old_blank_serial: str | None = Field(
        description="The card that was out when this was asked: to be taken back, or lost"
    )
    reason: str | None = Field(None, description="Stable code of a refusal; /problems/{reason}")
    remedy: str | None = Field(None, description="What to do about a refusal")
    remedy_id: str | None = Field(None, description="The same in Indonesian")


class VersionView(BaseModel):
    """What held of a person from a moment on."""

    since: datetime
    request_id: UUID | None = Field(description="What brought it; null: as recorded")
    identity: Identity


class HistoryView(BaseModel):
    recording_id: UUID
    versions: list[VersionView] = Field(description="As recorded first; the last one holds now")
    requests: list[RequestView] = Field(description="The newest first, refused ones too")


def view_of(kept: Kept) -> RequestView:
    answer = kept.answer
    return RequestView.model_validate(
        {
            "request_id": kept.request_id,
            "kind": kept.kind,
            "recording_id": kept.recording_id,
            "seq": kept.seq,
            "state": kept.state.value,
            "requested_at": kept.requested_at,
            "taken_at": kept.taken_at,
            "decided_at": answer.decided_at if answer else None,
            "is_card_due": answer.is_card_due if answer else False,
            "old_blank_serial": kept.old_blank_serial,
            "reason": answer.reason if answer else None,
            "remedy": answer.remedy if answer else None,
            "remedy_id": answer.remedy_id if answer else None,
        }
    )


def history_of(recording_id: UUID, versions: list[Version], requests: list[Kept]) -> HistoryView:
    return HistoryView(
        recording_id=recording_id,
        versions=[
            VersionView(since=one.since, request_id=one.request_id, identity=one.identity)
            for one in versions
        ],
        requests=[view_of(one) for one in requests],
    )


_DESK = {
    "nik": "6172025207900003",
    "recording_id": RECORDING_ID,
    "requested_at": "2017-11-20T09:15:00+07:00",
    "officer": "officer-12",
    "requested_by": "holder",
}
AMENDMENT_EXAMPLE: dict[str, Any] = {
    **_DESK,
    "changes": [
        {
            "element": "name",
            "value": "NAMA BARU SINTETIS",
            "documents": [
                {
                    "kind": "court_ruling",
                    "number": "12/Pdt.P/2017/PN Skw",
                    "issuer": "PENGADILAN NEGERI SINGKAWANG",
                    "issued_on": "2017-11-06",
                    "sha256": "7c" * 32,
                }
            ],
        }
    ],
    "confirmed_by": None,
}
REPRINT_EXAMPLE: dict[str, Any] = {
    **_DESK,
    "cause": "lost",
    "document": {
        "kind": "police_letter",
        "number": "SKTLK/231/XI/2017",
        "issuer": "POLSEK SINGKAWANG BARAT",
        "issued_on": "2017-11-20",
        "sha256": "8d" * 32,
    },
}
REQUEST_EXAMPLE: dict[str, Any] = {
    "request_id": REQUEST_ID,
    "kind": "amendment",
    "recording_id": RECORDING_ID,
    "seq": 1310,
    "state": "accepted",
    "requested_at": "2017-11-20T02:15:00Z",
    "taken_at": "2017-11-20T02:15:04Z",
    "decided_at": "2017-11-20T02:15:09Z",
    "is_card_due": True,
    "old_blank_serial": "BLK-000123",
    "reason": None,
    "remedy": None,
    "remedy_id": None,
}
HISTORY_EXAMPLE: dict[str, Any] = {
    "recording_id": RECORDING_ID,
    "versions": [
        {
            "since": "2017-10-13T02:15:00Z",
            "request_id": None,
            "identity": {
                "card": {
                    "nik": "6172025207900003",
                    "name": "CONTOH SINTETIS",
                    "birth_place": "SINGKAWANG",
                    "birth_date": "1990-07-12",
                    "sex": "female",
                    "blood_group": "unknown",
                    "address": {
                        "street": "JALAN CONTOH 7",
                        "rt": "003",
                        "rw": "001",
                        "ward": "61.72.02.1001",
                    },
                    "religion": "buddhist",
                    "marital_status": "never_married",
                    "occupation": "PEDAGANG",
                    "citizenship": "indonesian",
                },
                "education": None,
                "photo": None,
                "signature": None,
                "proven_name": "CONTOH SINTETIS",
                "recorded_birth_place": "SINGKAWANG",
                "recorded_birth_date": "1990-07-12",
            },
        }
    ],
    "requests": [REQUEST_EXAMPLE],
}
