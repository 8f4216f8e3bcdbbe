"""The doors for images: how much is here, the next piece, and what is overdue."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Request, Response
from pydantic import BaseModel, Field

from services.central import epochs
from services.central.evidence import steps, store
from services.central.evidence.rules import Elsewhere, TooLarge, Upload
from services.central.evidence.spool import Spool
from services.central.evidence.steps import EvidenceTooEarly, Place
from services.central.identity import REGION_REFUSALS, Regions
from shared.clock import Clock
from shared.contracts.evidence import (
    APPEND_BYTES_MAX,
    LIMITS,
    MEDIA_TYPE,
    UPLOAD_COMPLETE,
    UPLOAD_LIMIT,
    UPLOAD_OFFSET,
    UploadState,
    answer_purpose,
    append_purpose,
    path_of,
    read_offset,
    read_yes_no,
)
from shared.contracts.recording import Modality
from shared.contracts.strict import RegionCode
from shared.database.engine import Database
from shared.doors.bodies import expect_media_type
from shared.doors.room import Doors, door
from shared.evidence.refusals import EvidenceDiffers, EvidenceNotNamed, EvidenceTooLarge
from shared.evidence.store import EvidenceStore
from shared.refusals import InvalidInput, Refusal, UnsupportedMediaType, problem_responses
from shared.roles import Caller, Role, needs
from shared.signing import SIGNATURE_HEADER, SigningKey, sign_message
from shared.telemetry.metrics import EVIDENCE_RESTARTS

RegionPath = Annotated[RegionCode, Path(description="Region's code", examples=["61.72"])]
RecordingPath = Annotated[
    UUID,
    Path(description="Whose image", examples=["01890a5d-ac96-774b-bcce-b302099a8057"]),
]
PartPath = Annotated[Modality, Path(description="Which image", examples=["face"])]
LIST_MAX = 1_000


class OffsetDiffers(Refusal):
    """The piece does not begin where the upload stands. Nothing of it was kept.

    `Upload-Offset` and `expected-offset` say where to go on.
    """

    code, status = "mismatching-upload-offset", 409
    title = "The upload stands at another offset"
    next_action = "Go on from Upload-Offset; the region does so by itself."
    next_action_id = "Lanjutkan dari Upload-Offset; server daerah melakukannya sendiri."


class OverdueRegion(BaseModel):
    region: str
    recordings: int = Field(description="Recordings that lack images past their time")


class OverdueRecording(BaseModel):
    region: str
    recording_id: UUID
    listed_at: datetime = Field(description="When its envelope came")
    images_named: int
    images_received: int


class OverdueEvidence(BaseModel):
    days_max: int
    total: int
    regions: list[OverdueRegion]
    recordings: list[OverdueRecording] = Field(description="Oldest first, at most `limit`")


_OVERDUE_EXAMPLE = {
    "days_max": 7,
    "total": 1,
    "regions": [{"region": "61.72", "recordings": 1}],
    "recordings": [
        {
            "region": "61.72",
            "recording_id": "01890a5d-ac96-774b-bcce-b302099a8057",
            "listed_at": "2017-10-13T02:15:11Z",
            "images_named": 14,
            "images_received": 3,
        }
    ],
}
_OFFSET_SCHEMA = {"type": "string", "pattern": "^[0-9]{1,15}$"}
_YES_NO_SCHEMA = {"type": "string", "enum": ["?0", "?1"]}
_STATE_HEADERS: dict[str, Any] = {
    UPLOAD_OFFSET: {"description": "Bytes that need not be sent again", "schema": _OFFSET_SCHEMA},
    UPLOAD_COMPLETE: {
        "description": "`?1`: whole, and its hash is right",
        "schema": _YES_NO_SCHEMA,
    },
    "Tunggal-Epoch": {"description": "Which life of the centre speaks", "schema": _OFFSET_SCHEMA},
    SIGNATURE_HEADER: {
        "description": "The centre's signature over the three",
        "schema": {"type": "string"},
    },
}
_LIMIT_HEADER: dict[str, Any] = {
    UPLOAD_LIMIT: {"description": "Bytes of an image and of a piece", "schema": {"type": "string"}}
}


@dataclass(frozen=True)
class EvidenceDoors(Doors):
    """An image's upload: asked for and gone on with. Sending anything again is safe."""

    database: Database
    regions: Regions
    key: SigningKey
    clock: Clock
    spool: Spool
    images: EvidenceStore

    @door.head(
        "/evidence/{recording_id}/{part}",
        status_code=204,
        openapi_extra={"security": [{"region_signature": []}]},
        responses={
            204: {
                "description": "How the upload stands; signed by the centre.",
                "headers": {**_STATE_HEADERS, **_LIMIT_HEADER},
            },
            **problem_responses(*REGION_REFUSALS, EvidenceTooEarly, EvidenceNotNamed),
        },
        summary="Ask how much of an image is here",
    )
    async def tell_upload(
        self, request: Request, region: RegionPath, recording_id: RecordingPath, part: PartPath
    ) -> Response:
        """What a region asks first after a cut: it goes on from `Upload-Offset`."""
        await self.regions.prove_question(request, region)
        place = Place(region, recording_id, part.value)
        async with self.database.begin() as transaction:
            upload = await steps.look(transaction, self.spool, place)
        return await self._state(place, upload, {UPLOAD_LIMIT: LIMITS})

    @door.patch(
        "/evidence/{recording_id}/{part}",
        status_code=204,
        max_body_size=APPEND_BYTES_MAX,
        openapi_extra={
            "parameters": [
                {
                    "name": UPLOAD_OFFSET,
                    "in": "header",
                    "required": True,
                    "description": "Where in the image the piece begins",
                    "schema": _OFFSET_SCHEMA,
                    "example": "0",
                },
                {
                    "name": UPLOAD_COMPLETE,
                    "in": "header",
                    "required": True,
                    "description": "`?1` with the last piece",
                    "schema": _YES_NO_SCHEMA,
                    "example": "?1",
                },
            ],
            "requestBody": {
                "required": True,
                "description": "The piece as it is, without any content coding.",
                "content": {
                    MEDIA_TYPE: {
                        "schema": {"type": "string", "format": "binary"},
                        "example": "bytes of an image",
                    }
                },
            },
            "security": [{"region_signature": []}],
        },
        responses={
            204: {
                "description": "Synced up to `Upload-Offset`; signed by the centre.",
                "headers": _STATE_HEADERS,
            },
            **problem_responses(
                *REGION_REFUSALS,
                EvidenceTooEarly,
                EvidenceNotNamed,
                OffsetDiffers,
                EvidenceTooLarge,
                EvidenceDiffers,
                InvalidInput,
                UnsupportedMediaType,
            ),
        },
        summary="Take the next piece of an image",
    )
    async def append_evidence(
        self, request: Request, region: RegionPath, recording_id: RecordingPath, part: PartPath
    ) -> Response:
        """Write a piece at its offset; with the last one, check the whole image's SHA-256.

        The region signs the piece with its path, offset and whether it is the last. An image whose
        hash is not the one its recording names is dropped, and the upload begins again at 0.
        """
        expect_media_type(request, MEDIA_TYPE)
        if request.headers.get("content-encoding", "identity") != "identity":
            raise UnsupportedMediaType("Send the piece without a content coding.")
        piece = await request.body()
        offset_text = request.headers.get(UPLOAD_OFFSET, "")
        complete_text = request.headers.get(UPLOAD_COMPLETE, "")
        path = path_of(region, recording_id, part.value)
        purpose = append_purpose(path, offset_text, complete_text)
        await self.regions.prove(request, region, purpose, piece)
        try:
            offset, is_last = read_offset(offset_text), read_yes_no(complete_text)
        except ValueError:
            raise InvalidInput(
                f"{UPLOAD_OFFSET} is a number, {UPLOAD_COMPLETE} ?0 or ?1."
            ) from None
        place = Place(region, recording_id, part.value)
        now = self.clock.now()
        answer = await self.database.repeat(
            lambda transaction: steps.append(transaction, self.spool, place, offset, piece, now)
        )
        match answer:
            case Elsewhere(stands_at):
                raise OffsetDiffers(
                    extra={"expected-offset": stands_at, "provided-offset": offset},
                    headers={UPLOAD_OFFSET: str(stands_at)},
                )
            case TooLarge():
                raise EvidenceTooLarge
        if is_last and not answer.is_received:
            answer = await self._finish(place, answer)
        return await self._state(place, answer, {})

    async def _finish(self, place: Place, upload: Upload) -> Upload:
        """Hash, store, and only then count an image as received. Refuses: EvidenceDiffers.

        Reading and storing take their time outside any transaction; dying in between leaves an
        upload that stands at its end, which an empty last piece finishes.
        """
        where = (place.region, place.recording_id, place.part)
        try:
            image = await asyncio.to_thread(self.spool.read, *where, upload.offset)
        except FileNotFoundError:
            image = b""  # somebody else just finished it, or the spool was lost
        digest = await asyncio.to_thread(lambda: sha256(image).digest())
        if digest != upload.sha256:
            async with self.database.begin() as transaction:
                here = await steps.look(transaction, self.spool, place)
                if not here.is_received:
                    restarts = await steps.discard(transaction, place, upload.offset)
            if here.is_received:
                return here
            EVIDENCE_RESTARTS.inc()
            raise EvidenceDiffers(extra={"restarts": restarts}, headers={UPLOAD_OFFSET: "0"})
        await self.images.put("/".join(map(str, where)), image)
        async with self.database.begin() as transaction:
            await store.save_received(transaction, *where, self.clock.now())
        await asyncio.to_thread(self.spool.remove, *where)
        return Upload(upload.sha256, upload.offset, upload.restarts, is_received=True)

    async def _state(self, place: Place, upload: Upload, headers: dict[str, str]) -> Response:
        async with self.database.begin() as transaction:
            epoch = await epochs.current(transaction)
        state = UploadState(upload.offset, upload.is_received, epoch)
        purpose = answer_purpose(path_of(place.region, place.recording_id, place.part))
        signature = sign_message(self.key, purpose, state.signed_text)
        return Response(
            status_code=204,
            headers={**state.headers(), SIGNATURE_HEADER: signature, **headers},
        )


