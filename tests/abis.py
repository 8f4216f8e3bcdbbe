"""A stand-in ABIS on a real socket: MOSIP's messages, and plain numpy for a matcher.

What it does wrong it is told to do: `spoil` an answer, `drop` one after acting, call somebody too
poor, name somebody for no reason, forget.
"""

import xml.etree.ElementTree as ET
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import orjson
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from fastapi import FastAPI, Request, Response
from starlette.types import Receive, Scope, Send

from shared.doors.serve import Draining
from shared.iris import Words, distance, words_of
from tests.recordings import NOON
from tests.town import Served

CBEFF = "{http://standards.iso.org/iso-iec/19785/-3/ed-2/}"
ALIKE = 0.33
INSERT, IDENTIFY, DELETE, COUNT = (
    f"mosip.abis.{name}" for name in ("insert", "identify", "delete", "referenceCount")
)
Eyes = dict[str, Words]
CENTRE = "http://centre.test"  # as the centre calls itself; the stand-in knows where it is


class Dropped(Response):
    """The answer that never came: the connection ends in its middle."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = {"status": 200, "headers": [(b"content-length", b"1000")]}
        await send({"type": "http.response.start", **head})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


class StandIn:
    def __init__(self) -> None:
        self.served = Served()
        self.centre = ""
        self.secret: str | None = None
        self.key: RSAPrivateKey | None = None  # what it is given is sealed for this one
        self.held: dict[UUID, Eyes] = {}
        self.asked: list[dict[str, Any]] = []
        self.drop: list[str] = []  # the next answers to these messages
        self.spoil: dict[str, Callable[[dict[str, Any]], Any]] = {}
        self.before: dict[str, Callable[[], Awaitable[None]]] = {}  # what happens first, once
        self.too_poor: set[UUID] = set()
        self.named_always: dict[UUID, str] = {}  # with this confidence
        self.app = FastAPI()
        self.app.add_api_route("/abis", self._answer, methods=["POST"])

    @property
    def address(self) -> str:
        return f"{self.served.address}/abis"

    async def start(self) -> None:
        await self.served.start(self.app, Draining())

    async def stop(self) -> None:
        await self.served.stop()

    def count_of(self, message: str) -> int:
        return sum(one["id"] == message for one in self.asked)

    async def _answer(self, request: Request) -> Response:
        if self.secret and request.headers.get("authorization") != f"Bearer {self.secret}":
            return Response(status_code=401)
        question = orjson.loads(await request.body())
        self.asked.append(question)
        told = {
            "id": question["id"],
            "requestId": question["requestId"],
            "responsetime": question["requesttime"],
            "returnValue": "1",
        }
        if happens := self.before.pop(question["id"], None):
            await happens()
        result = await self._act(question)
        if isinstance(result, str):
            told |= {"returnValue": "2", "failureReason": result}
        else:
            told |= result
        if question["id"] in self.drop:
            self.drop.remove(question["id"])
            return Dropped()
        spoil = self.spoil.get(question["id"])
        spoiled = spoil(told) if spoil else told
        if isinstance(spoiled, Response):
            return spoiled
        return Response(orjson.dumps(spoiled), media_type="application/json")

    async def _act(self, question: dict[str, Any]) -> dict[str, Any] | str:
        if question["version"] != "1.1":
            return "13"
        if question["id"] == COUNT:
            return {"count": str(len(self.held))}
        reference = UUID(question["referenceId"])
        if question["id"] == INSERT:
            return await self._insert(reference, question["referenceURL"])
        if question["id"] == DELETE:
            return {} if self.held.pop(reference, None) else "12"
        if question["id"] == IDENTIFY:
            return self._identify(reference) if reference in self.held else "12"
        return "14"

    async def _insert(self, reference: UUID, address: str) -> dict[str, Any] | str:
        if reference in self.held:
            return "10"
        async with httpx.AsyncClient(trust_env=False, verify=False) as client:
            fetched = await client.get(address.replace(CENTRE, self.centre))
        if fetched.status_code != 200:
            return "7"
        document = fetched.content if self.key is None else opened(self.key, fetched.content)
        eyes = dict(eyes_in(document))
        if not eyes:
            return "11"
        if reference in self.too_poor:
            return "18"
        self.held[reference] = eyes
        return {}

    def _identify(self, reference: UUID) -> dict[str, Any]:
        probe = self.held[reference]
        named = {
            other: f"{100 * (1 - least):.1f}"
            for other, eyes in self.held.items()
            if (least := min_distance(probe, eyes)) <= ALIKE
        } | self.named_always
        candidates = [
            {
                "referenceId": str(one),
                "analytics": {"confidence": score, "more": {"of": "its own"}},
                "modalities": [{"biometricType": "IIR", "analytics": {"confidence": score}}],
            }
            for one, score in named.items()
        ]
        return {"candidateList": {"count": str(len(named)), "candidates": candidates}}


def eyes_in(document: bytes) -> Iterator[tuple[str, Words]]:
    """Left and right as a CBEFF document of the centre holds them."""
    for bir in ET.fromstring(document).findall(f"{CBEFF}BIR"):
        eye, template = bir.findtext(f".//{CBEFF}Subtype"), bir.findtext(f"{CBEFF}BDB")
        assert eye is not None
        assert template is not None
        yield eye, words_of(template)


def opened(key: RSAPrivateKey, sealed: bytes) -> bytes:
    """A document as MOSIP seals it, opened as MOSIP's own stand-in opens it."""
    raw = urlsafe_b64decode(sealed + b"=" * (-len(sealed) % 4))
    head, _, rest = raw.partition(b"#KEY_SPLITTER#")
    assert head[:6] == b"VER_R2"
    secret = key.decrypt(head[6 + 32 :], OAEP(MGF1(SHA256()), SHA256(), None))
    return AESGCM(secret).decrypt(rest[:12], rest[32:], rest[:32])


def a_certificate(key: RSAPrivateKey | Ed25519PrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an ABIS")])
    algorithm = SHA256() if isinstance(key, RSAPrivateKey) else None
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOON)
        .not_valid_after(NOON + timedelta(days=1))
        .sign(key, algorithm)
    )


def min_distance(one: Eyes, other: Eyes) -> float:
    return min((distance(one[eye], other[eye]) for eye in one.keys() & other.keys()), default=1.0)
