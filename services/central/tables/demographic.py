"""Where recordings alike in name, birth date, mother or family card are found together."""

from sqlalchemy import BigInteger, Column, Table, Text, Uuid

from services.central.tables.base import metadata

# A key is a hash; it holds no name and is of no use but to meet itself.
demographic_key = Table(
    "demographic_key",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("recording_id", Uuid, primary_key=True),
    Column("region_code", Text, nullable=False),
    info={"citus": "key"},
)
