"""The development issuer behind its real doors, able to misbehave, and a desk that trusts it."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from services.central.adjudication.page import HOME
from services.simulator.issuer.app import DevelopmentIssuer, create_app
from services.simulator.issuer.codes import Client, Granted
from shared.clock import Clock
from shared.doors.serve import Draining
from shared.oidc.issuer import Issuer
from shared.oidc.plan import CALLBACK, IssuerPlan
from shared.pages.issuer_sign_in import AT_ISSUER
from shared.pages.sign_in import WaysIn
from shared.signing import new_key
from tests.doors.adjudication_world import Desk, desk_of
from tests.town import Databases, Served

REDIRECT = f"https://centre.example{CALLBACK}"
CLIENT = Client("central", "a secret: with / odd & signs", (REDIRECT,))
Signer = Callable[[Mapping[str, Any]], str]


@dataclass
class Misbehaving(DevelopmentIssuer):
    """changes: to the claims of each token, None to leave one out. signer: instead of its key."""

    changes: dict[str, Any] = field(default_factory=dict)
    signer: Signer | None = None
    published: list[dict[str, Any]] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)
    is_broken: bool = False

    def behave(self) -> None:
        self.changes, self.signer, self.published, self.told = {}, None, [], {}

    def claims(self, granted: Granted, audience: str) -> dict[str, Any]:
        claims = {**super().claims(granted, audience), **self.changes}
        return {name: value for name, value in claims.items() if value is not None}

    def sign(self, claims: Mapping[str, Any]) -> str:
        return self.signer(claims) if self.signer else super().sign(claims)

    def jwks(self) -> dict[str, object]:
        return {"keys": [self.key.public_jwk, *self.published]}

    def metadata(self) -> dict[str, Any]:
        if self.is_broken:
            raise RuntimeError("broken for a test")
        return {**super().metadata(), **self.told}


class Window:
    """One browser at the desk: it keeps the cookies it is given, and sends them everywhere."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.cookies: dict[str, str] = {}

    async def get(self, path: str) -> httpx.Response:
        told = "; ".join(f"{name}={value}" for name, value in self.cookies.items() if value)
        answer = await self.client.get(path, headers={"cookie": told} if told else {})
        for cookie in answer.headers.get_list("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    async def begin(self, wanted: str = HOME) -> str:
        """Gives the issuer's address that it is sent to."""
        answer = await self.get(f"{AT_ISSUER}?next={wanted}")
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def choose(self, address: str, officer: str = "adjudicator-1") -> dict[str, str]:
        """What the issuer sends back with, after somebody pressed an officer's button."""
        answer = await self.client.post(address, data={"officer": officer})
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].startswith(REDIRECT)
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        return {name: values[0] for name, values in query.items()}

    async def come_back(self, told: Mapping[str, str]) -> httpx.Response:
        return await self.get(f"{CALLBACK}?{httpx.QueryParams(dict(told))}")

    async def sign_in(self, officer: str = "adjudicator-1") -> httpx.Response:
        return await self.come_back(await self.choose(await self.begin(), officer))

    async def is_in(self) -> bool:
        return (await self.get(HOME)).status_code == 200


@dataclass
class IssuerWorld:
    issuer: Misbehaving
    trusted: Issuer
    desk: Desk

    @asynccontextmanager
    async def window(self) -> AsyncIterator[Window]:
        async with self.desk.client() as client:
            yield Window(client)

    def forget(self) -> None:
        """As after a while: the issuer is asked anew."""
        self.trusted._read_at = float("-inf")


@asynccontextmanager
async def issuer_world(databases: Databases, folder: Path) -> AsyncIterator[IssuerWorld]:
    key = new_key("development")
    served = Served()
    trusted: list[Issuer] = []

    def ways(clock: Clock) -> WaysIn:
        plan = IssuerPlan(served.address, CLIENT.client_id, CLIENT.secret, REDIRECT, "tunggal")
        trusted.append(Issuer(plan, clock, None))
        return WaysIn(trusted[0], new_key("centre"), takes_tokens=False)

    issuer = Misbehaving("", key, {CLIENT.client_id: CLIENT}, clock=None)  # type: ignore[arg-type]
    await served.start(create_app(issuer), Draining())
    issuer.address = served.address
    try:
        async with desk_of(databases, folder, ways_of=ways) as desk:
            issuer.clock = desk.clock
            yield IssuerWorld(issuer, trusted[0], desk)
    finally:
        await served.stop()


def signing_with(
    key: OKPKey | RSAKey | ECKey, algorithm: str, kid: str = "theirs", **header: Any
) -> Signer:
    """Signs as another kind of issuer does."""

    def sign(claims: Mapping[str, Any]) -> str:
        head = {"alg": algorithm, "kid": kid, "typ": "JWT", **header}
        registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
        return jws.serialize_compact(head, json.dumps(claims).encode(), key, registry=registry)

    return sign


def public(key: OKPKey | RSAKey | ECKey, **members: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": "theirs", "use": "sig", **members}
