"""The door an ABIS fetches irises from, at the addresses the centre gave it."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import Path, Query, Response

from services.central.penunggalan.abis import sharing, store
from services.central.penunggalan.abis.sealing import Sealer
from services.central.penunggalan.abis.sharing import ShareNotValid, Shares
from shared.database.engine import Database
from shared.doors.room import Doors, door
from shared.iris_keys import GalleryKeys
from shared.refusals import NotFound, problem_responses

SEALED_TYPE = "text/plain"

log = structlog.get_logger()

_EXAMPLE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<BIR xmlns="http://standards.iso.org/iso-iec/19785/-3/ed-2/">'
    "<BIRInfo><Integrity>false</Integrity></BIRInfo></BIR>\n"
)


@dataclass(frozen=True)
class ShareDoors(Doors):
    """What an ABIS is given to fetch; nobody else has an address."""

    database: Database
    shares: Shares
    keys: GalleryKeys
    sealer: Sealer | None = None  # None: documents go as they are, inside TLS

    @door.get(
        "/abis/references/{recording_id}",
        openapi_extra={"security": [{"abis_share": []}]},
        responses={
            200: {
                "description": "A CBEFF document (ISO/IEC 19785-3) with a BIR for each eye; as "
                "text it is sealed for the ABIS's certificate.",
                "content": {
                    sharing.MEDIA_TYPE: {"example": _EXAMPLE},
                    SEALED_TYPE: {"example": "VkVSX1Iy…"},
                },
            },
            **problem_responses(ShareNotValid, NotFound),
        },
        response_class=Response,
        summary="Fetch the irises of one recording, as an ABIS",
    )
    async def fetch_reference(
        self,
        recording_id: Annotated[
            UUID,
            Path(description="Whose", examples=["01890a5d-ac96-774b-bcce-b302099a8057"]),
        ],
        token: Annotated[
            str, Query(max_length=1_000, description="As it stands in the address")
        ] = "",
    ) -> Response:
        """The address comes with the centre's message (`referenceURL`) and ends after minutes."""
        self.shares.admit(recording_id, token)
        async with self.database.begin() as transaction:
            irises = await store.irises_of(transaction, recording_id, self.keys)
        if irises is None:
            raise NotFound
        log.info("abis.fetched", recording_id=str(recording_id))
        document, kind = sharing.document_of(irises), sharing.MEDIA_TYPE
        if self.sealer is not None:
            document, kind = self.sealer.seal(document), SEALED_TYPE
        return Response(document, media_type=kind, headers={"cache-control": "no-store"})
