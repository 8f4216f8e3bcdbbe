"""What an office may read of a recording whose body only the centre can open."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("working_copy", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("outbox", "working_copy")
