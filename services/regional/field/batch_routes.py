"""Doors of stations that record without a line: enrol a key, bring a batch, read its report."""

from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import Path, Query, Request
from pydantic import BaseModel, Field, StringConstraints

from services.regional.field.batch_store import Summary
from services.regional.field.batches import Flag, Item, ItemOutcome, Report, Station
from services.regional.field.bringing import Bringing
from services.regional.field.refusals import BatchDiffers, BatchNotSigned, StationDiffers
from services.regional.field.routes import shown
from shared.contracts.field_batch import BATCH_BYTES_MAX, MEDIA_TYPE, StationName
from shared.contracts.strict import Strict
from shared.doors.bodies import JsonBody, expect_media_type
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, NotFound, problem_responses
from shared.roles import Caller, Role, needs

SUMMARIES_MAX = 200
KEY = "01890a5d-c0de-7f1e-8bbb-6a1b0e3e2f13"
BATCH = "01890a5d-c0de-7f1e-8bbb-6a1b0e3e2f14"
# 32 bytes in base64url, in the one way to write them.
PublicKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$")]


class EnrolledKey(Strict):
    """As `tunggal field key` prints it."""

    station: StationName
    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    x: PublicKey = Field(description="The public key (RFC 8037)")

    def public_bytes(self) -> bytes:
        return urlsafe_b64decode(self.x + "=")


class StationView(BaseModel):
    key_id: UUID
    station: str
    enrolled_by: str
    enrolled_at: datetime
    ended_by: str | None
    ended_at: datetime | None

    @classmethod
    def of(cls, one: Station) -> Self:
        return cls(
            key_id=one.key_id,
            station=one.station,
            enrolled_by=one.enrolled_by,
            enrolled_at=one.enrolled_at,
            ended_by=one.ended_by,
            ended_at=one.ended_at,
        )


class StationList(BaseModel):
    items: list[StationView] = Field(description="The latest first")


class ItemView(BaseModel):
    recording_id: UUID
    captured_at: datetime | None = Field(description="By the station's clock")
    outcome: ItemOutcome
    code: str | None = Field(description="Why it was refused: a problem's code")
    earlier_id: UUID | None = Field(description="The recording of this NIK that stands here")
    flags: list[Flag] = Field(description="To be looked at; nothing is refused for a wrong clock")

    @classmethod
    def of(cls, one: Item) -> Self:
        return cls(
            recording_id=one.recording_id,
            captured_at=one.captured_at,
            outcome=one.outcome,
            code=one.code,
            earlier_id=one.earlier_id,
            flags=list(one.flags),
        )


class LackingView(BaseModel):
    modality: str
    reason: str
    count: int


class ReportView(BaseModel):
    batch_id: UUID
    station: str
    packed_at: datetime = Field(description="By the station's clock")
    received_at: datetime = Field(description="By ours")
    taken: int
    held: int = Field(description="Here already, with the same content")
    refused: int
    exceptions: list[LackingView] = Field(description="Of what is here now, the most first")
    items: list[ItemView] = Field(description="One for each recording, in the batch's order")

    @classmethod
    def of(cls, one: Report) -> Self:
        return cls(
            batch_id=one.batch_id,
            station=one.station,
            packed_at=one.packed_at,
            received_at=one.received_at,
            taken=one.count(ItemOutcome.TAKEN),
            held=one.count(ItemOutcome.HELD),
            refused=one.count(ItemOutcome.REFUSED),
            exceptions=[
                LackingView(modality=it.modality, reason=it.reason, count=it.count)
                for it in one.exceptions
            ],
            items=[ItemView.of(it) for it in one.items],
        )


class SummaryView(BaseModel):
    batch_id: UUID
    station: str
    packed_at: datetime
    received_at: datetime
    taken: int
    held: int
    refused: int
    flagged: int

    @classmethod
    def of(cls, one: Summary) -> Self:
        return cls(
            batch_id=one.batch_id,
            station=one.station,
            packed_at=one.packed_at,
            received_at=one.received_at,
            taken=one.taken,
            held=one.held,
            refused=one.refused,
            flagged=one.flagged,
        )


class SummaryList(BaseModel):
    items: list[SummaryView] = Field(description="The latest received first")


