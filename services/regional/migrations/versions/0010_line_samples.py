"""How the line did, minute by minute."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "line_sample",
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting", sa.BigInteger(), nullable=False),
        sa.Column("goodput_bytes_per_second", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("minute", name=op.f("pk_line_sample")),
    )


def downgrade() -> None:
    op.drop_table("line_sample")
