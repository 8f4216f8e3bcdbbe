"""Tables of remedies: what regions asked, and what was decided. No row is ever removed."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, Uuid, text

from services.central.tables.base import BY_REGION, MOMENT, metadata

# Requests to delete recordings, as they came, and the officer's word on each.
deletion_request = Table(
    "deletion_request",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("request_id", Uuid, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", MOMENT, nullable=False),
    Column("state", Text, nullable=False),
    Column("officer", Text),
    Column("reason", Text),
    Column("decided_at", MOMENT),
    Index(
        "ix_deletion_request_waiting",
        "region_code",
        "received_at",
        postgresql_where=text("state = 'waiting'"),
    ),
    info=BY_REGION,
)

# Every recording a request names; its lock keeps two officers apart. Deleted once, for ever.
deletion = Table(
    "deletion",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("recording_id", Uuid, primary_key=True),
    Column("nik", BigInteger, nullable=False),
    Column("captured_at", MOMENT, nullable=False),
    Column("named_at", MOMENT, nullable=False),
    Column("deleted_at", MOMENT),
    Column("request_region_code", Text),
    Column("request_id", Uuid),
    info=BY_REGION,
)

# What regions answered to REQUEST_VALIDATION; a late or second answer is kept, too.
validation = Table(
    "validation",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("recording_id", Uuid, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("result", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("effect", Text, nullable=False),
    Column("taken_at", MOMENT, nullable=False),
    info=BY_REGION,
)

# Officers whose irises a region enrolled; the irises themselves are the gallery's.
operator = Table(
    "operator",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("enrolment_id", Uuid, primary_key=True),
    Column("officer", Text, nullable=False),
    Column("head_of_office", Text, nullable=False),
    Column("enrolled_at", MOMENT, nullable=False),
    Column("removed_at", MOMENT),
    info=BY_REGION,
)

# Moves of domicile. taken_in: the region whose envelope holds the recording.
move = Table(
    "move",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("move_id", Uuid, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("recording_id", Uuid),
    Column("taken_in", Text),
    Column("from_region_code", Text),
    Column("verdict", Text, nullable=False),
    Column("reason", Text),
    Column("decided_at", MOMENT, nullable=False),
    Index("ix_move_region_code_recording_id", "region_code", "recording_id"),
    info=BY_REGION,
)
