"""The doors of recording: one by its own id, or up to 1,000 answered item by item."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import orjson
from fastapi import Path, Request, Response
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from services.regional.journey.rules import first_recordable_day
from services.regional.recording.examples import BULK_EXAMPLE, CONTENT_EXAMPLE
from services.regional.recording.loop import CommitLane
from services.regional.recording.rules import (
    BULK_RECORDINGS_MAX,
    Arrival,
    ContentDiffers,
    NikTaken,
    OperatorsIrises,
    lacking_as_text,
)
from services.regional.recording.steps import Answer, NoRoom, Taken
from shared.contracts.recording import Recording, RecordingContent
from shared.contracts.strict import Strict
from shared.doors.bodies import JsonBody, expect_media_type
from shared.doors.room import Doors, door
from shared.nik import NikWarning
from shared.refusals import InvalidInput, Problem, Refusal, problem_of, problem_responses
from shared.roles import Caller, Role, needs


class RecordingDiffers(Refusal):
    """This id was used before for a recording with other content. Nothing was overwritten.

    A recording that was sent twice by mistake is no trouble: the same content gets the same
    receipt. Other content is another recording and needs an id of its own.
    """

    code, status = "recording-differs", 409
    title = "This recording id already holds other content"
    next_action = "Give the new recording an id of its own, made on the station."
    next_action_id = "Beri perekaman baru nomor sendiri yang dibuat di stasiun perekaman."


class NikAlreadyRecorded(Refusal):
    """This NIK has a recording here that still stands; a person is recorded once.

    `earlier` names that recording, so that its journey can be looked up.
    """

    code, status = "nik-already-recorded", 409
    title = "This person is already recorded here"
    next_action = "Tell the person how the earlier recording stands; do not record again."
    next_action_id = "Beritahukan keadaan perekaman sebelumnya; jangan merekam ulang."


class RecordingIncomplete(Refusal):
    """Parts of the biometrics are neither taken nor excused, so the centre could not search.

    Officers know this as ENROLL_FAILURE_AT_REGIONAL. Missing fingers, irises or a signature are
    normal: mark them as exceptions and send again under the same id.
    """

    code, status = "recording-incomplete", 422
    title = "The recording is incomplete"
    next_action = "Take the missing parts again, or mark them as exceptions with their reason."
    next_action_id = "Ambil ulang bagian yang kurang, atau tandai sebagai pengecualian."


class OperatorIrises(Refusal):
    """The irises in this recording are known as those of somebody who works here.

    Under a citizen's NIK they would stand in that citizen's way for years. Nothing was kept.
    """

    code, status = "operator-irises", 422
    title = "These are not the irises of the person who is recorded"
    next_action = (
        "Take the person's own irises again, nobody else before the camera; if it stays refused, "
        "let another officer record them and tell the head of office."
    )
    next_action_id = (
        "Ambil ulang iris penduduk sendiri, tanpa orang lain di depan kamera; bila tetap ditolak, "
        "minta petugas lain merekam dan laporkan kepada kepala kantor."
    )


class TooYoungToRecord(Refusal):
    """On the day of capture the person was under 16 and never married (UU 24/2013, 63).

    `recordable_on` is the first day that counts. Judged by the office's calendar.
    """

    code, status = "too-young-to-record", 422
    title = "This person is too young to be recorded"
    next_action = "Ask the person to come again from recordable_on; correct a wrong birth date."
    next_action_id = "Minta datang lagi mulai recordable_on; perbaiki bila tanggal lahir keliru."


class StorageNearlyFull(Refusal):
    """Room on the disk is nearly used up, so no new recording is promised any.

    Refused before the disk is full: what was accepted is safe, is sent on and may be printed, and a
    recording that was accepted before still gets its receipt.
    """

    code, status = "storage-nearly-full", 507
    title = "There is no room left for new recordings"
    next_action = "Keep the recording on the station; tell operations to make room (/v1/outage)."
    next_action_id = "Simpan perekaman di stasiun; minta bagian operasi menambah ruang."
    always_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "300"}


class RecordingReceipt(BaseModel):
    """The region's word: this recording is on its disk and will reach the centre in its turn."""

    recording_id: UUID
    sha256: str = Field(description="SHA-256 of the recording as kept")
    seq: int = Field(description="Place in this region's order to the centre, gapless")
    recorded_at: datetime
    official_status: Literal["BIO_CAPTURED"] = "BIO_CAPTURED"
    warnings: list[NikWarning] = Field(description="For the officer to look at; nothing is refused")


class BulkRecordings(Strict):
    recordings: Annotated[tuple[Recording, ...], Field(min_length=1, max_length=1_000)]


