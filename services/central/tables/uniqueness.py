"""Tables of penunggalan's irises: the gallery in its order, and what each check saw."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
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
from sqlalchemy.dialects.postgresql import JSONB

from services.central.tables.base import BY_REGION, MOMENT, REFERENCE, metadata

# The last position of the gallery: one row. Its lock is the ticket to search and append.
gallery_head = Table(
    "gallery_head",
    metadata,
    Column("one", SmallInteger, primary_key=True, autoincrement=False),
    Column("last_pos", BigInteger, nullable=False),
    info=REFERENCE,
)

# Irises by position, gapless over all shards; only appended. kind "removed" ends a recording's row.
# Sealed under the key that key_id names; NULL: as they were, from before there were keys.
gallery = Table(
    "gallery",
    metadata,
    Column("shard", SmallInteger, primary_key=True, autoincrement=False),
    Column("pos", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("recording_id", Uuid, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("nik", BigInteger),
    Column("irises", LargeBinary),
    Column("key_id", Text),
    Column("added_at", MOMENT, nullable=False),
    Index("ix_gallery_shard_recording_id", "shard", "recording_id"),
    info={"citus": "shard"},
)

# What a check saw: up to which position it searched, whom it found, what followed. For ever.
uniqueness_check = Table(
    "uniqueness_check",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("recording_id", Uuid, primary_key=True),
    Column("attempt", SmallInteger, primary_key=True, autoincrement=False),
    Column("basis", Text, nullable=False),
    Column("gallery_pos", BigInteger),
    Column("gallery_size", BigInteger),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("evidence", JSONB, nullable=False),
    Column("checked_at", MOMENT, nullable=False),
    Column("audited_at", MOMENT),
    Column("audit_agrees", Boolean),
    Index(
        "ix_uniqueness_check_audited_at",
        "audited_at",
        postgresql_where=text("audited_at IS NOT NULL"),
    ),
    info=BY_REGION,
)

# Decisions that are not the last word: what the centre, an officer or the region must do first.
undecided = Table(
    "undecided",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("recording_id", Uuid, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("since", MOMENT, nullable=False),
    Column("searches", Integer, nullable=False),
    Column("search_at", MOMENT),
    Index(
        "ix_undecided_search_at",
        "search_at",
        postgresql_where=text("search_at IS NOT NULL"),
    ),
    info=BY_REGION,
)

# Up to which position of the gallery an ABIS of somebody else's has been told, by its address. Each
# epoch begins anew. refused: whose irises it would not take; the centre compares those itself.
# times_begun: an ABIS that forgot is told everything anew; who began before it must not go on.
abis_mark = Table(
    "abis_mark",
    metadata,
    Column("abis", Text, primary_key=True),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("people", BigInteger, nullable=False),
    Column("refused", ARRAY(Uuid), nullable=False),
    Column("times_begun", Integer),
    info=REFERENCE,
)
