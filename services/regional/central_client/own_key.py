"""This region's present key, as its file holds it, and the next one beside it.

A rotation puts the next key in the place of the present one in one step; every process that speaks
for the region signs with it from its next word on, without a restart.
"""

from dataclasses import dataclass, field
from pathlib import Path

import structlog

from shared.signing import SigningKey, load_or_create_key, read_key, write_key

log = structlog.get_logger()


@dataclass(slots=True)
class OwnKey:
    """Raises OSError, ValueError or KeyError at first for a file that is no key."""

    path: Path
    region: str
    _key: SigningKey = field(init=False)
    _mark: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self._key = load_or_create_key(self.path, self.region)
        self._mark = _mark_of(self.path)

    @property
    def present(self) -> SigningKey:
        """Read again when the file was replaced; one that is gone or harmed changes nothing."""
        try:
            mark = _mark_of(self.path)
            if mark != self._mark:
                self._key = read_key(self.path, self.region)
                self._mark = mark
        except (OSError, ValueError, KeyError) as trouble:
            log.warning("key.unreadable", region=self.region, trouble=type(trouble).__name__)
        return self._key

    @property
    def next(self) -> SigningKey | None:
        """The key that is to follow, once the centre lets it in."""
        try:
            return read_key(next_of(self.path), self.region)
        except FileNotFoundError:
            return None

    def keep(self, key: SigningKey) -> None:
        """The present key from now on; whatever was next is no more."""
        write_key(self.path, key)
        next_of(self.path).unlink(missing_ok=True)


def next_of(path: Path) -> Path:
    """Where the key lies that is to follow the one at `path`."""
    return path.with_name(f"{path.name}.next")


def _mark_of(path: Path) -> tuple[int, int]:
    seen = path.stat()
    return seen.st_mtime_ns, seen.st_ino
