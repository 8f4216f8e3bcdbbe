"""Evidence on the line: an image follows its recording, piece by piece, from where it stopped.

Names and meaning of the headers are those of draft-ietf-httpbis-resumable-upload-15. The region
chooses the address (recording and part), so no address is ever handed out. Differences, and why:
ADR-0016.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

EVIDENCE_BYTES_MAX = 4 * 1024 * 1024  # one image; the whole set of a recording is 0.5 to 3.5 MB
APPEND_BYTES_MAX = 1024 * 1024
MEDIA_TYPE = "application/partial-upload"
UPLOAD_OFFSET = "Upload-Offset"
UPLOAD_COMPLETE = "Upload-Complete"
UPLOAD_LIMIT = "Upload-Limit"
EPOCH = "Tunggal-Epoch"
YES, NO = "?1", "?0"
LIMITS = f"max-size={EVIDENCE_BYTES_MAX}, max-append-size={APPEND_BYTES_MAX}"
# Longer than any offset can be: what is not a plain number is not read as one.
OFFSET_DIGITS_MAX = 15


@dataclass(frozen=True, slots=True)
class UploadState:
    """How much of one image is on the centre's disk; `is_complete`: all of it, hash and all."""

    offset: int
    is_complete: bool
    epoch: int

    @property
    def signed_text(self) -> bytes:
        """What the centre signs: an answer has no body here, so its headers stand in."""
        return f"{self.offset} {YES if self.is_complete else NO} {self.epoch}".encode()

    def headers(self) -> dict[str, str]:
        return {
            UPLOAD_OFFSET: str(self.offset),
            UPLOAD_COMPLETE: YES if self.is_complete else NO,
            EPOCH: str(self.epoch),
        }


def read_state(headers: Mapping[str, str]) -> UploadState:
    """From an answer's headers. Raises ValueError."""
    return UploadState(
        read_offset(headers.get(UPLOAD_OFFSET, "")),
        read_yes_no(headers.get(UPLOAD_COMPLETE, "")),
        read_offset(headers.get(EPOCH, "")),
    )


def read_offset(text: str) -> int:
    """Raises ValueError for everything but plain ASCII digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= OFFSET_DIGITS_MAX):
        raise ValueError("not a plain number")
    return int(text)


def read_yes_no(text: str) -> bool:
    """A structured field's boolean. Raises ValueError."""
    if text not in (YES, NO):
        raise ValueError("neither ?1 nor ?0")
    return text == YES


def path_of(region: str, recording_id: UUID, part: str) -> str:
    return f"/v1/regions/{region}/evidence/{recording_id}/{part}"


def append_purpose(path: str, offset: str, complete: str) -> str:
    """What a region signs over a piece: where it belongs and whether it is the last."""
    return f"PATCH {path} {offset} {complete}"


def answer_purpose(path: str) -> str:
    """What the centre signs its word on an upload for."""
    return f"evidence {path}"
