"""A revocation that was a mistake: who gave a permission again, and why."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("revocation", sa.Column("given_again", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("revocation", "given_again")
