"""Synthetic people for the bench of uniqueness: a gallery, second captures, and strangers."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from services.central.penunggalan.iris.gallery import Gallery
from services.central.penunggalan.iris.matcher import Probe, Row
from services.simulator.irises import making
from services.simulator.irises.profiles import drawn_distances
from shared.iris import COLUMNS, to_bytes
from shared.iris_keys import GalleryKey
from shared.sealing import SECRET_BYTES, Secret

PEOPLE_AT_ONCE = 1_000
LADDER_END = 0.44  # distances of planted duplicates: every one from 0 to beyond any threshold
QUALITY = 0.6  # how far the two eyes of one capture share their fortune (NIST IREX 10: they do)
_FIRST_OF_PROBES = 1 << 40
# A centre's gallery is under a key, and so is this one: distances and looks are the same under any.
KEY = GalleryKey.of(Secret("bench", bytes(range(SECRET_BYTES))))

Numbers = NDArray[np.float64]
Eyes = NDArray[np.uint64]  # [n, 2 eyes, 2, 256]


@dataclass(frozen=True, slots=True)
class Planted:
    """Second captures of people: person and the distance each eye was made for."""

    people: NDArray[np.int64]
    distances: Numbers  # [n, 2 eyes]
    eyes: Eyes


def first_eyes(seed: int, people: NDArray[np.int64]) -> Eyes:
    taken = making.first_captures(seed, _numbers(people)).reshape(-1, 2, 2, COLUMNS)
    return KEY.protect(taken)


def _numbers(people: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of their eyes: left, right, left, right."""
    return (2 * people[:, None] + np.arange(2)).ravel()


def gallery_of(seed: int, count: int) -> Gallery:
    """Persons 0 to `count`, each at the position after its number."""
    gallery = Gallery()
    for first in range(0, count, PEOPLE_AT_ONCE):
        people = np.arange(first, min(first + PEOPLE_AT_ONCE, count))
        gallery.take(
            [
                Row(int(one) + 1, "person", person_id(int(one)), "61.72", None, to_bytes(pair))
                for one, pair in zip(people, first_eyes(seed, people), strict=True)
            ]
        )
    return gallery


def person_id(number: int) -> UUID:
    return UUID(int=number + 1)


def planted(seed: int, people: NDArray[np.int64], distances: Numbers, session: int) -> Planted:
    """These people once more, each eye at its distance, heads turned by chance."""
    chance = np.random.default_rng([seed, session])
    turns = chance.integers(-making.TURN_MAX, making.TURN_MAX + 1, len(people))
    sessions = session + np.arange(2 * len(people))
    eyes = making.captures(seed, _numbers(people), sessions, distances.ravel(), np.repeat(turns, 2))
    return Planted(people, distances, KEY.protect(eyes.reshape(-1, 2, 2, COLUMNS)))


def probes_of(eyes: Eyes) -> list[Probe]:
    """Probes with ids nobody in a gallery has."""
    return [Probe(UUID(int=_FIRST_OF_PROBES + nth), one[0], one[1]) for nth, one in enumerate(eyes)]


def as_published(chance: np.random.Generator, count: int) -> Numbers:
    """Distances [n, 2 eyes] as published for one eye; the eyes of one capture fare alike."""
    shared = chance.standard_normal((count, 1))
    own = chance.standard_normal((count, 2))
    fortune = np.sqrt(QUALITY) * shared + np.sqrt(1 - QUALITY) * own
    drawn = np.sort(drawn_distances(chance, 2 * count))
    ranks = np.argsort(np.argsort(fortune, axis=None)).reshape(count, 2)
    return np.asarray(drawn[ranks], float)


def at_every_distance(chance: np.random.Generator, count: int) -> Numbers:
    """Distances [n, 2 eyes] from 0 to LADDER_END; in one of four, each eye its own."""
    steps = np.linspace(0.0, LADDER_END, count)
    both = np.repeat(steps[:, None], 2, axis=1)
    apart = chance.random(count) < 0.25
    both[apart, 1] = chance.random(int(apart.sum())) * LADDER_END
    return both


def in_parts(count: int, size: int) -> Iterator[tuple[int, int]]:
    """(first, last) of parts of at most `size`."""
    for first in range(0, count, size):
        yield first, min(first + size, count)
