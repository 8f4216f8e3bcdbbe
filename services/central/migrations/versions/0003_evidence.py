"""Evidence: images that follow their recordings."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("offset_bytes", sa.BigInteger(), nullable=False),
        sa.Column("restarts", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("region_code", "recording_id", "part", name=op.f("pk_evidence")),
        info={"citus": "region_code"},
    )
    op.create_table(
        "evidence_watch",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("watched_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("region_code", name=op.f("pk_evidence_watch")),
        info={"citus": "region_code"},
    )
    op.create_table(
        "evidence_overdue",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("named", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("region_code", "recording_id", name=op.f("pk_evidence_overdue")),
        info={"citus": "region_code"},
    )
    op.create_index(
        "ix_evidence_overdue_region_code_listed_at",
        "evidence_overdue",
        ["region_code", "listed_at"],
        unique=False,
    )


def downgrade() -> None:
    for name in ("evidence_overdue", "evidence_watch", "evidence"):
        op.drop_table(name)
