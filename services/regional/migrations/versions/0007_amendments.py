"""Requests to change or print again, and what the centre answered."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "amendment",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("nik", sa.BigInteger(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("changes_card", sa.Boolean(), nullable=False),
        sa.Column("is_waiting", sa.Boolean(), nullable=False),
        sa.Column("old_blank_serial", sa.Text(), nullable=True),
        sa.Column("requested_at", _moment, nullable=False),
        sa.Column("taken_at", _moment, nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_amendment")),
    )
    op.create_index(
        "uq_amendment_waiting_nik",
        "amendment",
        ["nik"],
        unique=True,
        postgresql_where=sa.text("is_waiting"),
    )
    op.create_index("ix_amendment_recording_id", "amendment", ["recording_id"])
    op.create_table(
        "amendment_decision",
        sa.Column("pos", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("remedy", sa.Text(), nullable=True),
        sa.Column("remedy_id", sa.Text(), nullable=True),
        sa.Column("is_card_due", sa.Boolean(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=True),
        sa.Column("card_sha256", sa.Text(), nullable=True),
        sa.Column("decided_at", _moment, nullable=False),
        sa.Column("applied_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("pos", name=op.f("pk_amendment_decision")),
    )
    op.create_index("ix_amendment_decision_request_id", "amendment_decision", ["request_id"])
    op.create_index("ix_amendment_decision_recording_id", "amendment_decision", ["recording_id"])


def downgrade() -> None:
    op.drop_table("amendment_decision")
    op.drop_table("amendment")
