"""The iris template's layout, and the distance that every matcher here must agree with."""

import base64

import numpy as np
import pytest

from shared import iris

pytestmark = pytest.mark.rules


def _bits(seed: int, share: float = 0.5) -> np.ndarray:
    return np.random.default_rng(seed).random((2, 16, 256, 2)) < share


def _data(code: np.ndarray, mask: np.ndarray) -> str:
    return base64.b64encode(np.packbits(code).tobytes() + np.packbits(mask).tobytes()).decode()


def _slow_distance(one: tuple[np.ndarray, np.ndarray], two: tuple[np.ndarray, np.ndarray]) -> float:
    """Straight from the definition, on booleans."""
    found = []
    for turn in range(-15, 16):
        code, mask = (np.roll(part, turn, axis=2) for part in two)
        both = one[1] & mask
        found.append(((one[0] ^ code) & both).sum() / both.sum())
    return float(min(found))


def test_a_template_is_read_and_written_back() -> None:
    data = _data(_bits(1), _bits(2, 0.7))

    assert iris.data_of(iris.words_of(data)) == data
    words = iris.words_of(data)
    assert (iris.from_bytes(iris.to_bytes(words)) == words).all()


def test_the_distance_is_that_of_the_definition() -> None:
    one, two = (_bits(1), _bits(2, 0.7)), (_bits(3), _bits(4, 0.6))

    found = iris.distance(iris.words_of(_data(*one)), iris.words_of(_data(*two)))

    assert found == pytest.approx(_slow_distance(one, two), abs=1e-12)


def test_a_turned_eye_is_the_same_eye() -> None:
    code, mask = _bits(1), _bits(2, 0.7)
    turned = _data(np.roll(code, 9, axis=2), np.roll(mask, 9, axis=2))
    too_far = _data(np.roll(code, 16, axis=2), np.roll(mask, 16, axis=2))

    assert iris.distance(iris.words_of(_data(code, mask)), iris.words_of(turned)) == 0.0
    assert iris.distance(iris.words_of(_data(code, mask)), iris.words_of(too_far)) > 0.4


@pytest.mark.parametrize(
    "data", ["", "AAAA", "no base64!", base64.b64encode(bytes(4_096)).decode()]
)
def test_what_is_no_template_is_refused(data: str) -> None:
    with pytest.raises(iris.UnreadableTemplate):
        iris.words_of(data)
