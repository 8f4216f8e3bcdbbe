"""Hand an image in; ask which images of a recording are where; see what is overdue."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request, Response
from pydantic import BaseModel, Field

from services.regional.evidence import rules, steps, store
from services.regional.evidence.rules import PartState
from shared.clock import Clock
from shared.contracts.evidence import EVIDENCE_BYTES_MAX
from shared.contracts.recording import Modality
from shared.database.engine import Database
from shared.doors.bodies import expect_media_type
from shared.doors.room import Doors, door
from shared.evidence.refusals import EvidenceDiffers, EvidenceNotNamed, EvidenceTooLarge
from shared.evidence.store import EvidenceStore
from shared.refusals import InvalidInput, NotFound, problem_responses
from shared.roles import Caller, Role, needs

MEDIA_TYPE = "application/octet-stream"
# A little more than an image may have, so that who sends too much is told why.
BODY_BYTES_MAX = EVIDENCE_BYTES_MAX + 1024 * 1024
LIST_MAX = 1_000
RecordingPath = Annotated[
    UUID,
    Path(description="The id its station made", examples=["01890a5d-ac96-774b-bcce-b302099a8057"]),
]
Watch = Annotated[Caller, needs(Role.OPERATIONS, Role.OFFICER, Role.HEAD_OF_OFFICE)]


class PartView(BaseModel):
    part: Modality
    state: PartState = Field(
        description="awaited: not handed in; waiting: here, not at the centre; received: there; "
        "damaged: our copy cannot be read, hand it in again"
    )
    size_bytes: int | None
    received_at: datetime | None = Field(description="When the centre had it, hash and all")


class EvidenceView(BaseModel):
    recording_id: UUID
    due_at: datetime = Field(description="All images should be at the centre by then")
    is_overdue: bool
    parts: list[PartView]


class OverdueRecording(BaseModel):
    recording_id: UUID
    recorded_at: datetime
    images_named: int
    images_handed_in: int
    images_received: int


class OverdueEvidence(BaseModel):
    days_max: int
    total: int
    waiting_images: int = Field(description="Here and not at the centre, overdue or not")
    waiting_bytes: int
    recordings: list[OverdueRecording] = Field(description="Oldest first, at most `limit`")


_VIEW_EXAMPLE = {
    "recording_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "due_at": "2017-10-20T02:15:09Z",
    "is_overdue": False,
    "parts": [
        {"part": "face", "state": "waiting", "size_bytes": 412_118, "received_at": None},
        {"part": "signature", "state": "awaited", "size_bytes": None, "received_at": None},
    ],
}
_OVERDUE_EXAMPLE = {
    "days_max": 7,
    "total": 1,
    "waiting_images": 3,
    "waiting_bytes": 512_000,
    "recordings": [
        {
            "recording_id": "01890a5d-ac96-774b-bcce-b302099a8057",
            "recorded_at": "2017-10-13T02:15:09Z",
            "images_named": 14,
            "images_handed_in": 6,
            "images_received": 3,
        }
    ],
}


@dataclass(frozen=True)
class EvidenceDoors(Doors):
    """Images of recordings that were taken here."""

    database: Database
    images: EvidenceStore
    clock: Clock
    days_max: int

    @door.put(
        "/recordings/{recording_id}/evidence/{part}",
        response_model=EvidenceView,
        max_body_size=BODY_BYTES_MAX,
        openapi_extra={
            "requestBody": {
                "required": True,
                "description": f"The image as it is, at most {EVIDENCE_BYTES_MAX} bytes.",
                "content": {
                    MEDIA_TYPE: {
                        "schema": {"type": "string", "format": "binary"},
                        "example": "bytes of an image",
                    }
                },
            }
        },
        responses={
            200: {
                "description": "Safe in this region's store; how the recording's images stand.",
                "content": {"application/json": {"example": _VIEW_EXAMPLE}},
                "headers": {
                    "Idempotent-Replayed": {
                        "description": "`true` when this image was here before",
                        "schema": {"type": "string", "enum": ["true"]},
                    }
                },
            },
            **problem_responses(
                NotFound, EvidenceNotNamed, EvidenceDiffers, EvidenceTooLarge, InvalidInput
            ),
        },
        summary="Hand in an image of a recording",
    )
    async def take_evidence(
        self,
        request: Request,
        response: Response,
        recording_id: RecordingPath,
        part: Annotated[Modality, Path(description="Which image", examples=["face"])],
        caller: Annotated[Caller, needs(Role.OFFICER)],
    ) -> EvidenceView:
        """Keep an image if it is the one the recording names by its SHA-256.

        It may come at any time after its recording, and again as often as one likes. It is on the
        disk, or in the bucket, before the answer leaves; it reaches the centre when no envelope
        waits.
        """
        expect_media_type(request, MEDIA_TYPE)
        image = await request.body()
        async with self.database.begin() as transaction:
            found = await steps.standing(transaction, recording_id)
        named = steps.hash_named(found, part.value)
        if len(image) > EVIDENCE_BYTES_MAX:
            raise EvidenceTooLarge
        if await asyncio.to_thread(lambda: sha256(image).digest()) != named:
            raise EvidenceDiffers
        kept = found.kept.get(part.value)
        if kept is not None and not kept.is_damaged:
            response.headers["Idempotent-Replayed"] = "true"
            return self._view(found)
        await self.images.put(rules.key_of(recording_id, part.value), image)
        now = self.clock.now()
        async with self.database.begin() as transaction:
            await store.save(
                transaction, found.one, part.value, named, len(image), caller.subject, now
            )
        async with self.database.begin() as transaction:
            return self._view(await steps.standing(transaction, recording_id))

    @door.get(
        "/recordings/{recording_id}/evidence",
        responses={
            200: {
                "description": "Each image the recording names, and where it is.",
                "content": {"application/json": {"example": _VIEW_EXAMPLE}},
            },
            **problem_responses(NotFound, InvalidInput),
        },
        summary="See where a recording's images are",
    )
    async def get_evidence(self, recording_id: RecordingPath, caller: Watch) -> EvidenceView:
        """Awaited from the station, waiting here, received by the centre, or damaged."""
        async with self.database.begin() as transaction:
            return self._view(await steps.standing(transaction, recording_id))

    @door.get(
        "/evidence/overdue",
        responses={
            200: {
                "description": "Recordings whose images are not all at the centre in time.",
                "content": {"application/json": {"example": _OVERDUE_EXAMPLE}},
            },
            **problem_responses(InvalidInput),
        },
        summary="See whose images are overdue",
    )
    async def get_overdue_evidence(
        self,
        caller: Watch,
        limit: Annotated[int, Query(ge=1, le=LIST_MAX, description="Recordings listed")] = 100,
    ) -> OverdueEvidence:
        """What never came from a station, and what the line has not carried in time.

        Decisions are not held back by them; the list is looked over once a minute.
        """
        async with self.database.begin() as transaction:
            total = await store.count_overdue(transaction)
            listed = await store.overdue(transaction, limit)
            waiting_images, waiting_bytes = await store.waiting(transaction)
        return OverdueEvidence(
            days_max=self.days_max,
            total=total,
            waiting_images=waiting_images,
            waiting_bytes=waiting_bytes,
            recordings=[
                OverdueRecording(
                    recording_id=one.recording_id,
                    recorded_at=one.listed_at,
                    images_named=one.named,
                    images_handed_in=one.handed_in,
                    images_received=one.received,
                )
                for one in listed
            ],
        )

    def _view(self, found: steps.Standing) -> EvidenceView:
        due_at = found.one.recorded_at + timedelta(days=self.days_max)
        parts = []
        for part in found.named:
            kept = found.kept.get(part)
            parts.append(
                PartView(
                    part=Modality(part),
                    state=rules.state_of(kept),
                    size_bytes=kept.size_bytes if kept else None,
                    received_at=kept.received_at if kept else None,
                )
            )
        return EvidenceView(
            recording_id=found.one.recording_id,
            due_at=due_at,
            is_overdue=rules.is_overdue(found.named, found.kept, due_at, self.clock.now()),
            parts=parts,
        )
