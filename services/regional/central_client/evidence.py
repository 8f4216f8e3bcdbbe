"""Speak to the centre of one image: ask how much of it is there, and send the next piece.

No tries of seconds here: after any doubt the loop asks again how the upload stands, and goes on
from what the centre has synced.
"""

import httpx

from services.regional.central_client.client import (
    SILENCE_SECONDS,
    SLOWEST_LINE_BYTES_PER_SECOND,
    CentralClient,
    LineTroubleError,
    Refused,
    Unknown,
    refusal_of,
)
from shared.contracts.evidence import (
    MEDIA_TYPE,
    NO,
    UPLOAD_COMPLETE,
    UPLOAD_OFFSET,
    YES,
    UploadState,
    answer_purpose,
    append_purpose,
    read_state,
)


class EvidenceLine:
    """Images' way to the centre, over the same connections as everything else."""

    def __init__(self, client: CentralClient) -> None:
        self._client = client

    @property
    def region(self) -> str:
        return self._client.region

    async def ask(self, path: str) -> UploadState | Refused | Unknown:
        """How the upload at this path stands."""
        try:
            response = await self._client.once("HEAD", path, purpose=f"HEAD {path}")
            return await self._read(path, response)
        except LineTroubleError as trouble:
            return Unknown(str(trouble))

    async def append(
        self, path: str, offset: int, piece: bytes, *, is_last: bool
    ) -> UploadState | Refused | Unknown:
        """Send the piece that begins at `offset`; the state after it says what is synced."""
        complete = YES if is_last else NO
        headers = {
            "content-type": MEDIA_TYPE,
            UPLOAD_OFFSET: str(offset),
            UPLOAD_COMPLETE: complete,
        }
        try:
            response = await self._client.once(
                "PATCH",
                path,
                purpose=append_purpose(path, str(offset), complete),
                content=piece,
                headers=headers,
                seconds=SILENCE_SECONDS + len(piece) / SLOWEST_LINE_BYTES_PER_SECOND,
            )
            return await self._read(path, response)
        except LineTroubleError as trouble:
            return Unknown(str(trouble))

    async def _read(self, path: str, response: httpx.Response) -> UploadState | Refused:
        """Raises LineTroubleError for what is not the centre's word."""
        status = response.status_code
        if status != 204:
            if response.request.method == "HEAD" and 400 <= status < 500:
                # A problem document is a body, and an answer to HEAD has none.
                return Refused(f"status-{status}", status, None, None)
            return refusal_of(response)
        try:
            state = read_state(response.headers)
        except ValueError as doubt:
            raise LineTroubleError("an upload's state without its headers") from doubt
        await self._client.vouch(answer_purpose(path), state.signed_text, response)
        return state