@dataclass(frozen=True)
class OverdueDoors(Doors):
    """What never came."""

    database: Database
    days_max: int

    @door.get(
        "/evidence/overdue",
        responses={
            200: {
                "description": "Counted by region, and listed from the oldest.",
                "content": {"application/json": {"example": _OVERDUE_EXAMPLE}},
            },
            **problem_responses(InvalidInput),
        },
        summary="See whose evidence is overdue",
    )
    async def get_overdue_evidence(
        self,
        caller: Annotated[Caller, needs(Role.OPERATIONS)],
        region: Annotated[RegionCode | None, Query(description="One region alone")] = None,
        limit: Annotated[int, Query(ge=1, le=LIST_MAX, description="Recordings listed")] = 100,
    ) -> OverdueEvidence:
        """Recordings that still lack images so many days after their envelope came.

        Decisions are not held back by them; the list is looked over once a minute.
        """
        async with self.database.begin() as transaction:
            counts = await store.overdue_counts(transaction)
            listed = await store.overdue(transaction, region, limit)
        return OverdueEvidence(
            days_max=self.days_max,
            total=sum(counts.values()),
            regions=[
                OverdueRegion(region=code, recordings=counts[code]) for code in sorted(counts)
            ],
            recordings=[
                OverdueRecording(
                    region=one.region,
                    recording_id=one.recording_id,
                    listed_at=one.listed_at,
                    images_named=one.named,
                    images_received=one.received,
                )
                for one in listed
            ],
        )
