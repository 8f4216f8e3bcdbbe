"""The issuer over the network: its metadata and keys, kept for a while, and a code for a token."""

import asyncio
import secrets
import ssl
import time
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote_plus, urlencode

import httpx
import structlog

from shared.clock import Clock
from shared.oidc import rules
from shared.oidc.keys import IssuerKey, issuer_named_by, keys_of, verified
from shared.oidc.plan import IssuerPlan, plan_of
from shared.oidc.rules import Begun, Doubt, Metadata, NotBelieved
from shared.refusals import Refusal, TokenKeysUnavailable
from shared.roles import (
    KEYS_AGE_SECONDS_MAX,
    KEYS_REFRESH_SECONDS,
    KEYS_RETRY_SECONDS,
    Caller,
    bad_token,
    caller_at,
)
from shared.settings import ServiceSettings

ANSWER_SECONDS_MAX = 5.0
ANSWER_BYTES_MAX = 256 * 1024
SECRET_BYTES = 32

log = structlog.get_logger()


class IssuerUnavailable(Refusal):
    """The office's issuer does not answer, or not as an issuer does. Nobody was signed in."""

    code, status = "issuer-unavailable", 503
    title = "Signing in is not possible at the moment"
    next_action = "Try again in a minute; if it stays, tell operations to look at the issuer."
    next_action_id = "Coba lagi sebentar lagi; bila tetap, minta bagian operasi memeriksa penerbit."
    always_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "30"}


