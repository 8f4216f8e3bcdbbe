"""The centre's tables, ready for Citus: each says by which column it is spread.

`info["citus"]` is the distribution column, or "reference" for small tables copied everywhere. Every
key, unique index and foreign key holds that column; no triggers, no serial numbers (checked by a
test).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

metadata = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"}
)
_moment = DateTime(timezone=True)
_by_region = {"citus": "region_code"}
_by_nik = {"citus": "nik"}

# The centre's incarnation: the epoch rises when it is restored from a backup.
incarnation = Table(
    "incarnation",
    metadata,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("began_at", _moment, nullable=False),
    Column("officer", Text),
    Column("reason", Text),
    info={"citus": "reference"},
)

# What a new epoch waits for: each region that has not handed back yet what it holds.
resync = Table(
    "resync",
    metadata,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("region_code", Text, primary_key=True),
    Column("awaiting_since", _moment, nullable=False),
    Column("witnessed_seq", BigInteger, nullable=False),
    Column("compared_pos", BigInteger, nullable=False),
    Column("applied_pos", BigInteger),
    Column("acked_seq", BigInteger),
    Column("synced_at", _moment),
    Column("waived_at", _moment),
    Column("officer", Text),
    Column("reason", Text),
    info={"citus": "reference"},
)

intake_head = Table(
    "intake_head",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("accepted_seq", BigInteger, nullable=False),
    Column("received_at", _moment),
    info=_by_region,
)

# What a region sent, byte for byte, in its order.
envelope = Table(
    "envelope",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("envelope_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("happened_at", _moment, nullable=False),
    Column("received_at", _moment, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("note", Text),
    Column("body", LargeBinary, nullable=False),
    Index("ix_envelope_region_code_envelope_id", "region_code", "envelope_id"),
    Index(
        "ix_envelope_region_code_note",
        "region_code",
        "note",
        postgresql_where=text("note IS NOT NULL"),
    ),
    info=_by_region,
)

settled_head = Table(
    "settled_head",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("settled_seq", BigInteger, nullable=False),
    # A try is written down before it is made, so that a death in it counts; see `set_aside`.
    Column("under_way", Integer),
    Column("suspect_seq", BigInteger),
    Column("struck_seq", BigInteger),
    Column("strikes", SmallInteger),
    Column("strike_reason", Text),
    info=_by_region,
)

# Envelopes with the note "set-aside", and every order to try one again.
set_aside = Table(
    "set_aside",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("since", _moment, nullable=False),
    Column("again_at", _moment),
    Column("deaths", SmallInteger),
    info=_by_region,
)

# One row for each person proven unique: the NIK's only live recording and only live permission.
registry = Table(
    "registry",
    metadata,
    Column("nik", BigInteger, primary_key=True, autoincrement=False),
    Column("recording_id", Uuid, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("captured_at", _moment, nullable=False),
    Column("admitted_at", _moment, nullable=False),
    Column("authorization_id", Uuid, nullable=False),
    Column("authorization_expires_at", _moment, nullable=False),
    Column("authorizations_given", SmallInteger, nullable=False),
    info=_by_nik,
)

# Recordings that met a NIK already proven: kept for ever.
duplicate = Table(
    "duplicate",
    metadata,
    Column("nik", BigInteger, primary_key=True, autoincrement=False),
    Column("recording_id", Uuid, primary_key=True),
    Column("region_code", Text, nullable=False),
    Column("captured_at", _moment, nullable=False),
    Column("rival_recording_id", Uuid, nullable=False),
    Column("rival_region_code", Text, nullable=False),
    Column("found_at", _moment, nullable=False),
    info=_by_nik,
)

feed_head = Table(
    "feed_head",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("last_pos", BigInteger, nullable=False),
    info=_by_region,
)

# Everything the centre tells a region; a decision is an entry, and this is where it is kept.
feed = Table(
    "feed",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("pos", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("recording_id", Uuid, nullable=False),
    Column("outcome", Text),
    Column("written_at", _moment, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_feed_region_code_recording_id", "region_code", "recording_id"),
    info=_by_region,
)

card = Table(
    "card",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("authorization_id", Uuid, primary_key=True),
    Column("recording_id", Uuid, nullable=False),
    Column("blank_serial", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("cause", Text),
    Column("happened_at", _moment, nullable=False),
    info=_by_region,
)

coverage_base = Table(
    "coverage_base",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("district", Text, primary_key=True),
    Column("population", BigInteger, nullable=False),
    Column("obliged", BigInteger, nullable=False),
    Column("counted_at", _moment, nullable=False),
    info=_by_region,
)

# An image of a recording: how many bytes of it are synced, and when all of it was here.
evidence = Table(
    "evidence",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("recording_id", Uuid, primary_key=True),
    Column("part", Text, primary_key=True),
    Column("sha256", LargeBinary, nullable=False),
    Column("offset_bytes", BigInteger, nullable=False),
    Column("restarts", Integer, nullable=False),
    Column("began_at", _moment, nullable=False),
    Column("received_at", _moment),
    info=_by_region,
)

# How far a region's envelopes were looked at for evidence that did not come in time.
evidence_watch = Table(
    "evidence_watch",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("watched_seq", BigInteger, nullable=False),
    info=_by_region,
)

# Recordings that lack images past their time; a row goes when the last image has come.
evidence_overdue = Table(
    "evidence_overdue",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("recording_id", Uuid, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("listed_at", _moment, nullable=False),
    Column("named", SmallInteger, nullable=False),
    Index("ix_evidence_overdue_region_code_listed_at", "region_code", "listed_at"),
    info=_by_region,
)

# Entries a restored centre wrote where a region had applied others: taken out, kept for ever.
displaced_entry = Table(
    "displaced_entry",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("pos", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("recording_id", Uuid, nullable=False),
    Column("outcome", Text),
    Column("written_at", _moment, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("published_again", Boolean),
    info=_by_region,
)

# Permissions a region brought back for a NIK that was given to another recording meanwhile.
contested = Table(
    "contested",
    metadata,
    Column("nik", BigInteger, primary_key=True, autoincrement=False),
    Column("recording_id", Uuid, primary_key=True),
    Column("region_code", Text, nullable=False),
    Column("authorization_id", Uuid, nullable=False),
    Column("rival_recording_id", Uuid, nullable=False),
    Column("rival_region_code", Text, nullable=False),
    Column("rival_captured_at", _moment, nullable=False),
    Column("found_at", _moment, nullable=False),
    Column("told_at", _moment),
    info=_by_nik,
)

# Starts of regional servers: the current one is the row begun and not ended.
region_life = Table(
    "region_life",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("life", Uuid, primary_key=True),
    Column("predecessor", Uuid),
    Column("asked_at", _moment, nullable=False),
    Column("began_at", _moment),
    Column("ended_at", _moment),
    Column("officer", Text),
    Column("reason", Text),
    Index(
        "uq_region_life_current",
        "region_code",
        unique=True,
        postgresql_where=text("began_at IS NOT NULL AND ended_at IS NULL"),
    ),
    info=_by_region,
)