class BulkResult(BaseModel):
    recording_id: UUID | None = Field(description="null when the id itself could not be read")
    outcome: Literal["accepted", "repeated", "refused"]
    receipt: RecordingReceipt | None = None
    problem: Problem | None = None


class BulkAnswer(BaseModel):
    results: list[BulkResult] = Field(description="One for each recording, in the order sent")


ONE_BYTES_MAX = 4 * 1024 * 1024
BULK_BYTES_MAX = 16 * 1024 * 1024
CONTENT = JsonBody(RecordingContent, CONTENT_EXAMPLE)
# A recording has some 120; a thousand of them come at once.
BULK = JsonBody(BulkRecordings, BULK_EXAMPLE, parts_max=300 * BULK_RECORDINGS_MAX)
_RECORDING = TypeAdapter(Recording)
_RECEIPT_EXAMPLE = {
    "recording_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "sha256": "9f" * 32,
    "seq": 1204,
    "recorded_at": "2017-10-13T02:15:09Z",
    "official_status": "BIO_CAPTURED",
    "warnings": ["nik-birth-date-differs"],
}


def receipt_of(taken: Taken, warnings: Sequence[NikWarning]) -> dict[str, Any]:
    kept = taken.kept
    return {
        "recording_id": str(kept.recording_id),
        "sha256": kept.sha256.hex(),
        "seq": kept.seq,
        "recorded_at": kept.recorded_at,
        "official_status": "BIO_CAPTURED",
        "warnings": warnings,
    }


def arrival_of(
    recording_id: UUID, recording: RecordingContent, officer: str, lane: CommitLane
) -> Arrival:
    """Refuses: TooYoungToRecord, RecordingIncomplete."""
    card = recording.card
    recordable_on = first_recordable_day(card.birth_date, card.marital_status)
    if recording.captured_at.astimezone(lane.zone).date() < recordable_on:
        raise TooYoungToRecord(extra={"recordable_on": recordable_on.isoformat()})
    if lacking := recording.biometrics.lacking():
        raise RecordingIncomplete(f"Neither taken nor excused: {lacking_as_text(lacking)}.")
    return Arrival.of(
        recording_id, recording, officer, has_operators_irises=lane.eyes.carried_by(recording)
    )


def refusal_of(answer: ContentDiffers | NikTaken | OperatorsIrises | NoRoom) -> Refusal:
    if isinstance(answer, ContentDiffers):
        return RecordingDiffers()
    if isinstance(answer, OperatorsIrises):
        return OperatorIrises()
    if isinstance(answer, NoRoom):
        return StorageNearlyFull()
    return NikAlreadyRecorded(
        extra={
            "earlier": {
                "recording_id": str(answer.earlier_id),
                "recorded_at": answer.recorded_at.isoformat() if answer.recorded_at else None,
            }
        }
    )


async def take_one(
    lane: CommitLane, recording_id: UUID, body: bytes, officer: str
) -> tuple[bytes, bool]:
    """Keep one recording; gives its receipt as JSON, and whether it had been kept before.

    Refuses: InvalidInput, TooYoungToRecord, RecordingIncomplete, RecordingDiffers,
    NikAlreadyRecorded, OperatorIrises, TooBusy.
    """
    arrival = arrival_of(recording_id, CONTENT.parse(body), officer, lane)
    (answer,) = await lane.take([arrival])
    if not isinstance(answer, Taken):
        raise refusal_of(answer)
    return orjson.dumps(receipt_of(answer, arrival.warnings)), answer.is_repeat


