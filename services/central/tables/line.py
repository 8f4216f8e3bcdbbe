"""Tables of the line: what came, how it was settled, what regions are told."""

from sqlalchemy import (
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

from services.central.tables.base import BY_NIK, BY_REGION, MOMENT, REFERENCE, metadata

# The centre's incarnation: the epoch rises when it is restored from a backup.
incarnation = Table(
    "incarnation",
    metadata,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("began_at", MOMENT, nullable=False),
    Column("officer", Text),
    Column("reason", Text),
    info=REFERENCE,
)

# What a new epoch waits for: each region that has not handed back yet what it holds.
resync = Table(
    "resync",
    metadata,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("region_code", Text, primary_key=True),
    Column("awaiting_since", MOMENT, nullable=False),
    Column("witnessed_seq", BigInteger, nullable=False),
    Column("compared_pos", BigInteger, nullable=False),
    Column("applied_pos", BigInteger),
    Column("acked_seq", BigInteger),
    Column("synced_at", MOMENT),
    # A waiver takes two officers: the first asks, the second waives.
    Column("waiver_asked_at", MOMENT),
    Column("waiver_asked_by", Text),
    Column("waiver_asked_reason", Text),
    Column("waived_at", MOMENT),
    Column("officer", Text),
    Column("reason", Text),
    info=REFERENCE,
)

intake_head = Table(
    "intake_head",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("accepted_seq", BigInteger, nullable=False),
    Column("received_at", MOMENT),
    info=BY_REGION,
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
    Column("happened_at", MOMENT, nullable=False),
    Column("received_at", MOMENT, nullable=False),
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
    info=BY_REGION,
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
    info=BY_REGION,
)

# Envelopes with the note "set-aside", and every order to try one again.
set_aside = Table(
    "set_aside",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("since", MOMENT, nullable=False),
    Column("again_at", MOMENT),
    Column("deaths", SmallInteger),
    info=BY_REGION,
)

# One row for each person proven unique: the NIK's only live recording and only live permission.
registry = Table(
    "registry",
    metadata,
    Column("nik", BigInteger, primary_key=True, autoincrement=False),
    Column("recording_id", Uuid, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("captured_at", MOMENT, nullable=False),
    Column("admitted_at", MOMENT, nullable=False),
    Column("authorization_id", Uuid, nullable=False),
    Column("authorization_expires_at", MOMENT, nullable=False),
    Column("authorizations_given", SmallInteger, nullable=False),
    # Set: the person has no live permission, and yet nobody else may be recorded under the NIK.
    Column("authorization_revoked_at", MOMENT),
    info=BY_NIK,
)

# Recordings that met a NIK already proven: kept for ever.
duplicate = Table(
    "duplicate",
    metadata,
    Column("nik", BigInteger, primary_key=True, autoincrement=False),
    Column("recording_id", Uuid, primary_key=True),
    Column("region_code", Text, nullable=False),
    Column("captured_at", MOMENT, nullable=False),
    Column("rival_recording_id", Uuid, nullable=False),
    Column("rival_region_code", Text, nullable=False),
    Column("found_at", MOMENT, nullable=False),
    info=BY_NIK,
)

feed_head = Table(
    "feed_head",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("last_pos", BigInteger, nullable=False),
    info=BY_REGION,
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
    Column("written_at", MOMENT, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_feed_region_code_recording_id", "region_code", "recording_id"),
    info=BY_REGION,
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
    Column("happened_at", MOMENT, nullable=False),
    info=BY_REGION,
)

coverage_base = Table(
    "coverage_base",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("district", Text, primary_key=True),
    Column("population", BigInteger, nullable=False),
    Column("obliged", BigInteger, nullable=False),
    Column("counted_at", MOMENT, nullable=False),
    info=BY_REGION,
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
    Column("began_at", MOMENT, nullable=False),
    Column("received_at", MOMENT),
    # Its recording was deleted, and the time for that is over: the file is gone.
    Column("removed_at", MOMENT),
    info=BY_REGION,
)

# How far a region's envelopes were looked at for evidence that did not come in time.
evidence_watch = Table(
    "evidence_watch",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("watched_seq", BigInteger, nullable=False),
    info=BY_REGION,
)

# Recordings that lack images past their time; a row goes when the last image has come.
evidence_overdue = Table(
    "evidence_overdue",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("recording_id", Uuid, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("listed_at", MOMENT, nullable=False),
    Column("named", SmallInteger, nullable=False),
    Index("ix_evidence_overdue_region_code_listed_at", "region_code", "listed_at"),
    info=BY_REGION,
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
    Column("written_at", MOMENT, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("published_again", Boolean),
    info=BY_REGION,
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
    Column("rival_captured_at", MOMENT, nullable=False),
    Column("found_at", MOMENT, nullable=False),
    Column("told_at", MOMENT),
    info=BY_NIK,
)

# Starts of regional servers: the current one is the row begun and not ended.
region_life = Table(
    "region_life",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("life", Uuid, primary_key=True),
    Column("predecessor", Uuid),
    Column("asked_at", MOMENT, nullable=False),
    Column("began_at", MOMENT),
    Column("ended_at", MOMENT),
    Column("officer", Text),
    Column("reason", Text),
    Index(
        "uq_region_life_current",
        "region_code",
        unique=True,
        postgresql_where=text("began_at IS NOT NULL AND ended_at IS NULL"),
    ),
    info=BY_REGION,
)
