"""Officers' irises, sealed; what was enrolled before stays readable until it is renewed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("operator_irises", sa.Column("left_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("operator_irises", sa.Column("right_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("operator_irises", sa.Column("key_id", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("operator_irises", "key_id")
    op.drop_column("operator_irises", "right_sealed")
    op.drop_column("operator_irises", "left_sealed")
