"""The civil registry's own list of who lives here, and every list that changed it."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)

from services.regional.tables.base import MOMENT, metadata


def _told() -> list[Column[object]]:
    """What a list says of a person. Only the first four are on every list."""
    return [
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
    ]


# One row per NIK; nobody is ever deleted from it.
resident = Table(
    "resident",
    metadata,
    Column("nik", BigInteger, primary_key=True, autoincrement=False),
    *_told(),
    Index("ix_resident_ward", "ward", postgresql_where=text("obliged")),
)

# One list as it was handed in: read, compared with what was there, applied or not.
residents_change_set = Table(
    "residents_change_set",
    metadata,
    Column("change_set_id", Uuid, primary_key=True),
    Column("state", Text, nullable=False),
    Column("listed_on", Date, nullable=False),
    Column("handed_in_by", Text, nullable=False),
    Column("handed_in_at", MOMENT, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("lines_read", Integer, nullable=False, server_default=text("0")),
    Column("residents", Integer, nullable=False, server_default=text("0")),
    Column("left_out", Integer, nullable=False, server_default=text("0")),
    Column("ending_in_zero", Integer, nullable=False, server_default=text("0")),
    Column("trouble", Text),
    Column("compared_with", Uuid),
    Column("living_before", Integer),
    Column("living_listed", Integer),
    Column("read_at", MOMENT),
    Column("missing_choice", Text),
    Column("closed_by", Text),
    Column("closed_at", MOMENT),
    Index(
        "uq_residents_change_set_open",
        text("(true)"),
        unique=True,
        postgresql_where=text("state IN ('reading', 'read')"),
    ),
)

# The list's people until it is applied or discarded.
resident_staged = Table(
    "resident_staged",
    metadata,
    Column("change_set_id", Uuid, primary_key=True),
    Column("nik", BigInteger, primary_key=True),
    *_told(),
)

# Lines left out, the first of them: numbers and codes, never what stands there.
residents_fault = Table(
    "residents_fault",
    metadata,
    Column("change_set_id", Uuid, primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("why", Text, nullable=False),
)

# What a list changed of whom; kept, so that figures of a past day know who lived where.
resident_change = Table(
    "resident_change",
    metadata,
    Column("change_set_id", Uuid, primary_key=True),
    Column("nik", BigInteger, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("ward_before", Text),
    Column("ward_after", Text),
    Column("is_recorded", Boolean, nullable=False),
    Index("ix_resident_change_nik", "nik", postgresql_where=text("kind = 'ward'")),
)
