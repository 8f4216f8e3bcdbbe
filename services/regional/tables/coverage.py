"""Coverage as it was counted on the last day of a semester. Rows are written once."""

from sqlalchemy import Column, Date, Integer, Table, Text

from services.regional.tables.base import MOMENT, metadata

# Coverage of a semester's last day as it was counted then. Rows are written once.
coverage_snapshot = Table(
    "coverage_snapshot",
    metadata,
    Column("as_of", Date, primary_key=True),
    Column("taken_at", MOMENT, nullable=False),
    Column("listed_on", Date, nullable=False),
    Column("uncertain", Integer, nullable=False),
)
coverage_snapshot_cell = Table(
    "coverage_snapshot_cell",
    metadata,
    Column("as_of", Date, primary_key=True),
    Column("ward", Text, primary_key=True),
    Column("sex", Text, primary_key=True),
    Column("age_group", Text, primary_key=True),
    Column("population", Integer, nullable=False),
    Column("obliged", Integer, nullable=False),
    Column("obliged_recorded", Integer, nullable=False),
)
coverage_snapshot_taken = Table(
    "coverage_snapshot_taken",
    metadata,
    Column("as_of", Date, primary_key=True),
    Column("ward", Text, primary_key=True),
    Column("place", Text, primary_key=True),
    Column("of_whom", Text, primary_key=True),
    Column("recordings", Integer, nullable=False),
)
