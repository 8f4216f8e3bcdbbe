"""Tables of the printing desk: exceptions, hand-overs, blanks one by one, sukets."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)

from services.regional.tables.base import MOMENT, metadata

# Who may be printed before older permissions, why, and who said so. Never changed, never removed.
print_exception = Table(
    "print_exception",
    metadata,
    Column("authorization_id", Uuid, primary_key=True),
    Column("recording_id", Uuid, nullable=False),
    Column("reason", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("officer", Text, nullable=False),
    Column("made_at", MOMENT, nullable=False),
    Index("ix_print_exception_made_at", "made_at"),
)

# Into whose hand a card went, and who gave it.
handover = Table(
    "handover",
    metadata,
    Column("blank_serial", Text, primary_key=True),
    Column("recording_id", Uuid, nullable=False),
    Column("collector", Text, nullable=False),
    Column("collector_nik", BigInteger),
    Column("officer", Text, nullable=False),
    Column("handed_at", MOMENT, nullable=False),
)

blank_delivery = Table(
    "blank_delivery",
    metadata,
    Column("delivery_id", Uuid, primary_key=True),
    Column("received_on", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("first_serial", Text, nullable=False),
    Column("last_serial", Text, nullable=False),
    Column("blanks", Integer, nullable=False),
    Column("officer", Text, nullable=False),
    Column("entered_at", MOMENT, nullable=False),
)

# Each blank that was received. That it was used is said by `card`; spoiled here: before its use.
blank = Table(
    "blank",
    metadata,
    Column("serial", Text, primary_key=True),
    Column("delivery_id", Uuid, nullable=False),
    Column("spoiled_at", MOMENT),
    Column("cause", Text),
    Column("officer", Text),
    Index("ix_blank_spoiled_at", "spoiled_at", postgresql_where=text("spoiled_at IS NOT NULL")),
)

# Minutes of a burning: written by one officer, borne witness to by another.
blank_burning = Table(
    "blank_burning",
    metadata,
    Column("burning_id", Uuid, primary_key=True),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("place", Text, nullable=False),
    Column("officer", Text, nullable=False),
    Column("written_at", MOMENT, nullable=False),
    Column("witness", Text),
    Column("burnt_at", MOMENT),
    Index("uq_blank_burning_number", "year", "number", unique=True),
)

# A blank is in one burning at most; cause and time as they stood when the minutes were written.
burnt_blank = Table(
    "burnt_blank",
    metadata,
    Column("serial", Text, primary_key=True),
    Column("burning_id", Uuid, nullable=False),
    Column("cause", Text, nullable=False),
    Column("spoiled_at", MOMENT, nullable=False),
    Index("ix_burnt_blank_burning_id", "burning_id"),
)

# Temporary certificates. That a card ended one is never written: it follows from `card`.
suket = Table(
    "suket",
    metadata,
    Column("suket_id", Uuid, primary_key=True),
    Column("token", Text, nullable=False),
    Column("recording_id", Uuid, nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("status_code", Text, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("issued_at", MOMENT, nullable=False),
    Column("officer", Text, nullable=False),
    Column("renews", Uuid),
    Column("withdrawn_at", MOMENT),
    Column("withdrawn_by", Text),
    Index("uq_suket_token", "token", unique=True),
    Index("uq_suket_number", "year", "number", unique=True),
    # One line of certificates for each recording: each renews the one before, once.
    Index("uq_suket_first", "recording_id", unique=True, postgresql_where=text("renews IS NULL")),
    Index("uq_suket_renews", "renews", unique=True, postgresql_where=text("renews IS NOT NULL")),
    Index("ix_suket_valid_until", "valid_until"),
)
