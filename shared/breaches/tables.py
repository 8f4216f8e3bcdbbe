"""The breach register's table, the same on both sides: a service gives it its own metadata."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ARRAY, Column, DateTime, Integer, MetaData, Table, Text, Uuid

_MOMENT = DateTime(timezone=True)


def breach_table(metadata: MetaData, info: Mapping[Any, Any]) -> Table:
    """One row an incident. What was written first stays; what came to be known is beside it."""
    return Table(
        "breach",
        metadata,
        Column("breach_id", Uuid, primary_key=True),
        Column("found_at", _MOMENT, nullable=False),  # from here the 72 hours run
        Column("began_at", _MOMENT),
        Column("ended_at", _MOMENT),
        Column("what", Text, nullable=False),
        Column("kinds", ARRAY(Text), nullable=False),
        Column("people", Integer),
        Column("measures", Text, nullable=False),
        Column("officer", Text, nullable=False),
        Column("recorded_at", _MOMENT, nullable=False),
        Column("authority_told_at", _MOMENT),
        Column("authority_told_by", Text),
        Column("subjects_told_at", _MOMENT),
        Column("subjects_told_by", Text),
        # Closed by another officer than the one who recorded it.
        Column("closed_at", _MOMENT),
        Column("closed_by", Text),
        info=dict(info),
    )
