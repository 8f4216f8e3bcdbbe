"""What the HTTP toxics do to the answers of one connection. Pure: bytes in, bytes out.

The server behind has acted by then: a toxic bites once the head of the answer is back from it.
"""

from collections.abc import Sequence
from http import HTTPStatus

from services.simulator.bites import Bite
from services.simulator.http_answers import AnswerReader, Part


class AnswerFaults:
    """breaks_after_ms: the connection is to be reset so much later; nothing more passes."""

    def __init__(self) -> None:
        self.breaks_after_ms: int | None = None
        self._reader = AnswerReader()
        self._biter: Bite | None = None  # of the answer that passes now
        self._answer_bytes = 0  # of it so far
        self.overhear = self._reader.overhear
        self.next_answer = self._reader.next_answer
        self.flush = self._reader.flush

    def bite(self, data: bytes, bites: Sequence[Bite]) -> bytes:
        """Let each answer that begins meet the bites, the first that strikes wins."""
        passes = bytearray()
        for part in self._reader.read(data):
            if part.begins:
                self._biter = next((bite for bite in bites if bite.strikes_answer()), None)
                self._answer_bytes = 0
            passes += self._bitten(part)
            if self.breaks_after_ms is not None:
                break
        return bytes(passes)

    def _bitten(self, part: Part) -> bytes:
        biter = self._biter
        if biter is None or not part.is_answer:
            return part.data
        if biter.fitting.toxic.type == "status":
            return _bare_answer(biter["status"]) if part.begins else b""
        left_bytes = max(0, biter["bytes"] - self._answer_bytes)
        self._answer_bytes += len(part.data)
        if self._answer_bytes >= biter["bytes"]:
            self.breaks_after_ms = biter["timeout"]
        return part.data[:left_bytes]


def _bare_answer(status: int) -> bytes:
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unnamed"
    return f"HTTP/1.1 {status} {phrase}\r\ncontent-length: 0\r\n\r\n".encode("ascii")
