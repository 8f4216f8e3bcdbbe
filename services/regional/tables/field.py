"""Tables of field work: the schedule, home visits, stations out there and what they brought."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.regional.tables.base import MOMENT, metadata

# Where a team will be, was, or will not be after all.
field_session = Table(
    "field_session",
    metadata,
    Column("session_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("ward", Text, nullable=False),
    Column("starts_at", MOMENT, nullable=False),
    Column("ends_at", MOMENT, nullable=False),
    Column("expected_people", Integer),
    Column("team", Text),
    Column("state", Text, nullable=False),
    Column("officer", Text, nullable=False),
    Column("changed_at", MOMENT, nullable=False),
    Index("ix_field_session_starts_at", "starts_at"),
)

# How a wish for a home visit stands; folded from the rows below. One is open for a NIK at most.
home_visit = Table(
    "home_visit",
    metadata,
    Column("visit_id", Uuid, primary_key=True),
    Column("nik", BigInteger, nullable=False),
    Column("condition", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("visit_on", Date),
    Column("team", Text),
    Column("recording_id", Uuid),
    Column("reason", Text),
    Column("changed_at", MOMENT, nullable=False),
    Index(
        "uq_home_visit_open_nik",
        "nik",
        unique=True,
        postgresql_where=text("state IN ('asked', 'planned')"),
    ),
    Index("ix_home_visit_nik", "nik"),
    Index("ix_home_visit_state", "state", "visit_on"),
)

# Everything that happened to it: never changed, never removed.
home_visit_event = Table(
    "home_visit_event",
    metadata,
    Column("visit_id", Uuid, primary_key=True),
    Column("nth", SmallInteger, primary_key=True, autoincrement=False),
    Column("act", Text, nullable=False),
    Column("reason", Text),
    Column("visit_on", Date),
    Column("team", Text),
    Column("recording_id", Uuid),
    Column("officer", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
)

# Public keys of stations that record without a line; an ended one signs for nobody any more.
field_station = Table(
    "field_station",
    metadata,
    Column("key_id", Uuid, primary_key=True),
    Column("station", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("enrolled_by", Text, nullable=False),
    Column("enrolled_at", MOMENT, nullable=False),
    Column("ended_by", Text),
    Column("ended_at", MOMENT),
)

# A file a station made, when it was packed and when it came, each by its own clock.
field_batch = Table(
    "field_batch",
    metadata,
    Column("batch_id", Uuid, primary_key=True),
    Column("key_id", Uuid, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("packed_at", MOMENT, nullable=False),
    Column("received_at", MOMENT, nullable=False),
    Column("officer", Text, nullable=False),
    Column("exceptions", JSONB, nullable=False),
    Index("ix_field_batch_received_at", "received_at"),
)

field_batch_item = Table(
    "field_batch_item",
    metadata,
    Column("batch_id", Uuid, primary_key=True),
    Column("nth", SmallInteger, primary_key=True, autoincrement=False),
    Column("recording_id", Uuid, nullable=False),
    Column("captured_at", MOMENT),
    Column("outcome", Text, nullable=False),
    Column("code", Text),
    Column("earlier_id", Uuid),
    Column("flags", ARRAY(Text), nullable=False),
)
