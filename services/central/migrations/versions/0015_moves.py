"""Moves of domicile: whose permission was addressed to another office."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "move",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("move_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=True),
        sa.Column("taken_in", sa.Text(), nullable=True),
        sa.Column("from_region_code", sa.Text(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("region_code", "move_id", name=op.f("pk_move")),
        info={"citus": "region_code"},
    )
    op.create_index("ix_move_region_code_recording_id", "move", ["region_code", "recording_id"])


def downgrade() -> None:
    op.drop_table("move")
