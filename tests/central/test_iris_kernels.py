"""Kernels and galleries of irises against the definition, `shared.iris.distance`."""

from itertools import product
from uuid import UUID

import numpy as np
import pytest

from services.central.penunggalan.iris import thresholds
from services.central.penunggalan.iris.compare import delta
from services.central.penunggalan.iris.gallery import Gallery
from services.central.penunggalan.iris.layout import BLOCK
from services.central.penunggalan.iris.matcher import Likeness, Probe, Row
from services.simulator.irises import making
from services.simulator.irises.profiles import drawn_distances
from shared.iris import NOT_COMPARED, Words, distance, to_bytes

LIMITS = thresholds.for_gallery(200_000)
SEED = 4
PEOPLE = 1_500
_NO_EYE = np.zeros((2, 256), np.uint64)


def an_id(number: int) -> UUID:
    return UUID(int=number)


def a_row(number: int, left: Words | None, right: Words | None, position: int = 0) -> Row:
    eyes = (eye if eye is not None else _NO_EYE for eye in (left, right))
    irises = b"".join(to_bytes(eye) for eye in eyes)
    return Row(position or number, "person", an_id(number), "61.72", number, irises)


def defined(one: Words | None, other: Words | None) -> float | None:
    """The distance of two eyes, None where one is not there or too little is in common."""
    if one is None or other is None:
        return None
    found = distance(one, other)
    return None if found == NOT_COMPARED else found


@pytest.fixture(scope="module")
def people() -> list[tuple[Words, Words]]:
    eyes = making.first_captures(SEED, np.arange(2 * PEOPLE))
    return [(eyes[2 * nth], eyes[2 * nth + 1]) for nth in range(PEOPLE)]


@pytest.fixture(scope="module")
def gallery(people: list[tuple[Words, Words]]) -> Gallery:
    """Everybody at the position of their number, from 1; segments end in between."""
    full = Gallery(segment_people=8 * BLOCK)
    full.take([a_row(nth, left, right) for nth, (left, right) in enumerate(people, 1)])
    return full


def probes_at(distances: np.ndarray) -> list[Probe]:
    """Person n again, for the n-th time with both eyes at about this distance."""
    persons = np.arange(len(distances)) % PEOPLE
    turns = np.random.default_rng(SEED).integers(-13, 14, len(distances))
    eyes = [
        making.captures(SEED, 2 * persons + side, 1 + np.arange(len(persons)), distances, turns)
        for side in range(2)
    ]
    return [Probe(an_id(10_000 + nth), *pair) for nth, pair in enumerate(zip(*eyes, strict=True))]


def test_looks_and_the_full_comparison_find_the_same_people(gallery: Gallery) -> None:
    probes = probes_at(np.linspace(0.0, 0.42, 120))

    looked = gallery.search(probes, PEOPLE, LIMITS, exhaustive=False)
    compared = gallery.search(probes, PEOPLE, LIMITS, exhaustive=True)

    assert looked == compared
    assert 60 < sum(1 for alike in looked if alike) < 110  # some are too far, and some are not


def test_distances_are_those_of_the_definition(
    gallery: Gallery, people: list[tuple[Words, Words]]
) -> None:
    probes = probes_at(np.linspace(0.02, 0.32, 40))

    for nth, alike in enumerate(gallery.search(probes, PEOPLE, LIMITS, exhaustive=False)):
        left, right = people[nth]
        (like,) = alike
        assert like.recording_id == an_id(nth + 1)
        assert (like.left, like.right) == (
            defined(left, probes[nth].left),
            defined(right, probes[nth].right),
        )


def test_nobody_is_lost_among_thousands_of_second_captures(gallery: Gallery) -> None:
    chance = np.random.default_rng(SEED)
    probes = probes_at(drawn_distances(chance, 2 * PEOPLE))

    found = gallery.search(probes, PEOPLE, LIMITS, exhaustive=False)
    lost = [
        nth
        for nth, (probe, alike) in enumerate(zip(probes, found, strict=True))
        if an_id(nth % PEOPLE + 1) not in {one.recording_id for one in alike}
        and is_candidate(probe, nth % PEOPLE)
    ]

    assert lost == []
    assert sum(map(len, found)) > 0.98 * len(probes)


def is_candidate(probe: Probe, person: int) -> bool:
    """Whether the definition calls this person a candidate."""
    left, right = making.first_captures(SEED, [2 * person, 2 * person + 1])
    return LIMITS.is_candidate(defined(left, probe.left), defined(right, probe.right))


def masked(eye: Words, columns: slice) -> Words:
    """The eye, trusted in these columns only."""
    mask = np.zeros_like(eye[1])
    mask[columns] = eye[1][columns]
    return np.stack([eye[0], mask])


def test_missing_and_covered_eyes_compare_as_the_definition_says() -> None:
    eyes = making.captures(SEED, [1, 1, 2, 2, 3, 3], [0, 1, 0, 1, 0, 1], 0.15, 4)
    kinds: list[list[Words | None]] = [
        [None, eyes[0], masked(eyes[0], slice(0, 190)), masked(eyes[0], slice(90, 180)), eyes[4]],
        [None, eyes[2], masked(eyes[2], slice(60, 250)), masked(eyes[2], slice(0, 0)), eyes[5]],
    ]
    rows = [a_row(nth, left, right) for nth, (left, right) in enumerate(product(*kinds), 1)]
    probes = [
        Probe(an_id(500), eyes[1], eyes[3]),
        Probe(an_id(501), None, eyes[3]),
        Probe(an_id(502), eyes[1], None),
        Probe(an_id(503), masked(eyes[1], slice(0, 200)), masked(eyes[3], slice(10, 11))),
    ]
    expected = [
        {
            nth: (defined(left, probe.left), defined(right, probe.right))
            for nth, (left, right) in enumerate(product(*kinds), 1)
            if LIMITS.is_candidate(defined(left, probe.left), defined(right, probe.right))
        }
        for probe in probes
    ]
    few = Gallery(segment_people=BLOCK)
    few.take(rows)

    for exhaustive in (False, True):
        found = few.search(probes, len(rows), LIMITS, exhaustive=exhaustive)
        assert [
            {int(one.recording_id): (one.left, one.right) for one in alike} for alike in found
        ] == expected
    assert all(len(one) > 5 for one in expected)
    # One eye in ninety columns is no comparison, however alike they are.
    assert distance(eyes[0], masked(eyes[0], slice(90, 180))) == NOT_COMPARED
    assert distance(eyes[0], masked(eyes[0], slice(0, 190))) == 0


def test_what_came_meanwhile_is_compared_like_the_rest() -> None:
    eyes = making.captures(SEED, [1, 2, 1, 2, 3, 4], [0, 0, 1, 1, 0, 0], 0.1, 0)
    probe = Probe(an_id(9), eyes[2], eyes[3])
    same, other = a_row(1, eyes[0], eyes[1]), a_row(2, eyes[4], eyes[5])
    own = a_row(9, eyes[2], eyes[3])

    (found,) = delta([probe], [same, other, own], LIMITS)

    assert [one.recording_id for one in found] == [same.recording_id]
    assert delta([probe], [], LIMITS) == ((),)
    assert delta([], [same], LIMITS) == ()
    assert isinstance(found[0], Likeness)
