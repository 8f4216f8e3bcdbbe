"""Between a row of the table `gallery` and one in memory: sealed there, under this key here."""

from typing import Any, Final
from uuid import UUID

from services.central.penunggalan.iris.matcher import Row
from shared.iris_keys import GalleryKeys, Kept

_TABLE: Final = "gallery"
_EYES: Final = "left,right"


def sealed(row: Row, keys: GalleryKeys) -> Kept:
    """What the table keeps of a row's irises; it opens as this recording's alone."""
    return keys.seal(row.irises, *_place(row.kind, row.recording_id))


def opened(found: Any, keys: GalleryKeys) -> Row:
    """A row of the table, its irises under this process's key. Raises NotOpened."""
    kept = Kept(found.key_id, bytes(found.irises or b""))
    irises = keys.open(kept, *_place(found.kind, found.recording_id))
    return bare(found, irises)


def bare(found: Any, irises: bytes = b"") -> Row:
    """A row of the table without its irises, which stay sealed."""
    return Row(int(found.pos), found.kind, found.recording_id, found.region_code, found.nik, irises)


def _place(kind: str, recording_id: UUID) -> tuple[str | bytes, ...]:
    return _TABLE, kind, recording_id.bytes, _EYES
