"""The ballast: a file whose only use is to be deleted when the disk is full.

PostgreSQL that cannot write a checkpoint stops, and does not start again before there is room.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from services.regional.settings import RegionalSettings
from shared.database.placement import known_home

NAME = "ballast"


@dataclass(frozen=True, slots=True)
class Ballast:
    """wanted_bytes: 0 for none."""

    path: Path
    wanted_bytes: int

    def lay(self) -> bool:
        """Take the room, if it is not taken already; False when there is none or none is wanted."""
        if self.wanted_bytes == 0 or self.held_bytes() >= self.wanted_bytes:
            return False
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
        except OSError:
            return False
        try:
            os.posix_fallocate(descriptor, 0, self.wanted_bytes)
        except OSError:
            self.path.unlink(missing_ok=True)
            return False
        finally:
            os.close(descriptor)
        return True

    def held_bytes(self) -> int:
        try:
            return self.path.stat().st_blocks * 512
        except OSError:
            return 0

    def release(self) -> bool:
        """Give the room back; True if there was any."""
        try:
            self.path.unlink()
        except OSError:
            return False
        return True


def ballast_of(settings: RegionalSettings) -> Ballast:
    """Beside an embedded PostgreSQL's cluster, else in the data folder, unless the settings say."""
    path = settings.ballast_file
    if path is None and settings.database_url is None:
        folder = settings.data_folder / "regional" / "postgres"
        path = (known_home(folder) or folder) / NAME
    return Ballast(path or settings.data_folder / NAME, settings.ballast_bytes)
