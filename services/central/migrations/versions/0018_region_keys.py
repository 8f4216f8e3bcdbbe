"""Keys that regions made themselves and officers of the centre approved."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "region_key",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("x", sa.Text(), nullable=False),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("days", sa.Integer()),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("vouched_by", sa.Text()),
        sa.Column("brought_by", sa.Text()),
        sa.Column("first_officer", sa.Text()),
        sa.Column("first_reason", sa.Text()),
        sa.Column("first_at", moment),
        sa.Column("second_officer", sa.Text()),
        sa.Column("second_reason", sa.Text()),
        sa.Column("second_at", moment),
        sa.Column("approved_at", moment),
        sa.Column("expires_at", moment),
        sa.Column("retires_at", moment),
        sa.Column("refused_at", moment),
        sa.Column("revoked_at", moment),
        sa.Column("ended_by", sa.Text()),
        sa.Column("end_reason", sa.Text()),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("region_code", "kid", name="pk_region_key"),
    )


def downgrade() -> None:
    op.drop_table("region_key")
