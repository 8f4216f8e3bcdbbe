"""The door for envelopes: commit first, then receipt."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Path, Request, Response

from services.central import epochs, lives
from services.central.identity import REGION_REFUSALS, RegionNotProven, Regions
from services.central.intake import steps, store
from services.central.intake.rules import Diary, Differs, Gap, appointment
from services.central.intake.steps import Accepted
from services.central.journey import steps as journey
from services.central.lives import RegionFenced
from shared.clock import Clock
from shared.contracts.envelopes import (
    BATCH_BYTES_MAX,
    MEDIA_TYPE,
    PAUSE_HEADER,
    POSITION,
    RECEIPT,
    WAITING_HEADER,
    BatchReceipt,
    ReceivedBatch,
    RegionPosition,
    UnreadableBatch,
    unpack,
)
from shared.contracts.strict import RegionCode
from shared.database.engine import Database, Transaction
from shared.doors.bodies import expect_media_type
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, Refusal, UnsupportedMediaType, problem_responses
from shared.signing import SIGNATURE_HEADER, SigningKey, sign_message

RegionPath = Annotated[RegionCode, Path(description="Region's code", examples=["61.72"])]


class OutOfOrder(Refusal):
    """The batch starts beyond what the centre holds of this region: an envelope is missing between.

    `expected_seq` is the seq to send next. Nothing of the batch was kept.
    """

    code, status = "out-of-order", 409
    title = "An envelope before this batch is missing"
    next_action = "Send again from expected_seq; the uplink does so by itself."
    next_action_id = "Kirim ulang mulai dari expected_seq; pengirim melakukannya sendiri."


class SeqDiffers(Refusal):
    """A seq held here came again with other content: two servers send under one region's name.

    This happens when a region was restored from a backup or its disk was copied.
    """

    code, status = "seq-differs", 409
    title = "This place in the region's order already holds another envelope"
    next_action = "Stop one of the two servers that send as this region, then call the centre."
    next_action_id = "Hentikan salah satu server yang mengirim atas nama daerah ini, hubungi pusat."


class BatchDamaged(Refusal):
    """The manifest is the region's, but the bodies behind it are not those it names.

    Something on the line changes what is sent, or the region's own disk does.
    """

    code, status = "batch-damaged", 422
    title = "The bodies are not those of the manifest"
    next_action = "The uplink sends again by itself; use TLS on lines that change bytes."
    next_action_id = "Pengirim mengulang sendiri; pakai TLS bila jaringan mengubah data."


class VersionUnknown(Refusal):
    """The region runs a newer program, whose batches this centre cannot read yet.

    Nothing of the batch was kept; the region keeps all of it until the centre is upgraded.
    """

    code, status = "version-unknown", 422
    title = "The batch is of a newer version than this centre"
    next_action = "Upgrade the centre; the uplink goes on by itself then."
    next_action_id = "Perbarui program pusat; pengirim melanjutkan dengan sendirinya."


BATCH_EXAMPLE = (
    '{"version":1,"region":"61.72","epoch":1,"envelopes":[{"seq":1,"envelope_id":'
    '"01890a5d-ac96-774b-bcce-b302099a8057","kind":"recording","version":1,"happened_at":'
    '"2017-10-13T09:15:00+07:00","sha256":"<SHA-256 of the next line>"}]}\n{"presence":"in_person"}'
)
RECEIPT_EXAMPLE = {
    "version": 1,
    "region": "61.72",
    "epoch": 1,
    "accepted_seq": 1,
    "manifest_sha256": "9f" * 32,
    "received_at": "2017-10-13T02:15:11Z",
    "notes": [],
}
POSITION_EXAMPLE = {"version": 1, "region": "61.72", "epoch": 1, "accepted_seq": 7, "last_pos": 6}


ENVELOPES_BYTES_MAX = BATCH_BYTES_MAX + 2 * 1024 * 1024  # the manifest comes on top


@dataclass(slots=True)
class Appointments:
    """When each region may come next; this process's memory, nothing is kept."""

    envelopes_per_second: float
    _diary: Diary = field(default_factory=Diary)

    def next_for(self, request: Request, sent: int) -> dict[str, str]:
        """The header that tells how long to wait; none when there is no need to."""
        said = request.headers.get(WAITING_HEADER, "")
        waiting = int(said) if said.isascii() and said.isdigit() and len(said) < 12 else 0
        now = asyncio.get_running_loop().time()
        self._diary, pause = appointment(self._diary, waiting, sent, now, self.envelopes_per_second)
        return {PAUSE_HEADER: f"{pause:.3f}"} if pause > 0 else {}


