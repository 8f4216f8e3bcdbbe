"""Receipts of citizens, and recordings that no longer stand found by NIK."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "receipt_secret",
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_receipt_secret")),
    )
    op.create_table(
        "receipt_generation",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_receipt_generation")),
    )
    op.create_index(
        "ix_recording_past_nik",
        "recording",
        ["nik"],
        postgresql_where=sa.text("NOT is_live"),
    )


def downgrade() -> None:
    op.drop_index("ix_recording_past_nik", table_name="recording")
    op.drop_table("receipt_generation")
    op.drop_table("receipt_secret")
