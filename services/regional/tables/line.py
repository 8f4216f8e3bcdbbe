"""Tables of recording, sending, and what the centre answered."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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

from services.regional.tables.base import MOMENT, metadata

# One recording as it was taken; its body lies in the outbox under the same seq.
recording = Table(
    "recording",
    metadata,
    Column("recording_id", Uuid, primary_key=True),
    Column("nik", BigInteger, nullable=False),
    Column("is_live", Boolean, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("captured_at", MOMENT, nullable=False),
    Column("recorded_at", MOMENT, nullable=False),
    Column("officer", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("ward", Text, nullable=False),
    Index("uq_recording_live_nik", "nik", unique=True, postgresql_where=text("is_live")),
    # Few: a recording is found by its NIK also after it no longer stands.
    Index("ix_recording_past_nik", "nik", postgresql_where=text("NOT is_live")),
)

# Everything this region tells the centre, gapless by seq, kept as it will be sent.
outbox = Table(
    "outbox",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("envelope_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", SmallInteger, nullable=False),
    Column("happened_at", MOMENT, nullable=False),
    Column("written_at", MOMENT, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    # Of a recording whose body is sealed: what this office may read, under a key of its own.
    Column("working_copy", LargeBinary),
)

outbox_head = Table(
    "outbox_head",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("last_seq", BigInteger, nullable=False),
)

uplink_position = Table(
    "uplink_position",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("acked_seq", BigInteger, nullable=False),
    Column("offered_seq", BigInteger, nullable=False),
    Column("offered_at", MOMENT),
    Column("epoch", Integer, nullable=False),
    Column("failures_in_a_row", Integer, nullable=False),
    Column("failing_since", MOMENT),
    Column("last_heard_at", MOMENT),
    Column("goodput_bytes_per_second", BigInteger),
    Column("trouble", Text),
)

# One row for each batch the centre has acknowledged: when, how large, and its signed receipt.
uplink_batch = Table(
    "uplink_batch",
    metadata,
    Column("first_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("payload_bytes", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_sent_at", MOMENT, nullable=False),
    Column("acknowledged_at", MOMENT, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
    Column("signature", Text, nullable=False),
)

# Envelopes the centre's door refuses alone; from `set_aside_at` a tombstone goes in their place.
refused_envelope = Table(
    "refused_envelope",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("code", Text, nullable=False),
    Column("refusals", SmallInteger, nullable=False),
    Column("refused_at", MOMENT, nullable=False),
    Column("tombstone_id", Uuid),
    Column("set_aside_at", MOMENT),
)

feed_position = Table(
    "feed_position",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("applied_pos", BigInteger, nullable=False),
    Column("head_pos", BigInteger, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("applied_at", MOMENT),
    # The shortest page that could not be applied ended here; and an entry that failed alone.
    Column("suspect_pos", BigInteger),
    Column("struck_pos", BigInteger),
    Column("strikes", SmallInteger),
)

# Applied pages as the centre signed them: what a restored centre is given back.
feed_page = Table(
    "feed_page",
    metadata,
    Column("first_pos", BigInteger, primary_key=True, autoincrement=False),
    Column("last_pos", BigInteger, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", Text, nullable=False),
)

# Each start of the server, in order: the name is taken over from the start before.
server_life = Table(
    "server_life",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("life", Uuid, nullable=False),
    Column("predecessor", Uuid),
    Column("made_at", MOMENT, nullable=False),
    Column("claimed_at", MOMENT),
)

decision = Table(
    "decision",
    metadata,
    Column("recording_id", Uuid, primary_key=True),
    Column("pos", BigInteger, primary_key=True, autoincrement=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("duplicate", Text),
    Column("rival_recording_id", Uuid),
    Column("rival_region", Text),
    Column("rival_captured_at", MOMENT),
    Column("decided_at", MOMENT, nullable=False),
    Column("applied_at", MOMENT, nullable=False),
)

# Entries this version cannot read or apply: kept for the version that can.
held_entry = Table(
    "held_entry",
    metadata,
    Column("pos", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("held_at", MOMENT, nullable=False),
    Column("recording_id", Uuid),
    Column("reason", Text),
    Index("ix_held_entry_recording_id", "recording_id"),
)

print_authorization = Table(
    "print_authorization",
    metadata,
    Column("authorization_id", Uuid, primary_key=True),
    Column("recording_id", Uuid, nullable=False),
    Column("pos", BigInteger, nullable=False),
    Column("jws", Text, nullable=False),
    Column("issued_at", MOMENT, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
    # Copies of what the card and its data say, so that the oldest unspent ones are found at once.
    Column("spent_at", MOMENT),
    Column("printable_on", Date),
    Index("ix_print_authorization_recording_id", "recording_id"),
    Index("ix_print_authorization_unspent", "pos", postgresql_where=text("spent_at IS NULL")),
)

# A blank and the one authorization it spends: both are used up by the first row that names them.
card = Table(
    "card",
    metadata,
    Column("authorization_id", Uuid, primary_key=True),
    Column("blank_serial", Text, nullable=False),
    Column("recording_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("officer", Text, nullable=False),
    Column("intended_at", MOMENT, nullable=False),
    Column("printed_at", MOMENT),
    Column("spoiled_at", MOMENT),
    Column("issued_at", MOMENT),
    Column("cause", Text),
    Index("uq_card_blank_serial", "blank_serial", unique=True),
    Index("ix_card_recording_id", "recording_id"),
)

# An image a station handed in: here when the row is, at the centre when it says so.
evidence = Table(
    "evidence",
    metadata,
    Column("recording_id", Uuid, primary_key=True),
    Column("part", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("officer", Text, nullable=False),
    Column("handed_in_at", MOMENT, nullable=False),
    Column("received_at", MOMENT),
    Column("refusals", Integer, nullable=False),
    Column("refusal", Text),
    Column("not_before", MOMENT),
    Column("damaged_at", MOMENT),
    # The centre has it, and its time here is over: the file is gone.
    Column("removed_at", MOMENT),
    Index("ix_evidence_waiting", "seq", "part", postgresql_where=text("received_at IS NULL")),
    Index(
        "ix_evidence_here",
        "received_at",
        postgresql_where=text("received_at IS NOT NULL AND removed_at IS NULL"),
    ),
)

# How far recordings were looked at for evidence that is not at the centre in time.
evidence_watch = Table(
    "evidence_watch",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("watched_seq", BigInteger, nullable=False),
)

# Recordings that lack images at the centre past their time; a row goes with the last of them.
evidence_overdue = Table(
    "evidence_overdue",
    metadata,
    Column("recording_id", Uuid, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("listed_at", MOMENT, nullable=False),
    Column("named", SmallInteger, nullable=False),
    Index("ix_evidence_overdue_seq", "seq"),
)
