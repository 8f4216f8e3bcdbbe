"""A gallery in memory is what the rows up to a position say, and nothing else."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.central.penunggalan.iris import thresholds
from services.central.penunggalan.iris.gallery import Gallery, NotInOrder
from services.central.penunggalan.iris.layout import BLOCK
from services.central.penunggalan.iris.matcher import Likeness, Probe, Row
from shared.iris import TEMPLATE_BYTES, to_bytes
from tests.eyes import an_eye

LIMITS = thresholds.for_gallery(200_000)
EYES = [an_eye(seed) for seed in range(4)]
PROBES = [Probe(UUID(int=1_000 + seed), an_eye(seed, take=1), None) for seed in range(4)]

# What may happen to the gallery: somebody with one of four eyes is entered, or taken out.
events = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.booleans()), max_size=24)


def rows_of(happened: list[tuple[int, int, bool]]) -> list[Row]:
    """Rows as the table would have them: who is in is not entered again, nor removed twice."""
    rows: list[Row] = []
    inside: set[int] = set()
    for person, eye, is_leaving in happened:
        recording_id, position = UUID(int=person), len(rows) + 1
        if is_leaving and person in inside:
            inside.remove(person)
            rows.append(Row(position, "removed", recording_id, "61.72", None, b""))
        elif not is_leaving and person not in inside:
            inside.add(person)
            irises = to_bytes(EYES[eye]) + bytes(TEMPLATE_BYTES)
            rows.append(Row(position, "person", recording_id, "61.72", eye, irises))
    return rows


def seen(gallery: Gallery, position: int) -> tuple[int, list[list[Likeness]]]:
    found = gallery.search(PROBES, position, LIMITS, exhaustive=False)
    return gallery.size_at(position), found


@settings(max_examples=60, deadline=None)
@given(happened=events, cuts=st.lists(st.integers(0, 24), max_size=4), data=st.data())
def test_a_search_sees_the_rows_up_to_its_position_however_they_came(
    happened: list[tuple[int, int, bool]], cuts: list[int], data: st.DataObject
) -> None:
    rows = rows_of(happened)
    position = data.draw(st.integers(0, len(rows)))
    until_then = Gallery(segment_people=BLOCK)
    until_then.take(rows[:position])
    in_parts = Gallery(segment_people=BLOCK)
    for first, last in zip([0, *sorted(cuts)], [*sorted(cuts), len(rows)], strict=True):
        in_parts.take(rows[first:last])

    assert seen(in_parts, position) == seen(until_then, position)
    expected: dict[UUID, int | None] = {}
    for row in rows[:position]:
        if row.kind == "person":
            expected[row.recording_id] = row.nik
        else:
            del expected[row.recording_id]
    size, found = seen(in_parts, position)
    assert size == len(expected)
    assert [{one.recording_id for one in alike} for alike in found] == [
        {who for who, eye in expected.items() if eye == nth} for nth in range(len(PROBES))
    ]


@settings(max_examples=30, deadline=None)
@given(happened=events)
def test_shards_together_are_the_gallery(happened: list[tuple[int, int, bool]]) -> None:
    rows = rows_of(happened)
    whole = Gallery(segment_people=BLOCK)
    whole.take(rows)
    shards = [Gallery(segment_people=BLOCK) for _ in range(3)]
    for nth, shard in enumerate(shards):
        shard.take([row for row in rows if row.recording_id.int % 3 == nth])

    size, found = seen(whole, len(rows))
    parts = [seen(shard, len(rows)) for shard in shards]
    assert sum(part for part, _ in parts) == size
    assert sum(shard.rows_at(len(rows)) for shard in shards) == len(rows)
    for nth, alike in enumerate(found):
        together = [one for _, likenesses in parts for one in likenesses[nth]]
        assert set(together) == set(alike)
        assert len(together) == len(alike)


def test_rows_out_of_order_are_refused_whole() -> None:
    rows = rows_of([(person, person % 4, False) for person in range(4)])
    gallery = Gallery(segment_people=BLOCK)
    gallery.take(rows[:2])

    with pytest.raises(NotInOrder):
        gallery.take([rows[2], rows[1]])

    assert (gallery.position, gallery.size_at(9)) == (2, 2)
    gallery.take(rows[2:])
    assert gallery.size_at(9) == 4
