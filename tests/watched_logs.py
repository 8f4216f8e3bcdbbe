"""What is logged while all tests run is looked at: nothing they planted may stand in it.

The tests of doors send these words everywhere, in every field of every operation; whatever shows
one of them in a log is a leak, in whichever test it happened.
"""

import logging
import re
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prometheus_client import generate_latest

from shared.telemetry.logs import frames_of
from tests.canaries import LISTED_WORDS

# Sixteen digits as a NIK of the town's has them, alone or within a sentence.
_PLANTED = re.compile(
    "|".join([*LISTED_WORDS, r"(?<![0-9a-f])6172[0-9]{12}(?![0-9a-f])"]), re.IGNORECASE
)
SHOWN = 20


class Watch(logging.Handler):
    """Looks at lines as they are written; remembers the first ones that show somebody."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.lines = 0

    def look(self, _: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """As a processor of structlog, before anything is taken out."""
        told = {key: value for key, value in event.items() if key != "exc_info"}
        self.see(" ".join(f"{key}={value}" for key, value in told.items()))
        return event

    def emit(self, record: logging.LogRecord) -> None:
        """As a handler of all other programs' logs, which are written by our formatter, too."""
        self.see(record.getMessage())
        if record.exc_info and record.exc_info[1] is not None:
            kind, trouble, trace = record.exc_info
            assert kind is not None
            self.see(frames_of((kind, trouble, trace)))

    def see(self, line: str) -> None:
        self.lines += 1
        if len(self.found) < SHOWN and (planted := _PLANTED.search(line)):
            self.found.append(f"{planted.group()} in: {line[:300]}")

    def see_file(self, path: Path) -> None:
        for line in path.read_text(errors="replace").splitlines():
            self.see(f"{path.name}: {line}")

    def see_metrics(self) -> None:
        for line in generate_latest().decode().splitlines():
            self.see(line)


WATCH = Watch()


@contextmanager
def watching() -> Iterator[Watch]:
    """For the whole session of a worker. Raises AssertionError at its end."""
    root = logging.getLogger()
    root.addHandler(WATCH)
    yield WATCH
    root.removeHandler(WATCH)
    WATCH.see_metrics()
    assert WATCH.found == [], "\n".join(WATCH.found)
