"""Data keys of sealed recordings that were wrapped anew: the bodies stay as they came."""

from sqlalchemy import Column, LargeBinary, Table, Text, Uuid

from services.central.tables.base import BY_REGION, metadata

# Only of recordings whose own key of the centre is retired; kek_id: what it lies under now.
data_key = Table(
    "data_key",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("recording_id", Uuid, primary_key=True),
    Column("kek_id", Text, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    info=BY_REGION,
)
