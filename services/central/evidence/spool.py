"""Images on their way lie in a plain folder, byte for byte, synced before they are counted."""

import os
from pathlib import Path
from uuid import UUID

from shared.evidence.store import sync


class Spool:
    """Beginnings of images. How much of a file counts is in the database, never in its length.

    Servers of one centre share this folder, or a region's pieces all go to one of them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()

    def size_bytes(self, region: str, recording_id: UUID, part: str) -> int:
        try:
            return self._path(region, recording_id, part).stat().st_size
        except FileNotFoundError:
            return 0

    def write(self, region: str, recording_id: UUID, part: str, offset: int, piece: bytes) -> None:
        """Put a piece at `offset`, dropping what lay behind it, and sync it. Raises OSError."""
        path = self._path(region, recording_id, part)
        is_new = not path.exists()
        if is_new:
            self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            # What a crash left beyond the counted bytes is of no meaning.
            os.ftruncate(descriptor, offset)
            written = 0
            while written < len(piece):
                written += os.pwrite(descriptor, piece[written:], offset + written)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            sync(self._folder)

    def read(self, region: str, recording_id: UUID, part: str, length: int) -> bytes:
        """The first `length` bytes. Raises FileNotFoundError."""
        with self._path(region, recording_id, part).open("rb") as file:
            return file.read(length)

    def remove(self, region: str, recording_id: UUID, part: str) -> None:
        self._path(region, recording_id, part).unlink(missing_ok=True)

    def _path(self, region: str, recording_id: UUID, part: str) -> Path:
        return self._folder / f"{region}_{recording_id}_{part}"
