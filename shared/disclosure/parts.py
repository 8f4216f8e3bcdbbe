"""What is told of one person: parts of tables with labels, and how a value is written. Pure."""

import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Table

from shared.database.engine import Transaction

ROWS_MAX = 1_000
NUMBERS_OF_SIXTEEN = frozenset({"nik", "own_nik", "collector_nik", "family_card"})
SEALED = {"sealed": "only the centre opens it"}
UNREADABLE = {"unreadable": "erased, or its key is not here"}


@dataclass(frozen=True, slots=True)
class Person:
    """Who is asked about: numbers and recordings by which rows may name them."""

    niks: tuple[int, ...]
    recordings: tuple[tuple[str, UUID], ...]  # (region, recording id)

    @property
    def recording_ids(self) -> list[UUID]:
        return [recording_id for _, recording_id in self.recordings]


Where = Callable[[Person], ColumnElement[bool]]
Row = dict[str, Any]
Unseal = Callable[[Transaction, list[Row]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one table about a person.

    omitted: columns that are not told, each with the reason; a test reads it.
    unseal: puts what sealed values say in their places.
    """

    table: Table
    label: str  # Indonesian
    label_en: str
    where: Where
    omitted: Mapping[str, str] = field(default_factory=dict)
    unseal: Unseal | None = None

    @property
    def columns(self) -> list[str]:
        return [one.name for one in self.table.columns if one.name not in self.omitted]


def told(column: str, value: Any) -> Any:
    """A value as JSON has it; documents in bytes are opened, other bytes are base64."""
    if isinstance(value, int) and not isinstance(value, bool) and column in NUMBERS_OF_SIXTEEN:
        return f"{value:016d}"
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return _document(bytes(value))
    return value


def _document(content: bytes) -> Any:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {"base64": base64.b64encode(content).decode()}
    return found if isinstance(found, dict) else {"base64": base64.b64encode(content).decode()}
