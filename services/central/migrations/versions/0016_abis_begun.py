"""How often an ABIS was told everything anew: a search that began before it is no verdict."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("abis_mark", sa.Column("times_begun", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("abis_mark", "times_begun")
