"""Speak to the centre: send a batch, ask for the position, read the feed.

Exceptions of httpx say nothing about whether the centre acted (`ReadError` came from requests that
were committed and from requests that never arrived), so they all become `Unknown`; ids and
positions make the next try safe. Timeouts of httpx are per read: a whole-request deadline stands
over each call.
"""

import asyncio
import random
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

import httpx
from pydantic import TypeAdapter, ValidationError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from services.regional.central_client.credentials import Tls, refused_by_tls, tls_trouble
from services.regional.central_client.key_words import KEY_TROUBLES
from services.regional.central_client.own_key import OwnKey
from services.regional.central_client.rules import wait_seconds
from services.regional.central_client.sockets import by_sockets
from services.regional.central_client.speech import Speech
from shared.clock import Clock, SystemClock
from shared.contracts.challenges import REPLAYED
from shared.contracts.envelopes import (
    MEDIA_TYPE,
    PAUSE_HEADER,
    POSITION,
    RECEIPT,
    WAITING_HEADER,
    Batch,
    BatchReceipt,
    RegionPosition,
    wire_bytes,
)
from shared.contracts.feed import FeedPage, read_page
from shared.contracts.resync import LIFE_HEADER
from shared.outside import PLAIN, is_packed, read_json
from shared.signing import (
    SIGNATURE_HEADER,
    BadSignature,
    ExpiredKey,
    PinnedKeys,
    SigningKey,
    verify_message,
)

TRIES_OF_SECONDS = 2
CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 30.0
SLOWEST_LINE_BYTES_PER_SECOND = 2_000
ANSWER_BYTES_MAX = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether the centre acted: try again with the same ids."""

    reason: str  # a kind of trouble, for the log and the queue's page; holds no data


@dataclass(frozen=True, slots=True)
class Refused:
    """The centre understood and will not; `code` is its problem's code."""

    code: str
    status: int
    expected_seq: int | None
    retry_after_seconds: float | None


@dataclass(frozen=True, slots=True)
class SignedPage:
    """A feed page with the bytes the centre signed: a restored centre is given them back."""

    page: FeedPage
    content: bytes
    signature: str


@dataclass(frozen=True, slots=True)
class Heard:
    """The centre's signed word on how far it holds this region's envelopes."""

    accepted_seq: int
    epoch: int
    content: bytes
    signature: str
    pause_seconds: float = 0.0  # how long the centre asks to wait before the next batch


class LineTroubleError(Exception):
    """Not an answer: bad weather, a cut, or something that is not the centre speaking."""


