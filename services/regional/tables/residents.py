"""The civil registry's own list of who lives here."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Table, Text, text

from services.regional.tables.base import metadata

# One row per NIK. Only the first five columns are on every list; the others may be unknown.
resident = Table(
    "resident",
    metadata,
    Column("nik", BigInteger, primary_key=True, autoincrement=False),
    Column("ward", Text, nullable=False),
    Column("sex", Text, nullable=False),
    Column("birth_date", Date, nullable=False),
    Column("obliged", Boolean, nullable=False),
    Column("name", Text),
    Column("birth_place", Text),
    Column("street", Text),
    Column("rt", Text),
    Column("rw", Text),
    Column("marital_status", Text),
    Column("family_card", BigInteger),
    # 'active', 'moved', 'dead' or 'blocked': another axis than recording, never mixed with it.
    Column("residency", Text, nullable=False, server_default=text("'active'")),
    # The days the registry gives, for figures of past dates; empty when it gives none.
    Column("arrived_on", Date),
    Column("left_on", Date),
)
