"""What an entry of the audit is, and how it is written in bytes and chained. Pure.

h_n = SHA-256(h_(n-1) ‖ canonical(entry_n)), from 32 zero bytes on. The leaves of the Merkle tree
are the same canonical bytes.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Protocol
from uuid import UUID

import orjson

BEGINNING = bytes(32)
SUBJECTS_MAX = 500
CITIZEN = "citizen"
PERSON = "person"
_CODE = re.compile(r"[a-z][a-z0-9-]{1,62}")
_KIND = re.compile(r"[a-z][a-z-]{1,30}")
_DIGITS = re.compile(r"[0-9]{16}")
_ID = re.compile(r"[\x21-\x7e]{1,100}")


class Purpose(StrEnum):
    """What a look or an act is for. A citizen's access report says it in words."""

    SERVICE = "service"
    PRINTING = "printing"
    PENUNGGALAN = "penunggalan"
    DATA_CHANGE = "data-change"
    OUTREACH = "outreach"
    FIELD = "field"
    REGISTER = "register"
    OVERSIGHT = "oversight"
    SECURITY = "security"
    OWN_REQUEST = "own-request"


class Calls(Protocol):
    """Whoever acts: a caller as doors know them."""

    @property
    def subject(self) -> str: ...
    @property
    def roles(self) -> Iterable[str]: ...
    @property
    def region(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Who looked or acted, when it is no caller at a door."""

    subject: str
    roles: tuple[str, ...] = ()
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """One look or act: which, for what purpose, and at whom.

    act and detail are codes (`dossier-read`), never words somebody typed.
    whom: subjects as `about()` writes them; at most SUBJECTS_MAX.
    """

    act: str
    purpose: Purpose
    whom: tuple[str, ...] = ()
    detail: str | None = None

    def __post_init__(self) -> None:
        for code in (self.act, *([self.detail] if self.detail else [])):
            if not _CODE.fullmatch(code):
                raise ValueError("not a code of the audit")
        if len(self.whom) > SUBJECTS_MAX:
            raise ValueError("too many subjects for one entry")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the chain, without its hash. at: aware, UTC, to the microsecond."""

    position: int
    at: datetime
    actor: str
    roles: tuple[str, ...]
    region: str | None
    act: str
    purpose: str
    subjects: tuple[str, ...]
    detail: str | None
    trace: str | None


def about(kind: str, name: UUID | str) -> str:
    """A subject: `recording:0189…`, `case:…`, `blank:BLK-000123`, `person:<keyed hash>`.

    Raises ValueError for what may be a NIK: nothing personal enters the chain, which is for ever.
    """
    text = str(name)
    if not _KIND.fullmatch(kind) or not _ID.fullmatch(text):
        raise ValueError("not a subject of the audit")
    if kind != PERSON and _DIGITS.search(text):
        raise ValueError("this may be a NIK")
    return f"{kind}:{text}"


def canonical(chain: str, entry: Entry) -> bytes:
    """The only way to write an entry in bytes: JSON, members sorted, moments in UTC."""
    return orjson.dumps(
        {
            "v": 1,
            "chain": chain,
            "position": entry.position,
            "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": entry.actor,
            "roles": entry.roles,
            "region": entry.region,
            "act": entry.act,
            "purpose": entry.purpose,
            "subjects": entry.subjects,
            "detail": entry.detail,
            "trace": entry.trace,
        },
        option=orjson.OPT_SORT_KEYS,
    )


def chained(previous: bytes, written: bytes) -> bytes:
    return sha256(previous + written).digest()


def entries_of(
    who: Calls, deeds: Sequence[Deed], after: int, now: datetime, trace: str | None
) -> list[Entry]:
    """Entries from the position after `after` on."""
    return [
        Entry(
            position=position,
            at=now,
            actor=who.subject,
            roles=tuple(sorted(str(role) for role in who.roles)),
            region=who.region,
            act=deed.act,
            purpose=deed.purpose.value,
            subjects=deed.whom,
            detail=deed.detail,
            trace=trace,
        )
        for position, deed in enumerate(deeds, after + 1)
    ]
