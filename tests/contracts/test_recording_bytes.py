"""The one encoding of a recording that is hashed, stored and sent."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.contracts.recording import CONTENT, RECORDING, Modality, canonical_bytes, digest
from shared.ids import new_id
from tests.recordings import a_recording, content

pytestmark = pytest.mark.rules

FREE_TEXTS = [
    ("card", "name"),
    ("card", "birth_place"),
    ("card", "occupation"),
    ("card", "address", "street"),
    ("mother_name",),
]
OTHER_TEXTS = [
    ("captured_by",),
    ("station",),
    ("card", "nik"),
    ("card", "address", "rt"),
    ("card", "address", "ward"),
    ("family_card",),
    ("biometrics", "templates", "iris_right", "data"),
    ("biometrics", "templates", "iris_right", "format"),
    ("biometrics", "images", "face"),
]


def with_text(path: tuple[str, ...], text: str) -> bytes:
    made: Any = content()
    place = made
    for member in path[:-1]:
        place = place[member]
    place[path[-1]] = text
    return orjson.dumps(made)


@given(path=st.sampled_from(FREE_TEXTS), text=st.text(min_size=1, max_size=60))
def test_whatever_a_name_holds_the_bytes_are_one_line_and_say_the_same(
    path: tuple[str, ...], text: str
) -> None:
    recording_id = new_id()
    try:
        read = CONTENT.validate_json(with_text(path, text))
    except (ValidationError, orjson.JSONEncodeError):
        return  # refused: then there are no bytes

    body = canonical_bytes(recording_id, read)

    assert b"\n" not in body
    assert b"\r" not in body
    again = RECORDING.validate_json(body)
    assert canonical_bytes(recording_id, again) == body
    assert again.recording_id == recording_id


@pytest.mark.parametrize("path", FREE_TEXTS + OTHER_TEXTS, ids=".".join)
@pytest.mark.parametrize("broken", ["\n", "A\nB", "AB\n", "\nAB", "A\rB", "A\u2028B", "A\x00B"])
def test_no_text_may_hold_a_line_break(path: tuple[str, ...], broken: str) -> None:
    with pytest.raises(ValidationError):
        CONTENT.validate_json(with_text(path, broken))


@pytest.mark.parametrize(
    "number", ["6172025207900003\n", "617202520790000", "617202520790000\uff13"]
)
def test_a_nik_is_sixteen_ascii_digits_and_not_one_character_more(number: str) -> None:
    with pytest.raises(ValidationError):
        CONTENT.validate_json(with_text(("card", "nik"), number))


def test_both_doors_give_the_same_bytes() -> None:
    """By its own id in the address, or whole in a list: one recording, one hash."""
    whole = a_recording()
    alone = CONTENT.validate_json(orjson.dumps(content()))

    assert canonical_bytes(whole.recording_id, alone) == canonical_bytes(whole.recording_id, whole)


@given(order=st.permutations(list(Modality)))
def test_the_order_in_which_a_station_writes_members_changes_nothing(order: list[Modality]) -> None:
    images = {one.value: "5e" * 32 for one in order}
    biometrics = {"images": images, "templates": {}, "exceptions": {}}
    sorted_images = {one.value: "5e" * 32 for one in Modality}
    recording_id = new_id()
    shuffled = dict(reversed(content(biometrics=biometrics).items()))

    one = CONTENT.validate_json(orjson.dumps(shuffled))
    other = CONTENT.validate_json(
        orjson.dumps(content(biometrics=biometrics | {"images": sorted_images}))
    )

    assert digest(canonical_bytes(recording_id, one)) == digest(
        canonical_bytes(recording_id, other)
    )


@pytest.mark.parametrize(
    "changed",
    [
        content(presence="by_proxy"),
        content(captured_at="2017-10-13T09:15:00"),
        content(captured_at="1999-10-13T09:15:00Z"),
        content(captured_at=1507860900),
        content(unheard_of=1),
        content(card={"nik": 6172025207900003}),
        content(card={"name": ""}),
        content(card={"name": "A" * 61}),
        content(card={"sex": "F"}),
    ],
)
def test_what_the_contract_does_not_say_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CONTENT.validate_json(orjson.dumps(changed))
