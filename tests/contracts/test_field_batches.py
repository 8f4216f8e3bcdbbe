"""A station's file is taken whole, or found out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.field_batch import NotABatch, seal, unseal
from shared.ids import new_id
from shared.signing import PinnedKeys, jwks_of, new_key
from tests.recordings import NOON

pytestmark = pytest.mark.rules

KEY = new_key("station")
PINNED = PinnedKeys(jwks_of([KEY]))
NAMED = [(new_id(), b'{"one":1}'), (new_id(), b'{"two":2}'), (new_id(), b"")]
CONTENT = seal(KEY, new_id(), "kecamatan-1", NOON, NAMED)


def test_what_is_packed_comes_out_as_it_went_in() -> None:
    batch = unseal(CONTENT, PINNED, NOON)

    assert batch.kid == "station"
    assert [one.recording_id for one in batch.manifest.recordings] == [one for one, _ in NAMED]
    assert list(batch.bodies) == [body for _, body in NAMED]
    assert batch.manifest.packed_at == NOON


@pytest.mark.parametrize("bit", range(8))
def test_one_changed_bit_is_noticed_wherever_it_is(bit: int) -> None:
    # The end of the last line alone holds nothing.
    for at in range(len(CONTENT) - 1):
        changed = bytearray(CONTENT)
        changed[at] ^= 1 << bit
        with pytest.raises(NotABatch):
            unseal(bytes(changed), PINNED, NOON)


@given(size=st.integers(0, len(CONTENT) - 2))
def test_half_a_file_is_noticed(size: int) -> None:
    with pytest.raises(NotABatch):
        unseal(CONTENT[:size], PINNED, NOON)


def test_another_stations_key_opens_nothing() -> None:
    with pytest.raises(NotABatch):
        unseal(CONTENT, PinnedKeys(jwks_of([new_key("station")])), NOON)
