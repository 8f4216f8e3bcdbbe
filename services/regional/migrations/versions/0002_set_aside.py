"""Envelopes the centre refuses, and entries that cannot be applied, are set aside."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "refused_envelope",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("refusals", sa.SmallInteger(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tombstone_id", sa.Uuid(), nullable=True),
        sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_refused_envelope")),
    )
    op.add_column("feed_position", sa.Column("suspect_pos", sa.BigInteger(), nullable=True))
    op.add_column("feed_position", sa.Column("struck_pos", sa.BigInteger(), nullable=True))
    op.add_column("feed_position", sa.Column("strikes", sa.SmallInteger(), nullable=True))
    op.add_column("held_entry", sa.Column("recording_id", sa.Uuid(), nullable=True))
    op.add_column("held_entry", sa.Column("reason", sa.Text(), nullable=True))
    op.create_index("ix_held_entry_recording_id", "held_entry", ["recording_id"])


def downgrade() -> None:
    op.drop_index("ix_held_entry_recording_id", table_name="held_entry")
    op.drop_column("held_entry", "reason")
    op.drop_column("held_entry", "recording_id")
    for name in ("strikes", "struck_pos", "suspect_pos"):
        op.drop_column("feed_position", name)
    op.drop_table("refused_envelope")
