"""Duties: when an image went because its time was over, and the register of breaches."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("evidence", sa.Column("removed_at", _moment, nullable=True))
    op.create_table(
        "breach",
        sa.Column("breach_id", sa.Uuid(), nullable=False),
        sa.Column("found_at", _moment, nullable=False),
        sa.Column("began_at", _moment, nullable=True),
        sa.Column("ended_at", _moment, nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("recorded_at", _moment, nullable=False),
        sa.Column("authority_told_at", _moment, nullable=True),
        sa.Column("authority_told_by", sa.Text(), nullable=True),
        sa.Column("subjects_told_at", _moment, nullable=True),
        sa.Column("subjects_told_by", sa.Text(), nullable=True),
        sa.Column("closed_at", _moment, nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("breach_id", name=op.f("pk_breach")),
    )


def downgrade() -> None:
    op.drop_table("breach")
    op.drop_column("evidence", "removed_at")
