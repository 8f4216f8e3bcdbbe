"""Sign in at the office's issuer: off to it, and back with a code (OpenID Connect, PKCE).

What a sign-in waits with lies in a cookie of its own, signed by this service: it belongs to one
browser, for ten minutes. It is SameSite=Lax, because the way back comes from the issuer's site.
"""

import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Annotated

import structlog
from fastapi import Query, Request, Response

from shared.clock import Clock
from shared.doors.room import door
from shared.doors.session import Sessions
from shared.oidc.issuer import Issuer
from shared.oidc.plan import CALLBACK
from shared.oidc.rules import Begun, Doubt, NotBelieved
from shared.pages.render import Pages
from shared.pages.room import SIGN_IN, PageDoors, our_path, redirect
from shared.refusals import Refusal
from shared.signing import BadSignature, PinnedKeys, SigningKey, jwks_of

AT_ISSUER = f"{SIGN_IN}/at-issuer"
BEGUN_TYPE = "tunggal-sign-in+jws"
WAITS = timedelta(minutes=10)

log = structlog.get_logger()


class SignInFailed(Refusal):
    """The issuer's answer does not belong to a sign-in of this browser, or names nobody here."""

    code, status = "sign-in-failed", 401
    title = "You are not signed in"
    next_action = "Open the sign-in page and begin anew; if it fails again, tell operations."
    next_action_id = "Buka halaman masuk dan mulai lagi; bila gagal lagi, beri tahu bagian operasi."


class BegunCookie:
    """Keeps a sign-in that has begun with the browser it began in."""

    def __init__(self, service: str, key: SigningKey, clock: Clock) -> None:
        self._name = f"__Host-tunggal-{service}-begun"
        self._service = service
        self._key = key
        self._pinned = PinnedKeys(jwks_of([key]))
        self._clock = clock

    def of(self, request: Request) -> Begun:
        """Raises NotBelieved for none, a forged one and one too old."""
        try:
            signed = self._pinned.verify(request.cookies.get(self._name, ""), BEGUN_TYPE)
        except BadSignature:
            raise NotBelieved(Doubt.STATE) from None
        claims = json.loads(signed.payload)
        if claims.pop("aud") != self._service or claims.pop("exp") < self._clock.now().timestamp():
            raise NotBelieved(Doubt.STATE)
        return Begun(**claims)

    def keep(self, begun: Begun) -> str:
        ends_at = int((self._clock.now() + WAITS).timestamp())
        claims = {**asdict(begun), "aud": self._service, "exp": ends_at}
        text = self._key.sign(json.dumps(claims, separators=(",", ":")).encode(), BEGUN_TYPE)
        return self._set(text, int(WAITS.total_seconds()))

    def forget(self) -> str:
        return self._set("", 0)

    def _set(self, value: str, seconds: int) -> str:
        return f"{self._name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax"


@dataclass(frozen=True)
class IssuerDoors(PageDoors):
    issuer: Issuer
    sessions: Sessions
    begun: BegunCookie
    pages: Pages
    home: str

    @door.get(AT_ISSUER)
    async def sign_in_at_issuer(self, next: Annotated[str, Query()] = "/") -> Response:  # noqa: A002
        begun, address = await self.issuer.begin(our_path(next, self.home))
        response = redirect(address)
        response.headers["set-cookie"] = self.begun.keep(begun)
        return response

    @door.get(CALLBACK)
    async def come_back(self, request: Request) -> Response:
        """From the issuer. A new session, whatever cookie the browser had; each answer but once."""
        try:
            begun = self.begun.of(request)
            caller, issuer_session = await self.issuer.finish(begun, dict(request.query_params))
        except NotBelieved as doubt:
            log.warning("sign_in.failed", doubt=doubt.doubt.value)
            raise SignInFailed from None
        session = await self.sessions.begin(caller, issuer_session=issuer_session)
        # No redirect: what another site began brings no SameSite=Strict cookie to the next page.
        response = self.pages.answer("signed_in.html", next=begun.wanted)
        response.headers.append("set-cookie", self.sessions.cookie(session))
        response.headers.append("set-cookie", self.begun.forget())
        return response
