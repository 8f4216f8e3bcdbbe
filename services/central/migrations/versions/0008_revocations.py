"""Permissions are taken back: by whom, why, and what follows."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("registry", sa.Column("authorization_revoked_at", _moment, nullable=True))
    op.create_table(
        "revocation",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("authorization_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revoked_at", _moment, nullable=False),
        sa.Column("replaced_by", sa.Uuid(), nullable=True),
        sa.Column("officer", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("region_code", "authorization_id", name=op.f("pk_revocation")),
        info={"citus": "region_code"},
    )
    op.create_index(
        "ix_revocation_region_code_revoked_at", "revocation", ["region_code", "revoked_at"]
    )


def downgrade() -> None:
    op.drop_index("ix_revocation_region_code_revoked_at", table_name="revocation")
    op.drop_table("revocation")
    op.drop_column("registry", "authorization_revoked_at")
