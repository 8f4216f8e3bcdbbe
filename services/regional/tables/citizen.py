"""Tables of citizens' receipts: one secret, and which receipts no longer count."""

from sqlalchemy import Column, Integer, LargeBinary, SmallInteger, Table, Text, Uuid

from services.regional.tables.base import MOMENT, metadata

# One row: what the addresses on receipts are sealed with. It lies with the data so that a region
# that is restored, or taken over, still opens the receipts people carry.
receipt_secret = Table(
    "receipt_secret",
    metadata,
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("secret", LargeBinary, nullable=False),
    Column("made_at", MOMENT, nullable=False),
)

# Recordings whose receipts were revoked: those of an earlier generation open nothing.
receipt_generation = Table(
    "receipt_generation",
    metadata,
    Column("recording_id", Uuid, primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("officer", Text, nullable=False),
    Column("revoked_at", MOMENT, nullable=False),
)
