"""Moves of domicile: what was asked, and the cards of people recorded elsewhere."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "move_in",
        sa.Column("move_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=True),
        sa.Column("letter_number", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("asked_at", _moment, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", _moment, nullable=True),
        sa.PrimaryKeyConstraint("move_id", name=op.f("pk_move_in")),
    )
    op.create_index("ix_move_in_recording_id", "move_in", ["recording_id"])
    op.create_table(
        "move_entry",
        sa.Column("pos", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("move_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("from_region", sa.Text(), nullable=True),
        sa.Column("nik", sa.BigInteger(), nullable=True),
        sa.Column("identity", sa.LargeBinary(), nullable=True),
        sa.Column("card_sha256", sa.Text(), nullable=True),
        sa.Column("decided_at", _moment, nullable=False),
        sa.Column("applied_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("pos", name=op.f("pk_move_entry")),
    )
    op.create_index("ix_move_entry_recording_id", "move_entry", ["recording_id"])
    op.create_index("ix_move_entry_nik", "move_entry", ["nik"])


def downgrade() -> None:
    op.drop_table("move_entry")
    op.drop_table("move_in")
