"""Searches that were audited are found by when."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index(
        "ix_uniqueness_check_audited_at",
        "uniqueness_check",
        ["audited_at"],
        postgresql_where=sa.text("audited_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_uniqueness_check_audited_at", table_name="uniqueness_check")
