"""Table of regions' own keys: handed in, approved by two, renewed, ended. Nothing is taken out."""

from sqlalchemy import Boolean, Column, Integer, Table, Text

from services.central.tables.base import BY_REGION, MOMENT, metadata

# One row for each key that was handed in, and for each pinned one that was ended here.
region_key = Table(
    "region_key",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("kid", Text, primary_key=True),
    Column("x", Text, nullable=False),
    Column("is_pinned", Boolean, nullable=False),
    Column("days", Integer),
    Column("asked_at", MOMENT, nullable=False),
    # The present key that signed for it, and the officer who brought it on a disk.
    Column("vouched_by", Text),
    Column("brought_by", Text),
    Column("first_officer", Text),
    Column("first_reason", Text),
    Column("first_at", MOMENT),
    Column("second_officer", Text),
    Column("second_reason", Text),
    Column("second_at", MOMENT),
    Column("approved_at", MOMENT),
    Column("expires_at", MOMENT),
    Column("retires_at", MOMENT),
    Column("refused_at", MOMENT),
    Column("revoked_at", MOMENT),
    Column("ended_by", Text),
    Column("end_reason", Text),
    # Rises with every change, so that each process sees cheaply that there was one.
    Column("changes", Integer, nullable=False),
    info=BY_REGION,
)
