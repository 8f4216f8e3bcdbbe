"""Tables of outreach: letters to the unrecorded, and what was heard of them."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Index,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from services.regional.tables.base import MOMENT, metadata

# How far the office is with one person; folded from the rows below, kept for lists and counts.
outreach = Table(
    "outreach",
    metadata,
    Column("nik", BigInteger, primary_key=True, autoincrement=False),
    # Names the person in addresses, where a NIK may not stand.
    Column("person_id", Uuid, nullable=False),
    Column("letters", SmallInteger, nullable=False),
    Column("lettered_on", Date),
    Column("whereabouts", Text),
    Column("source", Text),
    Column("heard_on", Date),
    Column("forward_to", Text),
    Column("closed", Text),
    Index("uq_outreach_person_id", "person_id", unique=True),
)

# Everything that was heard, closed and opened again: never changed, never removed.
outreach_event = Table(
    "outreach_event",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("nik", BigInteger, nullable=False),
    Column("act", Text, nullable=False),  # 'heard', 'closed' or 'reopened'
    Column("whereabouts", Text),
    Column("reason", Text),
    Column("source", Text),
    Column("heard_on", Date),
    Column("forward_to", Text),
    Column("remark", Text),
    Column("officer", Text),  # empty: the person's own reply to a letter
    Column("noted_at", MOMENT, nullable=False),
    Index("ix_outreach_event_nik", "nik", "noted_at"),
)

# One ward's letters of one day: there is one at most, so that a limit is a limit.
invitation_delivery = Table(
    "invitation_delivery",
    metadata,
    Column("delivery_id", Uuid, primary_key=True),
    Column("ward", Text, nullable=False),
    Column("deliver_on", Date, nullable=False),
    Column("letters", SmallInteger, nullable=False),
    Column("officer", Text, nullable=False),
    Column("made_at", MOMENT, nullable=False),
    Index("uq_invitation_delivery_day", "deliver_on", "ward", unique=True),
)

invitation = Table(
    "invitation",
    metadata,
    Column("delivery_id", Uuid, primary_key=True),
    Column("place", SmallInteger, primary_key=True, autoincrement=False),
    Column("nik", BigInteger, nullable=False),
    Column("token", Text, nullable=False),
    Column("forward_to", Text),  # where it was forwarded; empty: home
    Column("wrong_tries", SmallInteger, nullable=False),
    Index("uq_invitation_token", "token", unique=True),
    Index("ix_invitation_nik", "nik"),
)