@dataclass(frozen=True)
class IntakeDoors(Doors):
    """Envelopes in, receipts out; and where a region stands."""

    database: Database
    regions: Regions
    key: SigningKey
    clock: Clock
    appointments: Appointments

    @door.post(
        "/envelopes",
        response_model=BatchReceipt,
        max_body_size=ENVELOPES_BYTES_MAX,
        openapi_extra={
            "requestBody": {
                "required": True,
                "description": "Line 1: the manifest. Then one line per body, in its order.",
                "content": {MEDIA_TYPE: {"schema": {"type": "string"}, "example": BATCH_EXAMPLE}},
            },
            "security": [{"region_signature": []}],
        },
        responses={
            200: {
                "description": "On the centre's disk up to `accepted_seq`; signed by the centre.",
                "content": {"application/json": {"example": RECEIPT_EXAMPLE}},
            },
            **problem_responses(
                OutOfOrder,
                SeqDiffers,
                RegionFenced,
                *REGION_REFUSALS,
                BatchDamaged,
                VersionUnknown,
                InvalidInput,
                UnsupportedMediaType,
            ),
        },
        summary="Take a region's next envelopes",
    )
    async def take_envelopes(self, region: RegionPath, request: Request) -> Response:
        """Accept envelopes strictly in the region's order, each exactly once in effect.

        Sending a batch again is always safe: what is held already is recognised by seq, id and
        hash.
        """
        expect_media_type(request, MEDIA_TYPE)
        payload = await request.body()
        manifest_bytes = payload.partition(b"\n")[0]
        await self.regions.prove(request, region, f"envelopes {region}", manifest_bytes)
        try:
            received = unpack(payload)
        except UnreadableBatch as unreadable:
            if unreadable.is_newer:
                raise VersionUnknown from None
            if unreadable.is_damaged:
                raise BatchDamaged from None
            raise InvalidInput(f"The batch cannot be read: {unreadable.reason}.") from None
        if received.manifest.region != region:
            raise InvalidInput("The manifest names another region than the path.")
        now = self.clock.now()
        try:
            epoch, answer = await self.database.repeat(
                lambda transaction: self._take(transaction, request, region, received, now)
            )
        except steps.UnknownRegion:
            raise RegionNotProven from None
        match answer:
            case Gap(expected_seq):
                raise OutOfOrder(extra={"expected_seq": expected_seq})
            case Differs(seq):
                raise SeqDiffers(extra={"seq": seq})
        receipt = RECEIPT.dump_json(
            BatchReceipt(
                version=1,
                region=region,
                epoch=epoch,
                accepted_seq=answer.accepted_seq,
                manifest_sha256=received.batch.manifest_sha256,
                received_at=now,
                notes=answer.notes,
            )
        )
        return Response(
            receipt,
            media_type="application/json",
            headers={
                SIGNATURE_HEADER: sign_message(self.key, f"receipt {region}", receipt),
                **self.appointments.next_for(request, len(received.batch.bodies)),
            },
        )

    @staticmethod
    async def _take(
        transaction: Transaction,
        request: Request,
        region: str,
        received: ReceivedBatch,
        now: datetime,
    ) -> tuple[int, Accepted | Gap | Differs]:
        """The epoch and the answer. Refuses: RegionFenced, after the lock a claim takes, too."""
        answer = await steps.take(transaction, region, received, now)
        await lives.check(transaction, region, request)
        return await epochs.current(transaction), answer

    @door.get(
        "/position",
        response_model=RegionPosition,
        openapi_extra={"security": [{"region_signature": []}]},
        responses={
            200: {
                "description": "How far the centre holds this region; signed by the centre.",
                "content": {"application/json": {"example": POSITION_EXAMPLE}},
            },
            **problem_responses(*REGION_REFUSALS),
        },
        summary="Tell where the centre stands with a region",
    )
    async def tell_position(
        self,
        request: Request,
        region: RegionPath,
    ) -> Response:
        """A few bytes: what a region asks first after a cut."""
        await self.regions.prove_question(request, region)
        async with self.database.begin() as transaction:
            position = RegionPosition(
                version=1,
                region=region,
                epoch=await epochs.current(transaction),
                accepted_seq=await store.accepted_seq(transaction, region),
                last_pos=await journey.last_pos(transaction, region),
            )
        content = POSITION.dump_json(position)
        return Response(
            content,
            media_type="application/json",
            headers={
                SIGNATURE_HEADER: sign_message(self.key, f"position {region}", content),
                **self.appointments.next_for(request, 0),
            },
        )
