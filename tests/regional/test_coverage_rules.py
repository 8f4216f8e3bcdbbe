"""Percentages, and how wards add up."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.regional.coverage.rules import Counted, add, by_district, percent

pytestmark = pytest.mark.rules


def test_the_sources_percentage() -> None:
    assert percent(137_533, 187_433) == 73.38
    assert percent(0, 5) == 0.0
    assert percent(0, 0) is None


counts = st.integers(0, 10**6)
wards = st.lists(
    st.builds(
        Counted,
        st.builds("61.72.{:02d}.{:04d}".format, st.integers(1, 5), st.integers(1001, 1009)),
        counts,
        counts,
        counts,
        counts,
    ),
    max_size=20,
)


@given(wards=wards)
def test_districts_add_up_to_what_their_wards_are(wards: Sequence[Counted]) -> None:
    districts = by_district(wards)

    codes = [one.code for one in districts]
    assert codes == sorted({ward.code[:8] for ward in wards})
    zero = Counted("61.72", 0, 0, 0, 0)
    in_wards = in_districts = zero
    for ward in wards:
        in_wards = add(in_wards, ward)
    for district in districts:
        in_districts = add(in_districts, district)
    assert in_districts == in_wards
