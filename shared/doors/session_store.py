"""The table of sessions at pages, the same on both sides, and its queries.

A row is found by the SHA-256 of what the cookie holds: whoever reads the table, or a backup of it,
can sign in as nobody. A row that ended stays for a week, so that people can look back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    DateTime,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from shared.database.engine import Transaction
from shared.roles import Caller, Role

KEPT_AFTER_END = timedelta(days=7)
LISTED_MAX = 200
_MOMENT = DateTime(timezone=True)


def session_table(metadata: MetaData, info: Mapping[Any, Any]) -> Table:
    return Table(
        "page_session",
        metadata,
        Column("session_hash", LargeBinary, primary_key=True),
        Column("officer", Text, nullable=False),
        Column("roles", ARRAY(Text), nullable=False),
        Column("region", Text),
        Column("office", Text),
        Column("form_key", Text, nullable=False),
        # The session of the issuer of their token, where it names one.
        Column("issuer_session", Text),
        Column("began_at", _MOMENT, nullable=False),
        Column("idle_at", _MOMENT, nullable=False),
        Column("ends_at", _MOMENT, nullable=False),
        Column("ended_at", _MOMENT),
        Column("ended_by", Text),
        Index("ix_page_session_officer", "officer"),
        info=dict(info),
    )


@dataclass(frozen=True, slots=True)
class KeptSession:
    """idle_at: when it ends if nothing is done; ends_at: when it ends whatever is done."""

    caller: Caller
    form_key: str
    began_at: datetime
    idle_at: datetime
    ends_at: datetime
    issuer_session: str | None = None


@dataclass(frozen=True, slots=True)
class WhichSessions:
    """Whose sessions: an officer's, within one office if one is named."""

    officer: str | None = None
    office: str | None = None
    issuer_session: str | None = None


def hash_of(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


async def add(transaction: Transaction, table: Table, secret: str, one: KeptSession) -> None:
    """Old ones that ended go at the same time."""
    past = table.c.ends_at < one.began_at - KEPT_AFTER_END
    await transaction.execute(delete(table).where(past))
    await transaction.execute(
        insert(table).values(
            session_hash=hash_of(secret),
            officer=one.caller.subject,
            roles=sorted(one.caller.roles),
            region=one.caller.region,
            office=one.caller.office,
            form_key=one.form_key,
            issuer_session=one.issuer_session,
            began_at=one.began_at,
            idle_at=one.idle_at,
            ends_at=one.ends_at,
        )
    )


async def find(
    transaction: Transaction, table: Table, secret: str, now: datetime
) -> KeptSession | None:
    """None for one that is unknown, idle for too long, or ended by whomever."""
    found = await transaction.execute(
        select(table).where(table.c.session_hash == hash_of(secret), *_living(table, now))
    )
    row = found.one_or_none()
    return _kept(row) if row else None


async def prolong(
    transaction: Transaction, table: Table, secret: str, idle_at: datetime, now: datetime
) -> bool:
    """False for one that was ended meanwhile."""
    done = await transaction.execute(
        update(table)
        .where(table.c.session_hash == hash_of(secret), *_living(table, now))
        .values(idle_at=idle_at)
    )
    return bool(done.rowcount)


async def end_one(
    transaction: Transaction, table: Table, secret: str, by: str, now: datetime
) -> None:
    await transaction.execute(
        update(table)
        .where(table.c.session_hash == hash_of(secret), table.c.ended_at.is_(None))
        .values(ended_at=now, ended_by=by)
    )


async def end_all(
    transaction: Transaction, table: Table, which: WhichSessions, by: str, now: datetime
) -> int:
    done = await transaction.execute(
        update(table)
        .where(*_these(table, which), *_living(table, now))
        .values(ended_at=now, ended_by=by)
    )
    return done.rowcount


async def living(
    transaction: Transaction, table: Table, which: WhichSessions, now: datetime
) -> Sequence[KeptSession]:
    """The latest begun first, LISTED_MAX of them."""
    found = await transaction.execute(
        select(table)
        .where(*_these(table, which), *_living(table, now))
        .order_by(table.c.began_at.desc(), table.c.session_hash)
        .limit(LISTED_MAX)
    )
    return [_kept(row) for row in found]


def _living(table: Table, now: datetime) -> list[Any]:
    return [table.c.ended_at.is_(None), table.c.idle_at > now, table.c.ends_at > now]


def _these(table: Table, which: WhichSessions) -> list[Any]:
    wanted = {
        "officer": which.officer,
        "office": which.office,
        "issuer_session": which.issuer_session,
    }
    return [table.c[name] == value for name, value in wanted.items() if value is not None]


def _kept(row: Any) -> KeptSession:
    roles = frozenset(role for role in Role if role.value in row.roles)
    return KeptSession(
        Caller(row.officer, roles, row.region, row.office),
        row.form_key,
        row.began_at,
        row.idle_at,
        row.ends_at,
        row.issuer_session,
    )
