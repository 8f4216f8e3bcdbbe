"""What will be handed in, written to files before the clock starts, so that sending costs little.

One file per kind, one request body (or recording) per line. EVERY PERSON IS INVENTED.
"""

import json
import struct
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from itertools import islice
from pathlib import Path
from uuid import UUID

from services.command.demo.irises import Truth, part_of
from services.command.demo.officers import OWN_OFFICERS, attempts, irises_of, known_there
from services.simulator.population import (
    City,
    DemoPlan,
    PlannedRecording,
    city,
    early_recordings,
    neighbour_recordings,
    recordings,
    resent,
    second_attempts,
    write_residents_csv,
)

MODULE = "services.command.demo.handins"
BULK_RECORDINGS_MAX = 900  # with a late team's on top it stays within the 1,000 of one POST
BULK_RECORDINGS_MIN = 10
BULK_POSTS_AIMED = 40
SINGLES_MAX = 200
# Every 25th POST a field team without a line keeps back 1 % of it, and brings it one POST later.
LATE_TEAM_EVERY_POSTS = 25
LATE_TEAM_SHARE = 0.01


class Part(StrEnum):
    """What one process writes: the list of residents, or everything else."""

    RESIDENTS = "residents"
    RECORDINGS = "recordings"


_PLACE = struct.Struct("16s32s")  # recording id, SHA-256 of the body


@dataclass(frozen=True, slots=True)
class HandIns:
    """The files of one demonstration and how the recordings are divided among requests."""

    folder: Path
    seed: int
    count: int
    irises: int  # recordings with irises that can be searched

    @property
    def plan(self) -> DemoPlan:
        return DemoPlan.of(city(self.seed, recorded=self.count))

    @property
    def post_recordings(self) -> int:
        """Recordings in one POST."""
        return min(BULK_RECORDINGS_MAX, max(BULK_RECORDINGS_MIN, self.count // BULK_POSTS_AIMED))

    @property
    def singles(self) -> int:
        """How many of the last ones are recorded one by one."""
        return min(SINGLES_MAX, self.count // 10)

    @property
    def residents_csv(self) -> Path:
        return self.folder / "residents.csv"

    def lines(self, kind: str) -> Iterator[bytes]:
        """bulk, single, resent, resent_single, second, neighbour, early; without line ends.

        Of officers: officers_here, officers_there, officers_attempts.
        """
        with self._file(kind).open("rb") as file:
            for line in file:
                yield line.rstrip(b"\n")

    def truth(self) -> Truth:
        """What was planted among the recordings with irises, and which ones those are."""
        return Truth.read(self._file("truth"))

    def places(self) -> list[tuple[UUID, bytes]]:
        """Id and SHA-256 of every recording, in the order of handing in: bulk, then single."""
        raw = self._file("places").read_bytes()
        return [(UUID(bytes=one), digest) for one, digest in _PLACE.iter_unpack(raw)]

    def command(self, part: Part) -> list[str]:
        """The command line of a process that writes a part."""
        words = (part, self.folder, self.seed, self.count, self.irises)
        return [sys.executable, "-m", MODULE, *(str(word) for word in words)]

    def write(self, part: Part) -> None:
        if part is Part.RECORDINGS:
            self._write_recordings()
            return
        residents = city(self.seed, recorded=self.count).residents()
        write_residents_csv(self.residents_csv, residents)

    def _write_recordings(self) -> None:
        town, plan = city(self.seed, recorded=self.count), self.plan
        part = part_of(town, self.irises)
        truth = Truth.of(part)
        proper = truth.noting(recordings(town, irises=part), part)
        in_bulk = self.count - self.singles
        with self._file("places").open("wb") as places:
            with self._file("bulk").open("wb") as file:
                for post in with_late_teams(islice(proper, in_bulk), self.post_recordings):
                    places.writelines(_place(one) for one in post)
                    file.write(bulk_body(one.body for one in post) + b"\n")
            with self._file("single").open("wb") as file:
                for one in proper:
                    places.write(_place(one))
                    file.write(_single(one))
        truth.write(self._file("truth"))
        again = list(resent(town, plan.resent, part))
        half = (len(again) + 1) // 2  # the rest comes again by PUT
        self._write("resent", [bulk_body(one.body for one in again[:half]) + b"\n"])
        self._write("resent_single", [_single(one) for one in again[half:]])
        attempts = second_attempts(town, plan.second_attempts)
        self._write("second", [bulk_body(one.body for one in attempts) + b"\n"])
        neighbours = neighbour_recordings(town, plan.neighbours)
        self._write("neighbour", [one.body + b"\n" for one in neighbours])
        self._write_officers(town, truth)
        self._write("early", [one.body + b"\n" for one in early_recordings(town, 1)])

    def _write_officers(self, town: City, truth: Truth) -> None:
        here = OWN_OFFICERS if self.irises else ()
        self._write("officers_here", irises_of(self.seed, here))
        self._write("officers_there", irises_of(self.seed, known_there(truth.planted)))
        tried = attempts(town) if self.irises else ()
        self._write("officers_attempts", [bulk_body(one.body for one in tried) + b"\n"])

    def _write(self, kind: str, lines: Iterable[bytes]) -> None:
        with self._file(kind).open("wb") as file:
            file.writelines(lines)

    def _file(self, kind: str) -> Path:
        return self.folder / f"{kind}.jsonl"


def with_late_teams(
    planned: Iterator[PlannedRecording], post_recordings: int
) -> Iterator[list[PlannedRecording]]:
    """Divide recordings into POSTs in order of capture, but for what late teams bring later."""
    late: list[PlannedRecording] = []
    team = max(1, round(post_recordings * LATE_TEAM_SHARE))
    number = 0
    while post := list(islice(planned, post_recordings)):
        kept_back = post[:team] if number % LATE_TEAM_EVERY_POSTS == 0 and len(post) > team else []
        yield post[len(kept_back) :] + late
        late = kept_back
        number += 1
    if late:
        yield late


def bulk_body(bodies: Iterable[bytes]) -> bytes:
    return b'{"recordings":[%b]}' % b",".join(bodies)


def bulk_size(bulk: bytes) -> int:
    """Recordings in a POST's body, counted without reading it."""
    return bulk.count(b'{"presence":')


def ids_in(bulk: bytes) -> list[str]:
    return [one["recording_id"] for one in json.loads(bulk)["recordings"]]


def split_single(line: bytes) -> tuple[str, bytes]:
    """Recording id and content of a line for a PUT."""
    recording_id, _, content = line.partition(b" ")
    return recording_id.decode(), content


def _single(one: PlannedRecording) -> bytes:
    return b"%b %b\n" % (str(one.recording_id).encode(), one.content)


def _place(one: PlannedRecording) -> bytes:
    return _PLACE.pack(one.recording_id.bytes, sha256(one.body).digest())


def main(arguments: list[str]) -> None:
    part, folder, seed, count, irises = arguments
    HandIns(Path(folder), int(seed), int(count), int(irises)).write(Part(part))


if __name__ == "__main__":
    main(sys.argv[1:])
