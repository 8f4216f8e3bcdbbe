import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.central.evidence.rules import (
    Elsewhere,
    TooLarge,
    Upload,
    Write,
    fit,
    images_named,
    standing,
)
from shared.contracts.evidence import (
    EVIDENCE_BYTES_MAX,
    UploadState,
    read_offset,
    read_state,
    read_yes_no,
)

pytestmark = pytest.mark.rules

sizes = st.integers(0, EVIDENCE_BYTES_MAX)


def an_upload(offset: int, *, is_received: bool = False) -> Upload:
    return Upload(b"\x9f" * 32, offset, 0, is_received)


@given(stands_at=sizes, spooled=sizes, offset=sizes, length=st.integers(0, 2**20))
def test_a_piece_is_written_only_where_the_upload_stands(
    stands_at: int, spooled: int, offset: int, length: int
) -> None:
    upload = an_upload(stands_at)
    true_place = stands_at if spooled >= stands_at else 0

    placed = fit(upload, spooled, offset, length)

    assert standing(upload, spooled) == true_place
    if offset != true_place:
        assert placed == Elsewhere(true_place)
    elif offset + length > EVIDENCE_BYTES_MAX:
        assert placed == TooLarge()
    else:
        assert placed == Write(offset + length)


@given(offset=sizes, length=st.integers(1, 2**20))
def test_nothing_is_added_to_an_image_that_is_whole(offset: int, length: int) -> None:
    whole = an_upload(700, is_received=True)

    assert fit(whole, 0, offset, length) == Elsewhere(700)
    assert fit(whole, 0, 700, 0) == Write(700), "its last piece again is no fault"


def test_bytes_a_crash_left_behind_the_offset_do_not_count() -> None:
    assert standing(an_upload(100), 5_000) == 100


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'{"biometrics": 3}',
        b'{"biometrics": {"images": ["face"]}}',
        b'{"biometrics": {"images": {"face": 7, "signature": "9F"}}}',
        b'{"biometrics": {"images": {"face": "%b"}}}' % (b"9F" * 32),
    ],
)
def test_a_body_that_cannot_be_read_names_no_image(body: bytes) -> None:
    assert images_named(body) == {}


def test_images_of_a_later_version_are_read_beside_what_is_not_known() -> None:
    body = orjson.dumps(
        {"newer": [1], "biometrics": {"images": {"face": "9f" * 32, "palm": "5e" * 32}}}
    )

    assert images_named(body) == {"face": "9f" * 32, "palm": "5e" * 32}


@given(offset=st.integers(0, 10**14), is_complete=st.booleans(), epoch=st.integers(0, 1_000))
def test_a_state_is_read_as_it_was_written(offset: int, is_complete: bool, epoch: int) -> None:
    state = UploadState(offset, is_complete, epoch)

    assert read_state(state.headers()) == state
    assert state.signed_text != UploadState(offset + 1, is_complete, epoch).signed_text
    assert state.signed_text != UploadState(offset, not is_complete, epoch).signed_text


@pytest.mark.parametrize("text", ["", " 1", "+1", "-1", "1.0", "1e3", "٣", "1" * 16, "?1"])
def test_an_offset_is_plain_digits(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        read_offset(text)


@pytest.mark.parametrize("text", ["", "1", "true", "?2", "?1 ", "?"])
def test_yes_and_no_are_structured_booleans(text: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        read_yes_no(text)
