"""A gallery in memory: what rows up to a position say, and nothing else.

It only grows. A person who was removed stays, with the position of the removal beside; so a search
of an earlier position still sees the gallery as it was there, and two galleries that took the same
rows answer alike, whatever happened to either on the way.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final
from uuid import UUID

import numpy as np

from services.central.penunggalan.iris import kernels
from services.central.penunggalan.iris.layout import BLOCK, Kept, Numbers, Turned
from services.central.penunggalan.iris.matcher import Likeness, Probe, Row
from services.central.penunggalan.iris.thresholds import Thresholds
from shared.iris import CODE_BYTES, COLUMNS, NOT_COMPARED, TEMPLATE_BYTES

REMOVED = "removed"
SEGMENT_PEOPLE: Final = 128 * BLOCK  # 64 MiB of columns, taken as they are filled
NEVER: Final = 1 << 62


class NotInOrder(ValueError):
    """A row at or before the gallery's position: the rows given are not the table's."""


@dataclass(slots=True)
class Person:
    """Whose irises lie at one place; what a search tells of them."""

    row: Row  # without its irises
    removed_at: int = NEVER

    def is_in(self, position: int) -> bool:
        return self.row.position <= position < self.removed_at


@dataclass(slots=True)
class Gallery:
    """Rows in the order of their positions; may hold only some shards of the whole."""

    segment_people: int = SEGMENT_PEOPLE
    position: int = 0  # of the last row taken
    people: list[Person] = field(default_factory=list)
    _segments: list[Kept] = field(default_factory=list)
    _places: dict[UUID, int] = field(default_factory=dict)  # of those not removed
    _row_positions: list[int] = field(default_factory=list)
    _removals: list[int] = field(default_factory=list)
    _added: list[int] = field(default_factory=list)

    def take(self, rows: Sequence[Row]) -> None:
        """Append rows, each after the last. Raises NotInOrder, taking none of them."""
        positions = [self.position, *(row.position for row in rows)]
        if any(one >= other for one, other in pairwise(positions)):
            raise NotInOrder
        adding: list[Row] = []
        for row in rows:
            if row.kind == REMOVED:
                self._append(adding)
                adding = []
                self._remove(row)
            else:
                adding.append(row)
        self._append(adding)
        self._row_positions += positions[1:]
        self.position = positions[-1]

    def rows_at(self, position: int) -> int:
        """How many rows of any kind were taken up to there: all shards together have them all."""
        return bisect_right(self._row_positions, position)

    def size_at(self, position: int) -> int:
        """People and operators in the gallery there, removed ones not counted."""
        return bisect_right(self._added, position) - bisect_right(self._removals, position)

    def search(
        self, probes: Sequence[Probe], position: int, limits: Thresholds, *, exhaustive: bool
    ) -> list[list[Likeness]]:
        """Candidates by these thresholds among who is in at `position`; a list per probe.

        May run in a thread while rows are taken: what is searched was laid down before.
        """
        found: list[list[Likeness]] = [[] for _ in probes]
        turned = Turned.of(irises_of_probes(probes))
        kernel = kernels.compare_all if exhaustive else kernels.search
        people = bisect_right(self._added, position)
        for nth in range(-(-people // self.segment_people)):
            first = nth * self.segment_people
            here = min(people - first, self.segment_people)
            hits = kernel(self._segments[nth], here, turned, limits)
            for (place, offset), distances in zip(
                hits.pairs.tolist(), hits.distances.tolist(), strict=True
            ):
                person = self.people[first + offset]
                like = _likeness(probes[place], person, distances)
                if person.is_in(position) and like and limits.is_candidate(like.left, like.right):
                    found[place].append(like)
        return [in_order(alike) for alike in found]

    def _append(self, rows: Sequence[Row]) -> None:
        done = 0
        while done < len(rows):
            place = len(self.people)
            if place == len(self._segments) * self.segment_people:
                self._segments.append(Kept.empty(self.segment_people))
            offset = place % self.segment_people
            part = rows[done : done + self.segment_people - offset]
            irises = irises_of_rows(part)
            self._segments[-1].fill(offset, irises)
            for nth, row in enumerate(part):
                self._places[row.recording_id] = place + nth
                bare = Row(row.position, row.kind, row.recording_id, row.region, row.nik, b"")
                self.people.append(Person(bare))
                self._added.append(row.position)  # last: from here on a search may see it
            done += len(part)

    def _remove(self, row: Row) -> None:
        place = self._places.pop(row.recording_id, None)
        if place is not None:
            self.people[place].removed_at = row.position
            self._removals.append(row.position)


def in_order(alike: Iterable[Likeness]) -> list[Likeness]:
    """Best first, by the mean of the eyes there are; equals by recording."""
    return sorted(alike, key=lambda one: (mean_of(one), one.recording_id))


def mean_of(alike: Likeness) -> float:
    """The mean distance of the eyes that could be compared, 1.0 where none could."""
    eyes = [eye for eye in (alike.left, alike.right) if eye is not None]
    return sum(eyes) / len(eyes) if eyes else 1.0


def irises_of_rows(rows: Sequence[Row]) -> Numbers:
    """uint64[n, 2 eyes, 2 code and mask, COLUMNS]; zeros for an eye that is missing.

    Bits of code that no mask trusts are no matter: they never count.
    """
    kept = b"".join(row.irises or bytes(2 * TEMPLATE_BYTES) for row in rows)
    return np.frombuffer(kept, "<u8").reshape(len(rows), 2, 2, CODE_BYTES // 8)


def irises_of_probes(probes: Sequence[Probe]) -> Numbers:
    irises = np.zeros((len(probes), 2, 2, COLUMNS), np.uint64)
    for nth, probe in enumerate(probes):
        for eye, words in enumerate((probe.left, probe.right)):
            if words is not None:
                irises[nth, eye] = words
    return irises


def _likeness(probe: Probe, person: Person, distances: Sequence[float]) -> Likeness | None:
    """None where it is the probe's own recording, or no eye could be compared."""
    row = person.row
    left, right = (None if one == NOT_COMPARED else one for one in distances)
    if row.recording_id == probe.recording_id or (left is None and right is None):
        return None
    return Likeness(row.recording_id, row.region, row.nik, row.kind, left, right)
