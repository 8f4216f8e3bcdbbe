"""Whom to tell of what happens to recordings, and what was told."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.regional.tables.base import MOMENT, metadata

# An address an office wants told; its secret signs what is told there.
hook = Table(
    "hook",
    metadata,
    Column("hook_id", Uuid, primary_key=True),
    Column("address", Text, nullable=False),
    Column("events", ARRAY(Text), nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("officer", Text, nullable=False),
    Column("made_at", MOMENT, nullable=False),
    Column("ended_at", MOMENT),
    Column("end", Text),
)

# How far what happened was looked through: what we said, what reached the centre, what it said.
hook_position = Table(
    "hook_position",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("received_seq", BigInteger, nullable=False),
    Column("pos", BigInteger, nullable=False),
)

# One event for one hook, until it is delivered or given up.
hook_delivery = Table(
    "hook_delivery",
    metadata,
    Column("hook_id", Uuid, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("event", Text, nullable=False),
    Column("recording_id", Uuid),
    Column("official_status", Text),
    Column("happened_at", MOMENT, nullable=False),
    Column("written_at", MOMENT, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", MOMENT, nullable=False),
    Column("delivered_at", MOMENT),
    Column("given_up_at", MOMENT),
    Column("status", SmallInteger),
    Index(
        "ix_hook_delivery_due",
        "not_before",
        postgresql_where=text("delivered_at IS NULL AND given_up_at IS NULL"),
    ),
)
