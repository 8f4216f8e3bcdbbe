"""The audit's tables, the same on both sides: a service gives them its own metadata."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

_MOMENT = DateTime(timezone=True)


@dataclass(frozen=True, slots=True)
class AuditTables:
    """All but head are only appended to; head moves with each entry."""

    entry: Table
    head: Table
    checkpoint: Table
    witness: Table


def audit_tables(metadata: MetaData, info: Mapping[Any, Any]) -> AuditTables:
    return AuditTables(
        entry=Table(
            "audit_entry",
            metadata,
            Column("chain", Text, primary_key=True),
            Column("position", BigInteger, primary_key=True, autoincrement=False),
            Column("at", _MOMENT, nullable=False),
            Column("actor", Text, nullable=False),
            Column("roles", ARRAY(Text), nullable=False),
            Column("region", Text),
            Column("act", Text, nullable=False),
            Column("purpose", Text, nullable=False),
            Column("subjects", ARRAY(Text), nullable=False),
            Column("detail", Text),
            Column("trace", Text),
            Column("hash", LargeBinary, nullable=False),
            Index("ix_audit_entry_subjects", "subjects", postgresql_using="gin"),
            info=dict(info),
        ),
        # One row: its lock makes positions gapless in the order of commits.
        head=Table(
            "audit_head",
            metadata,
            Column("chain", Text, primary_key=True),
            Column("last_position", BigInteger, nullable=False),
            Column("last_hash", LargeBinary, nullable=False),
            info=dict(info),
        ),
        # Signed roots over the first `size` entries; `proof`: that it goes on from the one before.
        checkpoint=Table(
            "audit_checkpoint",
            metadata,
            Column("chain", Text, primary_key=True),
            Column("epoch", Integer, primary_key=True, autoincrement=False),
            Column("size", BigInteger, primary_key=True, autoincrement=False),
            Column("root", LargeBinary, nullable=False),
            Column("frontier", LargeBinary, nullable=False),
            Column("previous_size", BigInteger, nullable=False),
            Column("proof", LargeBinary, nullable=False),
            Column("jws", Text, nullable=False),
            Column("made_at", _MOMENT, nullable=False),
            info=dict(info),
        ),
        # Checkpoints of another party's chain as it signed them; doubt: why one cannot be true.
        witness=Table(
            "audit_witness",
            metadata,
            Column("chain", Text, primary_key=True),
            Column("told_by", Text, primary_key=True),
            Column("epoch", Integer, primary_key=True, autoincrement=False),
            Column("size", BigInteger, primary_key=True, autoincrement=False),
            Column("root", LargeBinary, primary_key=True),
            Column("jws", Text, nullable=False),
            Column("doubt", Text),
            Column("kept_at", _MOMENT, nullable=False),
            info=dict(info),
        ),
    )
