"""Tables of remedies: what this office asked of the centre, and what was answered."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)

from services.regional.tables.base import MOMENT, metadata

# Requests to delete recordings; the whole request lies in the outbox under the same seq.
deletion_request = Table(
    "deletion_request",
    metadata,
    Column("request_id", Uuid, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("officer", Text, nullable=False),
    Column("asked_at", MOMENT, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("decided_at", MOMENT),
)

# What each request names. A recording is in one open request at most.
deletion_named = Table(
    "deletion_named",
    metadata,
    Column("request_id", Uuid, primary_key=True),
    Column("recording_id", Uuid, primary_key=True),
    Column("region_code", Text, nullable=False),
    Column("is_kept", Boolean, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Index("uq_deletion_named_open", "recording_id", unique=True, postgresql_where=text("is_open")),
)

# The centre's words on deletions, whoever asked: one row an entry, kept for ever.
deletion_entry = Table(
    "deletion_entry",
    metadata,
    Column("pos", BigInteger, primary_key=True, autoincrement=False),
    Column("recording_id", Uuid, nullable=False),
    Column("request_id", Uuid, nullable=False),
    Column("request_region", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("reason", Text),
    Column("decided_at", MOMENT, nullable=False),
    Column("applied_at", MOMENT, nullable=False),
)

# Recordings of this region that were deleted at the centre: they stay, and stand in nobody's way.
deleted_recording = Table(
    "deleted_recording",
    metadata,
    Column("recording_id", Uuid, primary_key=True),
    Column("pos", BigInteger, nullable=False),
    Column("may_record_again", Boolean, nullable=False),
    Column("deleted_at", MOMENT, nullable=False),
)

# What an officer found at the desk when the centre asked; one answer for each time it asked.
validation = Table(
    "validation",
    metadata,
    Column("recording_id", Uuid, primary_key=True),
    Column("asked_pos", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("result", Text, nullable=False),
    Column("officer", Text, nullable=False),
    Column("checked_at", MOMENT, nullable=False),
)

# Moves of domicile to this region, as they were asked for; the letter lies in the outbox, too.
move_in = Table(
    "move_in",
    metadata,
    Column("move_id", Uuid, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("recording_id", Uuid),
    Column("letter_number", Text, nullable=False),
    Column("officer", Text, nullable=False),
    Column("asked_at", MOMENT, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("decided_at", MOMENT),
    Index("ix_move_in_recording_id", "recording_id"),
)

# The centre's words on moves: one row an entry, with the data of who was recorded elsewhere.
move_entry = Table(
    "move_entry",
    metadata,
    Column("pos", BigInteger, primary_key=True, autoincrement=False),
    Column("recording_id", Uuid, nullable=False),
    Column("move_id", Uuid, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("from_region", Text),
    Column("nik", BigInteger),
    Column("identity", LargeBinary),
    Column("card_sha256", Text),
    Column("decided_at", MOMENT, nullable=False),
    Column("applied_at", MOMENT, nullable=False),
    Index("ix_move_entry_recording_id", "recording_id"),
    Index("ix_move_entry_nik", "nik"),
)
