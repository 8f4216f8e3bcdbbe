"""Where the answers of an HTTP/1.1 server begin and end. Pure: bytes in, marked parts out.

Reads only what it must: status, length, chunks. What it does not understand (another protocol, an
upgraded connection, a head longer than `HEAD_BYTES_MAX`) passes as one endless part of no answer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

HEAD_BYTES_MAX: Final = 64 * 1024
_HEAD_END: Final = b"\r\n\r\n"
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.[01] (\d{3})[ \r]")
_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED: Final = re.compile(
    rb"\r\ntransfer-encoding:[^\r]*chunked[ \t]*\r\n", re.IGNORECASE
)  # fmt: skip
_INTERIM: Final = range(100, 200)
_BODILESS: Final = (204, 304)
_SWITCHED: Final = 101


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of at most one answer.

    begins: it starts a final answer, its head whole. `1xx` is no answer yet, and no part of one.
    """

    data: bytes
    begins: bool = False
    is_answer: bool = True


class AnswerReader:
    def __init__(self) -> None:
        self._state: Literal["head", "length", "chunk", "until_end", "overheard", "deaf"] = "head"
        self._held = bytearray()
        self._left = 0  # of the body or the chunk
        self._has_body_begun = False

    @property
    def is_between_answers(self) -> bool:
        return self._state == "head" and not self._held

    def next_answer(self) -> None:
        """A new request has gone up: an answer that announced a body and sent none was to HEAD."""
        is_to_head = self._state == "length" and not self._has_body_begun
        if is_to_head or self._state == "overheard":
            self._state = "head"

    def overhear(self) -> None:
        """Start in the middle of an answer: it passes as no answer, until the next request."""
        self._state = "overheard"

    def read(self, data: bytes) -> Iterator[Part]:
        """Mark the parts of what came; an unfinished head or chunk size is held back."""
        self._held += data
        while self._held:
            match self._state:
                case "head":
                    part = self._read_head()
                case "chunk":
                    part = self._read_chunk()
                case "length":
                    part = self._take(self._left)
                    self._left -= len(part.data)
                    if not self._left:
                        self._state = "head"
                case _:
                    part = self._take(len(self._held), is_answer=self._state == "until_end")
            if part is None:
                return
            yield part

    def flush(self) -> bytes:
        """Give back what was held, and understand nothing more."""
        held, self._held = bytes(self._held), bytearray()
        self._state = "deaf"
        return held

    def _take(self, size_bytes: int, *, begins: bool = False, is_answer: bool = True) -> Part:
        data = bytes(self._held[:size_bytes])
        del self._held[:size_bytes]
        self._has_body_begun = not begins
        return Part(data, begins, is_answer)

    def _read_head(self) -> Part | None:
        end = self._held.find(_HEAD_END)
        line = _STATUS_LINE.match(self._held)
        if end < 0 and len(self._held) < HEAD_BYTES_MAX and (line or len(self._held) < 13):
            return None
        if end < 0 or line is None:
            self._state = "deaf"
            return self._take(len(self._held), is_answer=False)
        head = bytes(self._held[: end + len(_HEAD_END)])
        status = int(line[1])
        if status in _INTERIM:
            self._state = "deaf" if status == _SWITCHED else "head"
            return self._take(len(head), is_answer=False)
        self._begin_body(status, head)
        return self._take(len(head), begins=True)

    def _begin_body(self, status: int, head: bytes) -> None:
        length = _LENGTH.search(head)
        if status in _BODILESS:
            self._state = "head"
        elif _CHUNKED.search(head):
            self._state, self._left = "chunk", 0
        elif length is not None:
            self._left = int(length[1])
            self._state = "length" if self._left else "head"
        else:
            self._state = "until_end"

    def _read_chunk(self) -> Part | None:
        """A chunk with its size line and both line ends, or as much of it as is there."""
        if self._left:
            part = self._take(self._left)
            self._left -= len(part.data)
            return part
        end = self._held.find(b"\r\n")
        if end < 0:
            return None
        try:
            size = int(bytes(self._held[:end]).split(b";")[0], 16)
        except ValueError:
            self._state = "deaf"
            return self._take(len(self._held), is_answer=False)
        if size:
            self._left = end + 2 + size + 2
            return self._read_chunk()
        closing = self._held.find(_HEAD_END, end)
        if closing < 0:
            return None
        self._state = "head"
        return self._take(closing + len(_HEAD_END))
