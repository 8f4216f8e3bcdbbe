"""An officer's session in a browser: a short cookie this service signed, and forms that prove it.

The cookie holds who it is and until when; nothing is kept at the server. It counts for pages alone:
operations of the API read the Authorization header and no cookie, so no other site can use them.
"""

import json
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any

from fastapi import Request

from shared.clock import Clock
from shared.refusals import Refusal
from shared.roles import Caller, Role
from shared.signing import BadSignature, PinnedKeys, SigningKey, jwks_of
from shared.visits import vouched_by_bearer

LIFETIME = timedelta(minutes=30)
SESSION_TYPE = "tunggal-session+jws"
FORM_KEY_BYTES = 16
FORM_KEY = "form_key"


class FormNotOurs(Refusal):
    """The form was not sent from a page of this server, or from one of an earlier session."""

    code, status = "form-not-ours", 403
    title = "This form was not sent from our page"
    next_action = "Open the page again on this server and fill it in there."
    next_action_id = "Buka kembali halaman ini dari server kami lalu isi di sana."


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in. ends_at: when their token ends, and with it every session of it."""

    caller: Caller
    form_key: str
    expires_at: datetime
    ends_at: datetime


class Sessions:
    """Begins, reads and ends sessions of one service."""

    def __init__(self, service: str, key: SigningKey, clock: Clock) -> None:
        """key: the service's own; a session's `typ` keeps its signature from meaning more."""
        self._service = service
        # The prefix lets browsers take it over TLS, or on their own machine, for this host alone.
        self._name = f"__Host-tunggal-{service}"
        self._key = key
        self._pinned = PinnedKeys(jwks_of([key]))
        self._clock = clock

    def begin(self, caller: Caller, ends_at: datetime) -> Session:
        expires_at = min(self._clock.now() + LIFETIME, ends_at)
        return Session(caller, secrets.token_urlsafe(FORM_KEY_BYTES), expires_at, ends_at)

    def of(self, request: Request) -> Session | None:
        """The session of a request; None for none, an expired or a forged one."""
        cookie = request.cookies.get(self._name)
        if not cookie:
            return None
        try:
            claims = json.loads(self._pinned.verify(cookie, SESSION_TYPE).payload)
        except (BadSignature, ValueError, RecursionError):
            return None
        if claims.get("aud") != self._service:
            return None
        session = _read(claims)
        if self._clock.now() >= session.expires_at:
            return None
        vouched_by_bearer(session.caller.subject, session.caller.roles)
        return session

    def prolonged(self, session: Session) -> Session | None:
        """The session with time anew, once half of it has passed; None while there is no need."""
        left = session.expires_at - self._clock.now()
        if left > LIFETIME / 2 or session.expires_at >= session.ends_at:
            return None
        return replace(session, expires_at=min(self._clock.now() + LIFETIME, session.ends_at))

    def cookie(self, session: Session) -> str:
        """Value of Set-Cookie: read by no script, sent by no other site, for this host alone."""
        claims = {
            "aud": self._service,
            "sub": session.caller.subject,
            "roles": sorted(session.caller.roles),
            "region": session.caller.region,
            "form": session.form_key,
            "exp": int(session.expires_at.timestamp()),
            "end": int(session.ends_at.timestamp()),
        }
        text = self._key.sign(json.dumps(claims, separators=(",", ":")).encode(), SESSION_TYPE)
        seconds = max(0, int((session.expires_at - self._clock.now()).total_seconds()))
        return self._set(text, seconds)

    def farewell(self) -> str:
        """Value of Set-Cookie that makes the browser forget."""
        return self._set("", 0)

    def _set(self, value: str, seconds: int) -> str:
        return f"{self._name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict"


def _read(claims: dict[str, Any]) -> Session:
    """What we wrote ourselves; the signature says so."""
    roles = frozenset(role for role in Role if role.value in claims["roles"])
    return Session(
        Caller(claims["sub"], roles, claims["region"]),
        claims["form"],
        datetime.fromtimestamp(claims["exp"], UTC),
        datetime.fromtimestamp(claims["end"], UTC),
    )


def check_origin(request: Request) -> None:
    """A form comes from a page of this server. Refuses: FormNotOurs.

    Browsers say where a request comes from; what says nothing at all is no browser, and brings no
    cookie by itself.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site != "same-origin":
            raise FormNotOurs
        return
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        raise FormNotOurs


def check_form(request: Request, session: Session, form_key: str) -> None:
    """Refuses: FormNotOurs."""
    check_origin(request)
    if not compare_digest(session.form_key.encode(), form_key.encode()):
        raise FormNotOurs
