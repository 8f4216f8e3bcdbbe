"""Every look and every act at a door becomes an entry of the audit; no room has to think of it.

A look is written down after its answer was made and before it leaves. An act is written down in the
transaction that does it: the first of the request that writes anything. An operation that nobody
declared is written down as a look, so that forgetting to declare one hides nothing.
"""

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Protocol

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import text

from shared.audit.entries import CITIZEN, SUBJECTS_MAX, Actor, Calls, Deed, Purpose
from shared.audit.seeing import ASKED, Seen, current, seeing
from shared.clock import Clock
from shared.database.engine import Database, Transaction, closing_with
from shared.doors.session import Session
from shared.roles import Caller

UNDECLARED = "undeclared"
NOTHING_WRITTEN = "nothing-written"
HAS_WRITTEN = text("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True)
class Look:
    """How an operation is written down. is_act: it changes something beside."""

    act: str
    purpose: Purpose
    is_act: bool = False


def look(act: str, purpose: Purpose) -> Look:
    return Look(act, purpose)


def deed(act: str, purpose: Purpose) -> Look:
    return Look(act, purpose, is_act=True)


class Append(Protocol):
    """`Ledger.append` of a service."""

    def __call__(
        self, transaction: Transaction, who: Calls, deeds: Sequence[Deed], now: datetime
    ) -> Awaitable[int]: ...


@dataclass(frozen=True, slots=True)
class Audit:
    """A service's audit, in `app.state.audit`. person_key: what NIKs are hashed under."""

    database: Database
    clock: Clock
    append: Append
    looks: Mapping[str, Look]
    shows_nobody: frozenset[str]
    person_key: Callable[[], bytes]

    def of(self, operation: str) -> Look | None:
        """None for an operation that shows nobody and is no act to be written down."""
        if operation in self.shows_nobody:
            return None
        return self.looks.get(operation) or Look(UNDECLARED, Purpose.OVERSIGHT)


@dataclass(slots=True)
class _Writing:
    """One request's entries, as far as they are written."""

    audit: Audit
    look: Look
    seen: Seen
    pending: frozenset[str] | None = None
    written: frozenset[str] | None = None
    is_over: bool = False

    async def before_commit(self, transaction: Transaction) -> None:
        """An act is kept in its own transaction, or neither is."""
        self.pending = None
        if self.is_over or not self.look.is_act or self.written is not None:
            return
        if not await transaction.scalar(HAS_WRITTEN):
            return
        whom = self.seen.whom(self.audit.person_key())
        await self._append(transaction, whom, self.seen.detail)
        self.pending = frozenset(whom)

    def after_commit(self) -> None:
        if self.pending is not None:
            self.written, self.pending = self.pending, None

    async def end(self, response: Response) -> None:
        """Write down what was shown and is not yet written, before the answer leaves."""
        self.is_over = True
        whom = self.seen.whom(self.audit.person_key())
        detail: str | None
        if self.written is not None:
            more = tuple(one for one in whom if one not in self.written)
            if not more:
                return
            whom, detail = more, "also-shown"
        elif response.status_code >= 400 and not whom:
            return
        else:
            detail = NOTHING_WRITTEN if self.look.is_act else self.seen.detail
        async with self.audit.database.begin() as transaction:
            await self._append(transaction, whom, detail)

    async def _append(
        self, transaction: Transaction, whom: Sequence[str], detail: str | None
    ) -> None:
        parts = [tuple(whom[at : at + SUBJECTS_MAX]) for at in range(0, len(whom), SUBJECTS_MAX)]
        deeds = [
            Deed(self.look.act, self.look.purpose, part, detail or self._doubt())
            for part in parts or [()]
        ]
        who = self.seen.who or Actor(CITIZEN)
        await self.audit.append(transaction, who, deeds, self.audit.clock.now())

    def _doubt(self) -> str | None:
        return None if self.seen.is_whole else "more-than-named"


class LookingRoute(APIRoute):
    """Answers, and writes down who saw whom before the answer leaves."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        operation = operation_of(self.endpoint)

        async def handle_looking(request: Request) -> Response:
            audit: Audit | None = getattr(request.app.state, "audit", None)
            found = audit.of(operation) if audit is not None else None
            if audit is None or found is None:
                return await handle(request)
            writing = _Writing(audit, found, Seen())
            with seeing(writing.seen), closing_with(writing):
                response = await handle(request)
            await writing.end(response)
            return response

        return handle_looking


def operation_of(endpoint: Callable[..., Any]) -> str:
    """`StatusDoors.get_recording_status`: how an operation is called in a register of looks."""
    return endpoint.__qualname__


def watched(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """The endpoint, telling what goes into it and what comes out while somebody collects."""
    if not inspect.iscoroutinefunction(endpoint):
        return endpoint

    @wraps(endpoint)
    async def watch(*args: Any, **kwargs: Any) -> Any:
        seen = current()
        if seen is None:
            return await endpoint(*args, **kwargs)
        _take_asked(seen, kwargs)
        answer = await endpoint(*args, **kwargs)
        if not isinstance(answer, Response):
            seen.take(answer)
        return answer

    return watch


def _take_asked(seen: Seen, kwargs: Mapping[str, Any]) -> None:
    for name, value in kwargs.items():
        if isinstance(value, Caller):
            seen.who = value
        elif isinstance(value, Session):
            seen.who = value.caller
        elif name in ASKED and value is not None:
            seen.name(ASKED[name], value)
        elif isinstance(value, dict):  # a form: what people type there has no fixed name
            for typed in value.values():
                seen.take_nik(typed)


def undeclared(endpoints: Iterable[Callable[..., Any]], audit: Audit) -> list[str]:
    """Operations that are neither declared as looks or acts nor as showing nobody."""
    known = audit.looks.keys() | audit.shows_nobody
    return sorted({operation_of(one) for one in endpoints} - known)