class CentralClient:
    """One region's way to the centre; keeps at most a few connections open."""

    def __init__(
        self,
        address: str,
        region: str,
        key: SigningKey | OwnKey,
        centre: "CentreKeys",
        tls: Tls | None = None,
        clock: Clock | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """tls: None for the world's usual authorities. transport: another way than by sockets."""
        self._address = address
        self._region = region
        self._speech = Speech(key)
        self._tls = tls
        self.key_trouble: str | None = None  # the centre's last word on our key, when it was bad
        self._clock = clock or SystemClock()
        self._centre = centre
        self._http = httpx.AsyncClient(
            base_url=address,
            headers=PLAIN,
            transport=transport or by_sockets(tls.context if tls else True),
            timeout=httpx.Timeout(
                connect=CONNECT_SECONDS, read=SILENCE_SECONDS, write=SILENCE_SECONDS, pool=5.0
            ),
            event_hooks={"response": [_bounded]},
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        await self._http.aclose()

    @property
    def region(self) -> str:
        return self._region

    async def once(
        self,
        method: str,
        path: str,
        *,
        purpose: str,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        seconds: float = SILENCE_SECONDS,
    ) -> httpx.Response:
        """One signed request and no second try. Raises LineTroubleError when nothing came back."""

        async def ask() -> httpx.Response:
            signed = {**(headers or {}), **self._speech.signed(purpose, content)}
            return await self._http.request(method, path, content=content, headers=signed)

        return await self._came_back(ask, seconds)

    async def vouch(self, purpose: str, content: bytes, response: httpx.Response) -> None:
        """Raises LineTroubleError unless the centre signed this."""
        try:
            keys = await self._centre.keys()
            token = response.headers.get(SIGNATURE_HEADER, "")
            verify_message(keys, purpose, content, token, self._clock.now())
        except BadSignature as doubt:
            raise LineTroubleError("answer not signed by the centre") from doubt
        except ExpiredKey as ended:
            raise LineTroubleError("the centre's key has expired") from ended

    async def send(
        self, batch: Batch, waiting: int = 0, life: UUID | None = None
    ) -> Heard | Refused | Unknown:
        """Offer a batch. `Heard` means everything up to `accepted_seq` is on the centre's disk.

        waiting: how many envelopes come after it; the centre makes its appointments by that.
        life: which start of this server speaks; None for one that never claimed any.
        """
        payload = wire_bytes(batch)
        seconds = SILENCE_SECONDS + len(payload) / SLOWEST_LINE_BYTES_PER_SECOND
        headers = {
            "content-type": MEDIA_TYPE,
            WAITING_HEADER: str(waiting),
            **_life(life),
        }
        path = f"/v1/regions/{self._region}/envelopes"

        async def post() -> httpx.Response:
            signed = self._speech.signed(f"envelopes {self._region}", batch.manifest_bytes)
            return await self._http.post(path, content=payload, headers=headers | signed)

        response = await self._answer(post, seconds, f"receipt {self._region}")
        return _heard(RECEIPT, response)

    async def position(self, waiting: int = 0) -> Heard | Refused | Unknown:
        """Where the centre stands with this region: small enough to be the probe of a bad line."""
        path = f"/v1/regions/{self._region}/position"
        response = await self._get(
            path, SILENCE_SECONDS, f"position {self._region}", {WAITING_HEADER: str(waiting)}
        )
        return _heard(POSITION, response)

    async def read_feed(
        self, after: int, entries_max: int, poll_seconds: int, life: UUID | None = None
    ) -> SignedPage | Refused | Unknown:
        """Entries after a position; an empty page when none came within `poll_seconds`."""
        path = (
            f"/v1/regions/{self._region}/feed?after={after}&limit={entries_max}&wait={poll_seconds}"
        )
        seconds = SILENCE_SECONDS + poll_seconds
        response = await self._get(path, seconds, f"feed {self._region} {after}", _life(life))
        if not isinstance(response, httpx.Response):
            return response
        try:
            page = read_page(response.content)
        except ValidationError:
            return UNREADABLE
        return SignedPage(page, response.content, response.headers[SIGNATURE_HEADER])

    async def tell(
        self,
        method: str,
        what: str,
        body: bytes,
        purpose: str,
        life: UUID | None = None,
        *,
        is_signed: bool = True,
    ) -> httpx.Response | Refused | Unknown:
        """Say something signed whole, or ask it with a GET; gives the signed answer."""
        path = f"/v1/regions/{self._region}/{what}"
        seconds = SILENCE_SECONDS + len(body) / SLOWEST_LINE_BYTES_PER_SECOND
        headers = {"content-type": "application/json", **_life(life)}

        async def ask() -> httpx.Response:
            signed = self._speech.signed(f"{method} {path}", body) if is_signed else {}
            return await self._http.request(method, path, content=body, headers=headers | signed)

        return await self._answer(ask, seconds, f"{purpose} {self._region}")

    async def centre_keys(self) -> PinnedKeys:
        """Raises LineTroubleError while they cannot be fetched."""
        return await self._centre.keys()

    async def _get(
        self, path: str, seconds: float, purpose: str, hints: Mapping[str, str] | None = None
    ) -> httpx.Response | Refused | Unknown:
        async def get() -> httpx.Response:
            headers = {**(hints or {}), **self._speech.signed(f"GET {path}", b"")}
            return await self._http.get(path, headers=headers, timeout=seconds)

        return await self._answer(get, seconds, purpose)

    async def _answer(
        self, ask: Callable[[], Awaitable[httpx.Response]], seconds: float, purpose: str
    ) -> httpx.Response | Refused | Unknown:
        """The centre's signed answer, or why there is none. tenacity runs the seconds here."""
        try:
            async for attempt in AsyncRetrying(
                retry=retry_if_exception_type(LineTroubleError),
                stop=stop_after_attempt(TRIES_OF_SECONDS),
                wait=_jittered_wait,
                reraise=True,
            ):
                with attempt:
                    return await self._once(ask, seconds, purpose)
        except LineTroubleError as trouble:
            return Unknown(str(trouble))
        raise AssertionError  # tenacity returns or raises

    async def _once(
        self, ask: Callable[[], Awaitable[httpx.Response]], seconds: float, purpose: str
    ) -> httpx.Response | Refused:
        response = await self._came_back(ask, seconds)
        if response.status_code != 200:
            refused = refusal_of(response)
            self.key_trouble = refused.code if refused.code in KEY_TROUBLES else None
            return refused
        await self.vouch(purpose, response.content, response)
        self.key_trouble = None
        return response

    async def _came_back(
        self, ask: Callable[[], Awaitable[httpx.Response]], seconds: float
    ) -> httpx.Response:
        """Any answer within a time. Raises LineTroubleError."""
        try:
            async with asyncio.timeout(seconds):
                response = await ask()
                if self._speech.hear(response):
                    response = await ask()
                    self._speech.hear(response)
                return response
        except (httpx.RequestError, TimeoutError, ssl.SSLError) as trouble:
            # An alert that comes after the handshake reaches us as TLS itself said it.
            raise LineTroubleError(await self._kind_of(trouble)) from trouble

    async def _kind_of(self, trouble: Exception) -> str:
        """Under TLS 1.3 a client whose certificate is refused sees a mere read error."""
        told = tls_trouble(trouble)
        if told is None and self._tls is not None and isinstance(trouble, httpx.ReadError):
            told = await asyncio.to_thread(refused_by_tls, self._address, self._tls)
        return told or type(trouble).__name__


# Signed by the centre, so no weather: a newer centre speaks, and this version must ask again later.
UNREADABLE = Unknown("answer of another version")


async def _bounded(response: httpx.Response) -> None:
    """Raises LineTroubleError before a body is read that no centre of ours would send."""
    if is_packed(response):
        raise LineTroubleError("a packed answer")
    if response.status_code == 204 or response.request.method == "HEAD":
        return  # these have no body by definition, whatever follows
    length = response.headers.get("content-length", "")
    if not length.isdigit() or int(length) > ANSWER_BYTES_MAX:
        raise LineTroubleError("an answer without a length, or a huge one")


def _life(life: UUID | None) -> dict[str, str]:
    return {LIFE_HEADER: str(life)} if life else {}


def _heard(
    word_type: TypeAdapter[BatchReceipt] | TypeAdapter[RegionPosition],
    response: httpx.Response | Refused | Unknown,
) -> Heard | Refused | Unknown:
    if not isinstance(response, httpx.Response):
        return response
    try:
        word = word_type.validate_json(response.content)
    except ValidationError:
        return UNREADABLE
    return Heard(
        word.accepted_seq,
        word.epoch,
        response.content,
        response.headers[SIGNATURE_HEADER],
        _pause(response.headers.get(PAUSE_HEADER, "")),
    )


def _pause(said: str) -> float:
    """A hint, not a word: anything but a plain number of seconds is no pause."""
    return float(said) if said.replace(".", "", 1).isdigit() and len(said) < 12 else 0.0


def refusal_of(response: httpx.Response) -> Refused:
    """Read a problem document; any other answer is from somebody between us and the centre."""
    try:
        problem = response.json()
        code = str(problem["code"])
    except (ValueError, KeyError, TypeError, RecursionError) as doubt:
        raise LineTroubleError(f"status {response.status_code} without a problem") from doubt
    # A line that doubles messages had ours heard twice: say it anew, it is not done twice.
    if response.status_code >= 500 or code == REPLAYED:
        raise LineTroubleError(code)
    expected = problem.get("expected_seq")
    retry_after = response.headers.get("retry-after", "")
    return Refused(
        code,
        response.status_code,
        expected if isinstance(expected, int) else None,
        float(retry_after) if retry_after.isdigit() else None,
    )


def _jittered_wait(state: RetryCallState) -> float:
    return wait_seconds(state.attempt_number, random.random(), 2.0)


class CentreKeys:
    """The centre's pinned public keys: given by a file, or fetched once from a named address."""

    def __init__(
        self,
        pinned: PinnedKeys | None,
        address: str | None,
        tls: Tls | None = None,
    ) -> None:
        self._pinned = pinned
        self._address = address
        self._tls = tls

    async def keys(self) -> PinnedKeys:
        """Raises LineTroubleError while an address does not answer."""
        if self._pinned is None:
            try:
                async with httpx.AsyncClient(
                    timeout=CONNECT_SECONDS,
                    trust_env=False,
                    verify=self._tls.context if self._tls else True,
                ) as http:
                    found = await read_json(http, str(self._address), SILENCE_SECONDS)
                self._pinned = PinnedKeys(found)
            except (httpx.HTTPError, TimeoutError, ValueError) as trouble:
                raise LineTroubleError("the centre's keys cannot be fetched") from trouble
        return self._pinned
