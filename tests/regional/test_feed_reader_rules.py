"""What a page of the feed means."""

from dataclasses import dataclass
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.regional.feed_reader.rules import (
    PageDoesNotFit,
    check_page,
    freed_recordings,
    sort,
)
from shared.contracts.feed import FeedPage, page_bytes, read_page
from shared.contracts.outcomes import REMEDIES, Outcome
from tests.regional.pages import decision, fresh_permission
from tests.town import NEIGHBOUR, REGION

pytestmark = pytest.mark.rules


def a_page(positions: list[int], after: int = 0, region: str = REGION, epoch: int = 2) -> FeedPage:
    entries = [(pos, decision(UUID(int=pos), seq=pos)) for pos in positions]
    return read_page(page_bytes(region, epoch, after, max([after, *positions]), entries))


@given(after=st.integers(0, 10**6), count=st.integers(0, 5), epoch=st.integers(2, 4))
def test_a_page_without_a_hole_after_the_cursor_fits(after: int, count: int, epoch: int) -> None:
    page = a_page(list(range(after + 1, after + 1 + count)), after, epoch=epoch)

    check_page(page, REGION, after, epoch_known=2)


@dataclass(frozen=True)
class Case:
    positions: list[int]
    after: int = 10
    region: str = REGION
    epoch: int = 2


@pytest.mark.parametrize(
    "case",
    [
        Case([11, 13]),
        Case([12]),
        Case([12, 11]),
        Case([11, 11]),
        Case([10, 11]),
        Case([12], after=11),
        Case([10], after=9),
        Case([11], region=NEIGHBOUR),
        Case([11], epoch=1),
        Case([], epoch=1),
    ],
    ids=str,
)
def test_holes_other_cursors_other_regions_and_older_epochs_are_refused(case: Case) -> None:
    page = a_page(case.positions, case.after, case.region, case.epoch)

    with pytest.raises(PageDoesNotFit):
        check_page(page, REGION, applied_pos=10, epoch_known=2)


def test_unknown_kinds_and_versions_are_held_word_for_word_beside_their_neighbours() -> None:
    newer = {"version": 2, "kind": "decision", "recording_id": "x", "verdicts": [1, 2]}
    other = {"version": 1, "kind": "checkpoint", "root": "ab"}
    entries = [
        (1, decision(UUID(int=1))),
        (2, orjson.dumps(newer)),
        (3, fresh_permission(UUID(int=1))),
        (4, orjson.dumps(other)),
        (5, decision(UUID(int=5))),
    ]

    found = sort(read_page(page_bytes(REGION, 1, 0, 5, entries)))

    assert [pos for pos, _ in found.decisions] == [1, 5]
    assert [pos for pos, _ in found.fresh_permissions] == [3]
    assert [(one.pos, orjson.loads(one.body)) for one in found.held] == [(2, newer), (4, other)]


@pytest.mark.parametrize("outcome", Outcome)
def test_a_nik_is_free_again_exactly_when_the_remedy_is_to_record_again(outcome: Outcome) -> None:
    body = decision(UUID(int=1), outcome)
    found = sort(read_page(page_bytes(REGION, 1, 0, 1, [(1, body)])))

    freed = freed_recordings(found.decisions)

    assert freed == ([UUID(int=1)] if REMEDIES[outcome].nik_may_record_again else [])
