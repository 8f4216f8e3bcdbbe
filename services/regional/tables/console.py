"""How the line did, minute by minute: what an officer's picture of the last days is drawn from."""

from sqlalchemy import BigInteger, Column, Table, Text

from services.regional.tables.base import MOMENT, metadata

# One row a minute while a server of this region runs; old rows go.
line_sample = Table(
    "line_sample",
    metadata,
    Column("minute", MOMENT, primary_key=True),
    Column("state", Text, nullable=False),
    Column("failing_since", MOMENT),
    Column("waiting", BigInteger, nullable=False),
    Column("goodput_bytes_per_second", BigInteger),
)