@dataclass(frozen=True)
class RecordingDoors(Doors):
    """One by its own id, or many answered item by item."""

    lane: CommitLane

    @door.put(
        "/recordings/{recording_id}",
        status_code=202,
        response_model=RecordingReceipt,
        openapi_extra=CONTENT.openapi,
        responses={
            202: {
                "description": "Safe on this region's disk; the receipt says so.",
                "content": {"application/json": {"example": _RECEIPT_EXAMPLE}},
                "headers": {
                    "Idempotent-Replayed": {
                        "description": "`true` when this recording was kept before",
                        "schema": {"type": "string", "enum": ["true"]},
                    }
                },
            },
            **problem_responses(
                RecordingDiffers,
                NikAlreadyRecorded,
                RecordingIncomplete,
                OperatorIrises,
                TooYoungToRecord,
                InvalidInput,
                StorageNearlyFull,
            ),
        },
        summary="Take one recording",
    )
    async def take_recording(
        self,
        recording_id: Annotated[
            UUID,
            Path(
                description="Made on the station, once for ever",
                examples=[_RECEIPT_EXAMPLE["recording_id"]],
            ),
        ],
        request: Request,
        caller: Annotated[Caller, needs(Role.OFFICER)],
    ) -> Response:
        """Keep one recording under the id its station made.

        The answer comes after the commit: whoever holds the receipt may pull the plug. Sending the
        same content again gets the same receipt, for ever; other content under the same id is
        refused.
        """
        expect_media_type(request, "application/json")
        receipt, is_repeat = await take_one(
            self.lane, recording_id, await request.body(), caller.subject
        )
        return Response(
            receipt,
            status_code=202,
            media_type="application/json",
            headers={"Idempotent-Replayed": "true"} if is_repeat else None,
        )

    @door.post(
        "/recordings",
        response_model=BulkAnswer,
        max_body_size=BULK_BYTES_MAX,
        openapi_extra=BULK.openapi,
        responses={
            200: {
                "description": "Every recording answered, in order.",
                "content": {
                    "application/json": {
                        "example": {
                            "results": [
                                {
                                    "recording_id": _RECEIPT_EXAMPLE["recording_id"],
                                    "outcome": "accepted",
                                    "receipt": _RECEIPT_EXAMPLE,
                                    "problem": None,
                                }
                            ]
                        }
                    }
                },
            },
            **problem_responses(InvalidInput),
        },
        summary="Take up to 1,000 recordings",
    )
    async def take_recordings(
        self, request: Request, caller: Annotated[Caller, needs(Role.OFFICER)]
    ) -> Response:
        """Keep up to 1,000 recordings and answer each one; a bad one never blocks the others.

        For stations that were out in the field without a line.
        """
        expect_media_type(request, "application/json")
        read = partial(read_bulk, await request.body(), caller.subject, self.lane)
        # A thousand pairs of irises take a second or two: others must be served meanwhile.
        is_short = self.lane.eyes.size == 0
        results, places, arrivals = read() if is_short else await asyncio.to_thread(read)
        answers = await self.lane.take(arrivals) if arrivals else []
        for place, arrival, answer in zip(places, arrivals, answers, strict=True):
            results[place] = result_of(arrival, answer)
        return Response(orjson.dumps({"results": results}), media_type="application/json")


def read_bulk(
    body: bytes, officer: str, lane: CommitLane
) -> tuple[list[dict[str, Any]], list[int], list[Arrival]]:
    """Results with the refused ones filled in, and the places and arrivals of the others.

    Refuses: InvalidInput, when the body as a whole cannot be read.
    """
    BULK.check_parts(body)
    recordings: list[Recording | InvalidInput]
    try:
        recordings = list(BULK.adapter.validate_json(body).recordings)
    except ValidationError:
        recordings = _one_by_one(body)
    results: list[dict[str, Any]] = [{}] * len(recordings)
    places, arrivals = [], []
    for place, recording in enumerate(recordings):
        try:
            if isinstance(recording, InvalidInput):
                raise recording
            arrivals.append(arrival_of(recording.recording_id, recording, officer, lane))
            places.append(place)
        except Refusal as refusal:
            recording_id = recording.recording_id if isinstance(recording, Recording) else None
            results[place] = _refused(recording_id, refusal)
    return results, places, arrivals


def _one_by_one(body: bytes) -> list[Recording | InvalidInput]:
    try:
        items = orjson.loads(body)["recordings"]
        if not (isinstance(items, list) and 1 <= len(items) <= BULK_RECORDINGS_MAX):
            raise InvalidInput(f"`recordings` holds 1 to {BULK_RECORDINGS_MAX} recordings.")
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise InvalidInput('Send {"recordings": [...]} as JSON.') from None
    read: list[Recording | InvalidInput] = []
    for item in items:
        try:
            read.append(_RECORDING.validate_json(orjson.dumps(item)))
        except ValidationError as faults:
            read.append(InvalidInput.of(faults))
        except orjson.JSONEncodeError:  # nested deeper than it writes, though not than it reads
            read.append(InvalidInput("It is nested too deep."))
    return read


def result_of(arrival: Arrival, answer: Answer) -> dict[str, Any]:
    if isinstance(answer, Taken):
        return {
            "recording_id": arrival.recording_id,
            "outcome": "repeated" if answer.is_repeat else "accepted",
            "receipt": receipt_of(answer, arrival.warnings),
            "problem": None,
        }
    return _refused(arrival.recording_id, refusal_of(answer))


def _refused(recording_id: UUID | None, refusal: Refusal) -> dict[str, Any]:
    return {
        "recording_id": recording_id,
        "outcome": "refused",
        "receipt": None,
        "problem": problem_of(refusal, instance="/v1/recordings"),
    }
