"""An officer's session in a browser: a secret in a cookie, a row here, and forms that prove it.

It counts for pages alone: operations of the API read the Authorization header and no cookie, so no
other site can use them. Whoever ends the row ends the session, wherever the cookie is.
"""

import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest

from fastapi import Request
from sqlalchemy import Table

from shared.audit.entries import Calls, Purpose, about
from shared.clock import Clock
from shared.database.engine import Database
from shared.doors import session_store as store
from shared.doors.session_store import KeptSession, WhichSessions
from shared.refusals import Refusal
from shared.roles import Caller
from shared.settings import ServiceSettings
from shared.visits import vouched_by_bearer

SECRET_BYTES = 32
FORM_KEY_BYTES = 16
FORM_KEY = "form_key"
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
# As the rooms `audit` of both services take it.
Note = Callable[..., Awaitable[int]]


class FormNotOurs(Refusal):
    """The form was not sent from a page of this server, or from one of an earlier session."""

    code, status = "form-not-ours", 403
    title = "This form was not sent from our page"
    next_action = "Open the page again on this server and fill it in there."
    next_action_id = "Buka kembali halaman ini dari server kami lalu isi di sana."


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lives without use, and at most."""

    idle: timedelta = timedelta(minutes=30)
    whole: timedelta = timedelta(hours=9)


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in. ends_at: when it ends whatever is done; idle_at: if nothing is."""

    caller: Caller
    form_key: str
    idle_at: datetime
    ends_at: datetime
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sessions:
    """Begins, reads and ends sessions of one service, each call in a transaction of its own."""

    service: str
    table: Table
    database: Database
    clock: Clock
    note: Note
    limits: SessionLimits = SessionLimits()

    @property
    def _name(self) -> str:
        # The prefix lets browsers take it over TLS, or on their own machine, for this host alone.
        return f"__Host-tunggal-{self.service}"

    async def begin(
        self,
        caller: Caller,
        ends_at: datetime | None = None,
        issuer_session: str | None = None,
    ) -> Session:
        """ends_at: when what they signed in with ends, if the session shall not outlive it."""
        now = self.clock.now()
        last = min(now + self.limits.whole, ends_at or now + self.limits.whole)
        secret, form_key = (
            secrets.token_urlsafe(count) for count in (SECRET_BYTES, FORM_KEY_BYTES)
        )
        idle_at = min(now + self.limits.idle, last)
        kept = KeptSession(caller, form_key, now, idle_at, last, issuer_session)
        async with self.database.begin() as transaction:
            await store.add(transaction, self.table, secret, kept)
            await self.note(transaction, caller, "signed-in", Purpose.SECURITY, (), now)
        return Session(caller, form_key, idle_at, last, secret)

    async def of(self, request: Request) -> Session | None:
        """The session of a request; None for none, an unknown or an ended one."""
        secret = request.cookies.get(self._name, "")
        if not _SECRET.fullmatch(secret):
            return None
        async with self.database.begin() as transaction:
            found = await store.find(transaction, self.table, secret, self.clock.now())
        if found is None:
            return None
        vouched_by_bearer(found.caller.subject, found.caller.roles)
        return Session(found.caller, found.form_key, found.idle_at, found.ends_at, secret)

    async def prolonged(self, session: Session) -> Session | None:
        """The session with time anew, once half of it has passed; None while there is no need."""
        now = self.clock.now()
        if session.idle_at - now > self.limits.idle / 2 or session.idle_at >= session.ends_at:
            return None
        longer = replace(session, idle_at=min(now + self.limits.idle, session.ends_at))
        async with self.database.begin() as transaction:
            is_kept = await store.prolong(
                transaction, self.table, session.secret, longer.idle_at, now
            )
        return longer if is_kept else None

    async def end(self, session: Session) -> None:
        """Whoever is signed in signs out."""
        now = self.clock.now()
        async with self.database.begin() as transaction:
            await store.end_one(
                transaction, self.table, session.secret, session.caller.subject, now
            )
            await self.note(transaction, session.caller, "signed-out", Purpose.SECURITY, (), now)

    async def end_all(self, which: WhichSessions, by: Calls) -> int:
        """Somebody else ends them, now; gives how many there were."""
        now = self.clock.now()
        async with self.database.begin() as transaction:
            ended = await store.end_all(transaction, self.table, which, by.subject, now)
            whom = (_subject(which.officer),) if which.officer else ()
            await self.note(transaction, by, "sessions-ended", Purpose.SECURITY, whom, now)
        return ended

    async def living(self, which: WhichSessions) -> Sequence[KeptSession]:
        async with self.database.begin() as transaction:
            return await store.living(transaction, self.table, which, self.clock.now())

    def cookie(self, session: Session) -> str:
        """Value of Set-Cookie: read by no script, sent by no other site, for this host alone."""
        seconds = max(0, int((session.idle_at - self.clock.now()).total_seconds()))
        return self._set(session.secret, seconds)

    def farewell(self) -> str:
        """Value of Set-Cookie that makes the browser forget."""
        return self._set("", 0)

    def _set(self, value: str, seconds: int) -> str:
        return f"{self._name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict"


def sessions_of(
    settings: ServiceSettings,
    service: str,
    table: Table,
    database: Database,
    clock: Clock,
    note: Note,
) -> Sessions:
    """As long as the settings say."""
    idle = timedelta(minutes=settings.session_idle_minutes)
    limits = SessionLimits(idle, timedelta(hours=settings.session_hours_max))
    return Sessions(service, table, database, clock, note, limits)


def _subject(officer: str) -> str:
    """As the audit takes it: an issuer may name people by numbers as long as a NIK."""
    try:
        return about("officer", officer)
    except ValueError:
        return about("officer-hash", sha256(officer.encode()).hexdigest()[:12])


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
