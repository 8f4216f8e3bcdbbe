"""Authorizations the centre took back, and expired ones asked for anew."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "revocation",
        sa.Column("authorization_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("replaced_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", _moment, nullable=False),
        sa.Column("applied_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("authorization_id", name=op.f("pk_revocation")),
    )
    op.create_index("ix_revocation_recording_id", "revocation", ["recording_id"])
    op.create_table(
        "renewal",
        sa.Column("authorization_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("authorization_id", name=op.f("pk_renewal")),
    )


def downgrade() -> None:
    op.drop_table("renewal")
    op.drop_index("ix_revocation_recording_id", table_name="revocation")
    op.drop_table("revocation")
