"""Remedies: what this office asked of the centre, and what was answered."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "deletion_request",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("asked_at", _moment, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", _moment, nullable=True),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_deletion_request")),
    )
    op.create_table(
        "deletion_named",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("is_kept", sa.Boolean(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("request_id", "recording_id", name=op.f("pk_deletion_named")),
    )
    op.create_index(
        "uq_deletion_named_open",
        "deletion_named",
        ["recording_id"],
        unique=True,
        postgresql_where=sa.text("is_open"),
    )
    op.create_table(
        "deletion_entry",
        sa.Column("pos", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("request_region", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", _moment, nullable=False),
        sa.Column("applied_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("pos", name=op.f("pk_deletion_entry")),
    )
    op.create_table(
        "deleted_recording",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.Column("may_record_again", sa.Boolean(), nullable=False),
        sa.Column("deleted_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_deleted_recording")),
    )
    op.create_table(
        "validation",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("asked_pos", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("checked_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("recording_id", "asked_pos", name=op.f("pk_validation")),
    )


def downgrade() -> None:
    for table in (
        "validation",
        "deleted_recording",
        "deletion_entry",
        "deletion_named",
        "deletion_request",
    ):
        op.drop_table(table)
