"""Ask an ABIS over HTTP: one message in, one message out, everything bounded.

Every message is safe to repeat: an id that is there already, or gone already, is what was wanted,
and looking for somebody changes nothing. Timeouts of httpx are for each read; a deadline stands
over the whole of each question.
"""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import httpx
import structlog
from pydantic import SecretStr, ValidationError
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random

from services.central.penunggalan.abis.messages import (
    A,
    Answer,
    Candidate,
    Counted,
    Delete,
    Failure,
    Identified,
    Identify,
    Insert,
    Question,
    ReferenceCount,
    moment,
)
from shared.clock import Clock
from shared.ids import new_id

TRIES: Final = 2
ANSWER_BYTES_MAX: Final = 1024 * 1024
CONNECTIONS_MAX: Final = 16


class AbisTrouble(Exception):
    """No answer that can be used: nobody knows what the ABIS did, or whom it would name.

    Its words are ours and hold nothing that was said to us.
    """


def words_of(trouble: Exception) -> str:
    """For the log: what troubles of others say could repeat people."""
    return str(trouble) if isinstance(trouble, AbisTrouble) else type(trouble).__name__


class Abis:
    """One address that takes every message by POST; its `id` says which."""

    def __init__(
        self, address: str, secret: SecretStr | None, seconds_max: float, clock: Clock
    ) -> None:
        self.address = address
        self._seconds_max = seconds_max
        self._clock = clock
        headers = {"accept": "application/json", "accept-encoding": "identity"}
        if secret:
            headers["authorization"] = f"Bearer {secret.get_secret_value()}"
        # The machine's own certificates: an ABIS stands in the same house as the centre.
        tls = ssl.create_default_context() if address.startswith("https:") else False
        self._http = httpx.AsyncClient(
            headers=headers,
            timeout=seconds_max,
            limits=httpx.Limits(max_connections=CONNECTIONS_MAX),
            trust_env=False,
            verify=tls,
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def insert(self, reference_id: UUID, reference_url: str) -> bool:
        """Have it hold somebody; False: their irises are too poor for it. Raises AbisTrouble."""
        question = {"reference_id": reference_id, "reference_url": reference_url}
        answer = await self._ask(Insert, question, Answer)
        if answer.failure_reason == Failure.POOR_QUALITY:
            return False
        _need(Insert, answer, Failure.EXISTS)
        return True

    async def identify(
        self, reference_id: UUID, flags: Mapping[str, str]
    ) -> tuple[Candidate, ...] | None:
        """Whom it calls alike; None: too poor to say. Raises AbisTrouble."""
        question = {"reference_id": reference_id, "flags": flags}
        answer = await self._ask(Identify, question, Identified)
        if answer.failure_reason == Failure.POOR_QUALITY:
            return None
        _need(Identify, answer)
        assert isinstance(answer, Identified)
        return answer.candidate_list.candidates

    async def delete(self, reference_id: UUID) -> None:
        """Raises AbisTrouble."""
        answer = await self._ask(Delete, {"reference_id": reference_id}, Answer)
        _need(Delete, answer, Failure.NOT_FOUND)

    async def count(self) -> int:
        """How many it holds. Raises AbisTrouble."""
        answer = await self._ask(ReferenceCount, {}, Counted)
        _need(ReferenceCount, answer)
        assert isinstance(answer, Counted)
        return int(answer.count)

    async def _ask(
        self, kind: type[Question], question: dict[str, Any], expected: type[A]
    ) -> A | Answer:
        """An answer to exactly this question: `expected`, or a failure."""
        try:
            async for attempt in AsyncRetrying(
                retry=retry_if_exception_type(httpx.TransportError),
                stop=stop_after_attempt(TRIES),
                wait=wait_random(0.05, 0.2),
                reraise=True,
            ):
                with attempt:
                    async with asyncio.timeout(self._seconds_max):
                        return await self._once(kind, question, expected)
        except (httpx.HTTPError, TimeoutError, OSError) as trouble:
            raise AbisTrouble(type(trouble).__name__) from trouble
        except ValidationError as fault:
            raise AbisTrouble("an answer of another shape") from fault
        raise AssertionError  # tenacity returns or raises

    async def _once(
        self, kind: type[Question], question: dict[str, Any], expected: type[A]
    ) -> A | Answer:
        said = kind(request_id=new_id(), requesttime=moment(self._clock.now()), **question)
        body = said.model_dump_json(by_alias=True).encode()
        async with self._http.stream(
            "POST", self.address, content=body, headers={"content-type": "application/json"}
        ) as response:
            if response.status_code != httpx.codes.OK:
                raise AbisTrouble(f"HTTP {response.status_code}")
            told = await _read(response)
        answer = Answer.model_validate_json(told)
        if answer.request_id != said.request_id:
            raise AbisTrouble("an answer to another question")
        if answer.return_value == "2":
            return answer
        if answer.id != said.id:
            raise AbisTrouble("an answer to another kind of question")
        return expected.model_validate_json(told)


async def _read(response: httpx.Response) -> bytes:
    told = bytearray()
    async for piece in response.aiter_bytes():
        told += piece
        if len(told) > ANSWER_BYTES_MAX:
            raise AbisTrouble("a huge answer")
    return bytes(told)


def _need(kind: type[Question], answer: Answer, *harmless: Failure) -> None:
    """Raises AbisTrouble, unless it was done or there was nothing to do."""
    if answer.failure_reason is None or answer.failure_reason in harmless:
        return
    name = kind.model_fields["id"].default
    structlog.get_logger().warning("abis.failed", message=name, reason=answer.failure_reason)
    raise AbisTrouble(f"failure {answer.failure_reason}")
