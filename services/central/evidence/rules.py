"""Where a piece of an image fits, and what a recording owes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from shared.contracts.evidence import EVIDENCE_BYTES_MAX


@dataclass(frozen=True, slots=True)
class Upload:
    """One image on its way: `offset` bytes of it are synced."""

    sha256: bytes
    offset: int
    restarts: int
    is_received: bool


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The piece does not begin where the upload stands: go on from `offset`."""

    offset: int


@dataclass(frozen=True, slots=True)
class TooLarge:
    """With this piece the image would be larger than evidence may be."""


@dataclass(frozen=True, slots=True)
class Write:
    """The piece goes to the spool; nothing of it where it is empty."""

    offset_after: int


def fit(
    upload: Upload, spooled_bytes: int, offset: int, length: int
) -> Elsewhere | TooLarge | Write:
    """Place a piece of `length` bytes that says it begins at `offset`.

    spooled_bytes: what the spool holds. Less than the upload's offset means it was lost, and then
    only a beginning at 0 is true.
    """
    stands_at = standing(upload, spooled_bytes)
    if offset != stands_at:
        return Elsewhere(stands_at)
    if upload.is_received:
        return Write(stands_at) if length == 0 else Elsewhere(stands_at)
    if offset + length > EVIDENCE_BYTES_MAX:
        return TooLarge()
    return Write(offset + length)


def standing(upload: Upload, spooled_bytes: int) -> int:
    """How many bytes need not be sent again."""
    if upload.is_received or spooled_bytes >= upload.offset:
        return upload.offset
    return 0


def images_named(body: bytes) -> Mapping[str, str]:
    """Part → SHA-256 hex of a recording's images; empty when the body cannot be read.

    No more of it is looked at, so that a recording of a newer version still has its evidence.
    """
    try:
        images = orjson.loads(body)["biometrics"]["images"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return {}
    if not isinstance(images, dict):
        return {}
    return {
        part: digest
        for part, digest in images.items()
        if isinstance(digest, str) and _is_sha256(digest)
    }


def _is_sha256(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def overdue_before(now: datetime, days_max: int) -> datetime:
    """Recordings listed before this moment should have all their images here."""
    return now - timedelta(days=days_max)
