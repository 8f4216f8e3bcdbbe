"""Envelopes that cannot be settled are set aside."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("settled_head", sa.Column("under_way", sa.Integer(), nullable=True))
    op.add_column("settled_head", sa.Column("suspect_seq", sa.BigInteger(), nullable=True))
    op.add_column("settled_head", sa.Column("struck_seq", sa.BigInteger(), nullable=True))
    op.add_column("settled_head", sa.Column("strikes", sa.SmallInteger(), nullable=True))
    op.add_column("settled_head", sa.Column("strike_reason", sa.Text(), nullable=True))
    op.create_table(
        "set_aside",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("again_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deaths", sa.SmallInteger(), nullable=True),
        sa.PrimaryKeyConstraint("region_code", "seq", name=op.f("pk_set_aside")),
        info={"citus": "region_code"},
    )


def downgrade() -> None:
    op.drop_table("set_aside")
    for name in ("strike_reason", "strikes", "struck_seq", "suspect_seq", "under_way"):
        op.drop_column("settled_head", name)
