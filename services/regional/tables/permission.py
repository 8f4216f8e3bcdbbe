"""What became of permissions after they were given."""

from sqlalchemy import BigInteger, Column, Index, Table, Text, Uuid

from services.regional.tables.base import MOMENT, metadata

# Authorizations the centre took back; one may be told before or without the authorization itself.
revocation = Table(
    "revocation",
    metadata,
    Column("authorization_id", Uuid, primary_key=True),
    Column("recording_id", Uuid, nullable=False),
    Column("pos", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("replaced_by", Uuid),
    Column("revoked_at", MOMENT, nullable=False),
    Column("applied_at", MOMENT, nullable=False),
    Index("ix_revocation_recording_id", "recording_id"),
)

# Expired authorizations given up here, for which a fresh one was asked: never spent again.
renewal = Table(
    "renewal",
    metadata,
    Column("authorization_id", Uuid, primary_key=True),
    Column("recording_id", Uuid, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("asked_at", MOMENT, nullable=False),
)
