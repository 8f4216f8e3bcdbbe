"""What became of permissions after they were given."""

from sqlalchemy import Column, Index, Table, Text, Uuid

from services.central.tables.base import BY_REGION, MOMENT, metadata

# Permissions taken back: kept for ever, with who said so; no officer: the centre by its own rules.
revocation = Table(
    "revocation",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("authorization_id", Uuid, primary_key=True),
    Column("recording_id", Uuid, nullable=False),
    Column("reason", Text, nullable=False),
    Column("revoked_at", MOMENT, nullable=False),
    Column("replaced_by", Uuid),
    Column("officer", Text),
    Column("note", Text),
    Column("given_again", Text),
    Index("ix_revocation_region_code_revoked_at", "region_code", "revoked_at"),
    info=BY_REGION,
)
