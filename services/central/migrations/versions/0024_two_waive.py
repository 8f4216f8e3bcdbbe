"""Two officers waive a region: who asked first is kept beside who agreed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("resync", sa.Column("waiver_asked_at", sa.DateTime(timezone=True)))
    op.add_column("resync", sa.Column("waiver_asked_by", sa.Text()))
    op.add_column("resync", sa.Column("waiver_asked_reason", sa.Text()))


def downgrade() -> None:
    for column in ("waiver_asked_reason", "waiver_asked_by", "waiver_asked_at"):
        op.drop_column("resync", column)
