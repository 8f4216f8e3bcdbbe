"""Where answers begin and end, whatever way their bytes are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.simulator.http_answers import HEAD_BYTES_MAX, AnswerReader, Part

pytestmark = pytest.mark.rules

LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    b"4;ext=1\r\nwiki\r\nA\r\n0123456789\r\n0\r\n\r\n"
)
TRAILERS = (
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\nsum: 1\r\n\r\n"
)
NOTHING = b"HTTP/1.1 204 No Content\r\nserver: x\r\n\r\n"
NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\ncontent-length: 900\r\n\r\n"
EMPTY = b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
ANSWERS = [LENGTH, CHUNKED, TRAILERS, NOTHING, NOT_MODIFIED, EMPTY]


def read(reader: AnswerReader, data: bytes, cuts: list[int]) -> list[Part]:
    edges = [0, *sorted(cuts), len(data)]
    return [part for start, end in pairwise(edges) for part in reader.read(data[start:end])]


@given(data=st.data(), answers=st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=6))
def test_every_answer_begins_once_and_no_byte_is_lost_however_it_is_cut(
    data: st.DataObject, answers: list[bytes]
) -> None:
    stream = b"".join(answers)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=12))
    reader = AnswerReader()

    parts = read(reader, stream, cuts)

    assert b"".join(part.data for part in parts) == stream
    begins = [part.data.split(b"\r\n")[0] for part in parts if part.begins]
    assert begins == [answer.split(b"\r\n")[0] for answer in answers]
    assert all(part.is_answer for part in parts)
    assert reader.is_between_answers


def test_an_interim_answer_is_none() -> None:
    parts = read(AnswerReader(), CONTINUE + LENGTH, [10, 30])

    assert [(part.begins, part.is_answer) for part in parts] == [
        (False, False),
        (True, True),
        (False, True),
    ]


def test_an_answer_to_head_has_no_body_and_the_next_one_is_seen() -> None:
    reader = AnswerReader()
    list(reader.read(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n"))

    reader.next_answer()

    assert [part.begins for part in reader.read(LENGTH)] == [True, False]


def test_an_answer_overheard_in_its_middle_passes_and_the_next_one_is_seen() -> None:
    reader = AnswerReader()
    reader.overhear()
    middle = list(reader.read(b"half a body"))
    reader.next_answer()

    assert middle == [Part(b"half a body", is_answer=False)]
    assert next(reader.read(LENGTH)).begins


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01 this is TLS",
        b"SSH-2.0-OpenSSH",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * HEAD_BYTES_MAX,
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnot a size\r\n",
    ],
    ids=["tls", "ssh", "upgrade", "endless head", "broken chunk"],
)
def test_what_is_not_understood_passes_untouched(data: bytes) -> None:
    reader = AnswerReader()

    parts = [*reader.read(data), *reader.read(LENGTH)]

    assert b"".join(part.data for part in parts) == data + LENGTH
    assert not parts[-1].is_answer


def test_an_answer_without_a_length_lasts_until_the_end() -> None:
    parts = read(AnswerReader(), b"HTTP/1.0 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", [])

    assert [part.begins for part in parts] == [True, False]


def test_what_was_held_is_given_back_at_the_end() -> None:
    reader = AnswerReader()

    assert list(reader.read(b"HTTP/1.1 200 OK\r\ncont")) == []
    assert reader.flush() == b"HTTP/1.1 200 OK\r\ncont"
