"""Remedies: requests to delete, what was deleted, answers to validations."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_moment = sa.DateTime(timezone=True)
_by_region = {"citus": "region_code"}


def upgrade() -> None:
    op.create_table(
        "deletion_request",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", _moment, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", _moment, nullable=True),
        sa.PrimaryKeyConstraint("region_code", "request_id", name=op.f("pk_deletion_request")),
        info=_by_region,
    )
    op.create_index(
        "ix_deletion_request_waiting",
        "deletion_request",
        ["region_code", "received_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "deletion",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("nik", sa.BigInteger(), nullable=False),
        sa.Column("captured_at", _moment, nullable=False),
        sa.Column("named_at", _moment, nullable=False),
        sa.Column("deleted_at", _moment, nullable=True),
        sa.Column("request_region_code", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("region_code", "recording_id", name=op.f("pk_deletion")),
        info=_by_region,
    )
    op.create_table(
        "validation",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("taken_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("region_code", "recording_id", "seq", name=op.f("pk_validation")),
        info=_by_region,
    )


def downgrade() -> None:
    for table in ("validation", "deletion", "deletion_request"):
        op.drop_table(table)
