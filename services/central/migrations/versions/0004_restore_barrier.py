"""Epochs that rise, regions that are awaited, and servers that speak for a region."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("incarnation", sa.Column("officer", sa.Text(), nullable=True))
    op.add_column("incarnation", sa.Column("reason", sa.Text(), nullable=True))
    op.create_table(
        "resync",
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("awaiting_since", _moment, nullable=False),
        sa.Column("witnessed_seq", sa.BigInteger(), nullable=False),
        sa.Column("compared_pos", sa.BigInteger(), nullable=False),
        sa.Column("applied_pos", sa.BigInteger(), nullable=True),
        sa.Column("acked_seq", sa.BigInteger(), nullable=True),
        sa.Column("synced_at", _moment, nullable=True),
        sa.Column("waived_at", _moment, nullable=True),
        sa.Column("officer", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("epoch", "region_code", name=op.f("pk_resync")),
        info={"citus": "reference"},
    )
    op.create_table(
        "displaced_entry",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pos", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("written_at", _moment, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("published_again", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("region_code", "epoch", "pos", name=op.f("pk_displaced_entry")),
        info={"citus": "region_code"},
    )
    op.create_table(
        "contested",
        sa.Column("nik", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("authorization_id", sa.Uuid(), nullable=False),
        sa.Column("rival_recording_id", sa.Uuid(), nullable=False),
        sa.Column("rival_region_code", sa.Text(), nullable=False),
        sa.Column("rival_captured_at", _moment, nullable=False),
        sa.Column("found_at", _moment, nullable=False),
        sa.Column("told_at", _moment, nullable=True),
        sa.PrimaryKeyConstraint("nik", "recording_id", name=op.f("pk_contested")),
        info={"citus": "nik"},
    )
    op.create_table(
        "region_life",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("life", sa.Uuid(), nullable=False),
        sa.Column("predecessor", sa.Uuid(), nullable=True),
        sa.Column("asked_at", _moment, nullable=False),
        sa.Column("began_at", _moment, nullable=True),
        sa.Column("ended_at", _moment, nullable=True),
        sa.Column("officer", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("region_code", "life", name=op.f("pk_region_life")),
        info={"citus": "region_code"},
    )
    op.create_index(
        "uq_region_life_current",
        "region_life",
        ["region_code"],
        unique=True,
        postgresql_where=sa.text("began_at IS NOT NULL AND ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_region_life_current", table_name="region_life")
    op.drop_table("region_life")
    op.drop_table("contested")
    op.drop_table("displaced_entry")
    op.drop_table("resync")
    op.drop_column("incarnation", "reason")
    op.drop_column("incarnation", "officer")