class Issuer:
    """One issuer, for one service; what it says is read anew after a while, and kept meanwhile."""

    def __init__(self, plan: IssuerPlan, clock: Clock, region: str | None) -> None:
        """region: this server's; None: the centre."""
        self.plan = plan
        self._clock = clock
        self._region = region
        self._metadata: Metadata | None = None
        self._keys: dict[str, IssuerKey] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    @property
    def end_session(self) -> str | None:
        """Where people sign out of the issuer, too; None as long as it has not said so."""
        if self._metadata is None or self._metadata.end_session is None:
            return None
        back = self.plan.redirect.removesuffix("/callback")
        asked = {"client_id": self.plan.client_id, "post_logout_redirect_uri": back}
        return f"{self._metadata.end_session}?{urlencode(asked)}"

    async def begin(self, wanted: str) -> tuple[Begun, str]:
        """What the browser must keep, and where it goes. Refuses: IssuerUnavailable."""
        metadata = await self._known()
        state, nonce, verifier = (secrets.token_urlsafe(SECRET_BYTES) for _ in range(3))
        begun = Begun(state, nonce, verifier, wanted)
        return begun, rules.sign_in_address(metadata, self.plan, begun)

    async def finish(self, begun: Begun, answer: Mapping[str, str]) -> tuple[Caller, str | None]:
        """Who signed in, and the issuer's name for that session.

        Refuses: IssuerUnavailable, Forbidden. Raises NotBelieved.
        """
        metadata = await self._known()
        code = rules.code_of(answer, begun, metadata, self.plan.issuer)
        claims = await self._verified(await self._exchange(metadata, code, begun.verifier))
        rules.check_id_token(claims, self.plan, begun.nonce, self._clock.now())
        session = claims.get("sid")
        return self._caller(claims), session if isinstance(session, str) else None

    def is_of(self, token: str) -> bool:
        """Whether an access token says it is this issuer's, and those count at the API."""
        return self.plan.audience is not None and issuer_named_by(token) == self.plan.issuer

    async def admit(self, token: str) -> tuple[Caller, int]:
        """Whom an access token names at the API, and when it ends, in seconds.

        Refuses: Unauthenticated, Forbidden, TokenKeysUnavailable.
        """
        try:
            claims = await self._verified(token)
            expires_at = rules.check_access_token(claims, self.plan, self._clock.now())
            return self._caller(claims), expires_at
        except IssuerUnavailable:
            raise TokenKeysUnavailable from None
        except NotBelieved:
            raise bad_token() from None

    def _caller(self, claims: Mapping[str, Any]) -> Caller:
        person = rules.person_of(claims, self.plan.claims)
        return caller_at(self._region, person.subject, person.roles, person.region, person.office)

    async def _verified(self, token: str) -> dict[str, Any]:
        await self._known()
        try:
            return verified(token, self._keys)
        except NotBelieved as doubt:
            if doubt.doubt is not Doubt.KEY:
                raise
        # An unknown key may be a new one; forged tokens make us ask but once in a while.
        await self._read(KEYS_REFRESH_SECONDS)
        return verified(token, self._keys)

    async def _known(self) -> Metadata:
        if self._metadata is None:
            await self._read(KEYS_RETRY_SECONDS)
        elif time.monotonic() - self._read_at > KEYS_AGE_SECONDS_MAX:
            await self._read(KEYS_REFRESH_SECONDS)
        if self._metadata is None:
            raise IssuerUnavailable
        return self._metadata

    async def _read(self, pause_seconds: float) -> None:
        """Metadata and keys, unless they were read a moment ago; what is known outlives trouble."""
        async with self._reading:
            if time.monotonic() - self._read_at < pause_seconds:
                return
            self._read_at = time.monotonic()
            place = self.plan.issuer.rstrip("/") + "/.well-known/openid-configuration"
            try:
                async with self._client() as http:
                    found = rules.metadata_of(await _json(http, "GET", place), self.plan.issuer)
                    keys = keys_of(await _json(http, "GET", found.keys), self.plan.algorithms)
            except (httpx.HTTPError, NotBelieved, TimeoutError, ValueError) as trouble:
                log.warning("issuer.not_read", trouble=type(trouble).__name__)
                return
            self._metadata, self._keys = found, keys

    async def _exchange(self, metadata: Metadata, code: str, verifier: str) -> str:
        """The ID token for a code. Raises NotBelieved: the issuer does not know the code."""
        told = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.plan.redirect,
            "code_verifier": verifier,
        }
        secret = self.plan.client_secret
        if secret is None:
            told["client_id"] = self.plan.client_id
        # RFC 6749, 2.3.1: both are encoded as in a form first.
        basic = secret and httpx.BasicAuth(quote_plus(self.plan.client_id), quote_plus(secret))
        try:
            async with self._client() as http:
                answer = await _json(http, "POST", metadata.token, data=told, auth=basic or None)
        except httpx.HTTPStatusError as refused:
            if refused.response.status_code in (400, 401):
                raise NotBelieved(Doubt.NO_TOKEN) from None
            raise IssuerUnavailable from None
        except (httpx.HTTPError, TimeoutError, ValueError):
            raise IssuerUnavailable from None
        token = answer.get("id_token") if isinstance(answer, dict) else None
        if not isinstance(token, str):
            raise NotBelieved(Doubt.NO_TOKEN)
        return token

    def _client(self) -> httpx.AsyncClient:
        authority = self.plan.authority
        trust: ssl.SSLContext | bool = True
        if authority is not None:
            trust = ssl.create_default_context(cafile=str(authority))
        elif self.plan.issuer.startswith("http://"):
            trust = False  # this machine, without TLS: the world's certificates take long to load
        return httpx.AsyncClient(timeout=ANSWER_SECONDS_MAX, trust_env=False, verify=trust)


async def _json(http: httpx.AsyncClient, method: str, address: str, **asked: Any) -> object:
    """A small answer, in time, from that very address. Raises httpx.HTTPError and others."""
    async with (
        asyncio.timeout(ANSWER_SECONDS_MAX),
        http.stream(method, address, **asked) as answer,
    ):
        body = b""
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > ANSWER_BYTES_MAX:
                raise ValueError("too long an answer")
        if answer.is_redirect:
            raise ValueError("an issuer answers itself")
        answer.raise_for_status()
    found: object = httpx.Response(200, content=body).json()
    return found


def issuer_of(settings: ServiceSettings, clock: Clock, region: str | None) -> Issuer | None:
    """None where there is none. Raises UnfitSetting."""
    plan = plan_of(settings)
    return Issuer(plan, clock, region) if plan else None
