"""Recordings by the hundred thousand: valid, small, synthetic, made from one text by number.

Only what must differ differs: the id, the NIK, the moment. All fingers are missing, as the rules
allow, so that a body is under a kilobyte and a million of them fit on a small disk.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

import orjson

from services.regional.recording.examples import CONTENT_EXAMPLE
from services.regional.recording.rules import Arrival
from shared.contracts.recording import RECORDING, Modality, canonical_bytes
from shared.nik import Nik

FIRST_MOMENT: Final = datetime(2017, 10, 2, 1, tzinfo=UTC)
PACE_SECONDS: Final = 1
_ID: Final = "01890a5d-ac96-774b-bcce-b302099a8057"
_NIK: Final = "6172025207900003"
_MOMENT: Final = "2017-10-02T01:00:00Z"


def nik(person: int) -> int:
    """Another number for each of ten thousand million persons."""
    return 6172_02_0000000000 + person


class Crowd:
    """One region's people. region: its place in the storm, 0, 1, …, which keeps ids apart."""

    def __init__(self, region: int) -> None:
        self._region = region
        self._parts = _template().split(b"\0")

    def arrivals(self, first: int, count: int, *, shared_every: int) -> list[Arrival]:
        """Recordings number first … first + count - 1, in the order of their capture.

        Each `shared_every`th person is one whom every region records: at most one may be unique.
        """
        return list(self._arrivals(first, count, shared_every))

    def _arrivals(self, first: int, count: int, shared_every: int) -> Iterator[Arrival]:
        before_moment, before_nik, before_id, end = self._parts
        for number in range(first, first + count):
            is_shared = number % shared_every == 0
            person = number if is_shared else number + 1_000_000_000 * (self._region + 1)
            moment = FIRST_MOMENT + timedelta(seconds=number * PACE_SECONDS)
            recording_id = UUID(
                int=(0x01890A5D_0000_7000_8000 << 48) + (self._region << 40) + number
            )
            written = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
            body = b"".join(
                (
                    before_moment,
                    written,
                    before_nik,
                    b"%016d" % nik(person),
                    before_id,
                    str(recording_id).encode(),
                    end,
                )
            )
            yield Arrival(
                recording_id=recording_id,
                nik=Nik(nik(person)),
                captured_at=moment,
                officer="officer-12",
                place="office",
                ward="61.72.02.1001",
                body=body,
                sha256=sha256(body).digest(),
                warnings=(),
            )


def _template() -> bytes:
    """A valid recording's canonical bytes with gaps (NUL) where moment, NIK and id stand."""
    content = {
        **CONTENT_EXAMPLE,
        "captured_at": _MOMENT,
        "recording_id": _ID,
        "biometrics": {
            "images": {"face": "5e" * 32},
            "templates": {},
            "exceptions": {one.value: "missing" for one in Modality if one is not Modality.FACE},
        },
    }
    recording = RECORDING.validate_json(orjson.dumps(content))
    written = canonical_bytes(recording.recording_id, recording)
    for gap in (_MOMENT, _NIK, _ID):
        assert written.count(gap.encode()) == 1
        written = written.replace(gap.encode(), b"\0")
    return written
