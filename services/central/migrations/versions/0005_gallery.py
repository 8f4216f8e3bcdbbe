"""The gallery of irises, what each check saw, and decisions that are not the last word."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "gallery_head",
        sa.Column("one", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("last_pos", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_gallery_head")),
        info={"citus": "reference"},
    )
    op.create_table(
        "gallery",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("pos", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("nik", sa.BigInteger(), nullable=True),
        sa.Column("irises", sa.LargeBinary(), nullable=True),
        sa.Column("added_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("shard", "pos", name=op.f("pk_gallery")),
        info={"citus": "shard"},
    )
    # Templates do not compress, and lie beside their row: reading many is what they are for.
    op.execute("ALTER TABLE gallery ALTER COLUMN irises SET STORAGE EXTERNAL")
    op.create_index("ix_gallery_shard_recording_id", "gallery", ["shard", "recording_id"])
    op.create_table(
        "uniqueness_check",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("gallery_pos", sa.BigInteger(), nullable=True),
        sa.Column("gallery_size", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("checked_at", _moment, nullable=False),
        sa.Column("audited_at", _moment, nullable=True),
        sa.Column("audit_agrees", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint(
            "region_code", "recording_id", "attempt", name=op.f("pk_uniqueness_check")
        ),
        info={"citus": "region_code"},
    )
    op.create_table(
        "undecided",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("since", _moment, nullable=False),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.Column("search_at", _moment, nullable=True),
        sa.PrimaryKeyConstraint("region_code", "recording_id", name=op.f("pk_undecided")),
        info={"citus": "region_code"},
    )
    op.create_index(
        "ix_undecided_search_at",
        "undecided",
        ["search_at"],
        postgresql_where=sa.text("search_at IS NOT NULL"),
    )


def downgrade() -> None:
    for table in ("undecided", "uniqueness_check", "gallery", "gallery_head"):
        op.drop_table(table)