ENROLLED = JsonBody(
    EnrolledKey,
    {
        "station": "singkawang-barat-1",
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    },
)
_STATION: dict[str, Any] = {
    "key_id": KEY,
    "station": "singkawang-barat-1",
    "enrolled_by": "head-1",
    "enrolled_at": "2017-10-02T02:00:00Z",
    "ended_by": None,
    "ended_at": None,
}
_TIMES = {"packed_at": "2017-10-16T11:00:00Z", "received_at": "2017-10-20T01:10:00Z"}
_REPORT: dict[str, Any] = {
    "batch_id": BATCH,
    "station": "singkawang-barat-1",
    **_TIMES,
    "taken": 1,
    "held": 0,
    "refused": 0,
    "exceptions": [{"modality": "left_thumb", "reason": "missing", "count": 1}],
    "items": [
        {
            "recording_id": "01890a5d-ac96-774b-bcce-b302099a8057",
            "captured_at": "2017-10-16T02:15:00Z",
            "outcome": "taken",
            "code": None,
            "earlier_id": None,
            "flags": [],
        }
    ],
}
_SUMMARY = {
    "batch_id": BATCH,
    "station": "singkawang-barat-1",
    **_TIMES,
    "taken": 48,
    "held": 0,
    "refused": 2,
    "flagged": 1,
}
_BODY_EXAMPLE = (
    '{"format":"tunggal-field","version":1,"batch_id":"' + BATCH + '","station":'
    '"singkawang-barat-1","packed_at":"2017-10-16T11:00:00Z","recordings":[{"recording_id":'
    '"01890a5d-ac96-774b-bcce-b302099a8057","sha256":"' + "9f" * 32 + '"}]}\n'
    '"eyJhbGciOiJFZDI1NTE5In0.c2lnbmVk.c2lnbmF0dXJl"\n{"recording_id":"…"}\n'
)
_BATCH_BODY = {
    "requestBody": {
        "required": True,
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}, "example": _BODY_EXAMPLE}},
    }
}
Head = Annotated[Caller, needs(Role.HEAD_OF_OFFICE)]
Desk = Annotated[Caller, needs(Role.OFFICER, Role.HEAD_OF_OFFICE)]
KeyPath = Annotated[UUID, Path(description="Made on the station with its key", examples=[KEY])]
BatchPath = Annotated[UUID, Path(description="Made on the station, once", examples=[BATCH])]


@dataclass(frozen=True)
class BatchDoors(Doors):
    """Stations without a line, and what their teams bring."""

    bringing: Bringing

    @door.put(
        "/field-stations/{key_id}",
        openapi_extra=ENROLLED.openapi,
        responses={
            **shown(_STATION, "Enrolled; the same again gets the same answer."),
            **problem_responses(StationDiffers, InvalidInput),
        },
        summary="Enrol a station's key",
    )
    async def enrol_field_station(
        self, key_id: KeyPath, request: Request, caller: Head
    ) -> StationView:
        """What it signs from now on is taken. Compare the key with the station's own first."""
        given = await ENROLLED.read(request)
        one = await self.bringing.enrol(key_id, given.station, given.public_bytes(), caller.subject)
        return StationView.of(one)

    @door.delete(
        "/field-stations/{key_id}",
        status_code=204,
        responses=problem_responses(InvalidInput),
        summary="End a station's key",
    )
    async def end_field_station(self, key_id: KeyPath, caller: Head) -> None:
        """For a station that was lost or given up; what it brought stays. Twice is once."""
        await self.bringing.end(key_id, caller.subject)

    @door.get(
        "/field-stations",
        responses=shown({"items": [_STATION]}, "Those that ended among them."),
        summary="See stations' keys",
    )
    async def list_field_stations(self, caller: Desk) -> StationList:
        """Who may sign batches here, and who enrolled or ended them."""
        return StationList(items=[StationView.of(one) for one in await self.bringing.stations()])

    @door.put(
        "/field-batches/{batch_id}",
        max_body_size=BATCH_BYTES_MAX,
        openapi_extra=_BATCH_BODY,
        responses={
            **shown(_REPORT, "Every recording answered; the same file gets the same report."),
            **problem_responses(BatchNotSigned, BatchDiffers, InvalidInput),
        },
        summary="Bring recordings taken without a line",
    )
    async def take_field_batch(
        self, batch_id: BatchPath, request: Request, caller: Desk
    ) -> ReportView:
        """A file as `tunggal field pack` makes it: a manifest, its signature, a recording a line.

        Each goes through the door of single recordings: what is here already is told as held, other
        content under the same id or a NIK that is recorded is refused, and the rest goes on.
        """
        expect_media_type(request, MEDIA_TYPE)
        content = await request.body()
        return ReportView.of(await self.bringing.take(batch_id, content, caller.subject))

    @door.get(
        "/field-batches/{batch_id}",
        responses={
            **shown(_REPORT, "As it was answered when it came."),
            **problem_responses(NotFound, InvalidInput),
        },
        summary="See what became of a batch",
    )
    async def get_field_batch(self, batch_id: BatchPath, caller: Desk) -> ReportView:
        """Taken, held already, or refused with a code; and exceptions by modality and reason."""
        return ReportView.of(await self.bringing.report(batch_id))

    @door.get(
        "/field-batches",
        responses={
            **shown({"items": [_SUMMARY]}, "Counts of each."),
            **problem_responses(InvalidInput),
        },
        summary="See batches that were brought",
    )
    async def list_field_batches(
        self,
        caller: Desk,
        limit: Annotated[int, Query(ge=1, le=SUMMARIES_MAX, description="How many")] = 50,
    ) -> SummaryList:
        """When each was packed and received, and how many of its recordings were taken."""
        found = await self.bringing.newest(limit)
        return SummaryList(items=[SummaryView.of(one) for one in found])
