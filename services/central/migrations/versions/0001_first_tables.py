"""The first tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "card",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("authorization_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("blank_serial", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region_code", "authorization_id", name=op.f("pk_card")),
        info={"citus": "region_code"},
    )
    op.create_table(
        "coverage_base",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("population", sa.BigInteger(), nullable=False),
        sa.Column("obliged", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region_code", "district", name=op.f("pk_coverage_base")),
        info={"citus": "region_code"},
    )
    op.create_table(
        "duplicate",
        sa.Column("nik", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rival_recording_id", sa.Uuid(), nullable=False),
        sa.Column("rival_region_code", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("nik", "recording_id", name=op.f("pk_duplicate")),
        info={"citus": "nik"},
    )
    op.create_table(
        "envelope",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("envelope_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("region_code", "seq", name=op.f("pk_envelope")),
        info={"citus": "region_code"},
    )
    op.create_index(
        "ix_envelope_region_code_envelope_id",
        "envelope",
        ["region_code", "envelope_id"],
        unique=False,
    )
    op.create_index(
        "ix_envelope_region_code_note",
        "envelope",
        ["region_code", "note"],
        unique=False,
        postgresql_where=sa.text("note IS NOT NULL"),
    )
    op.create_table(
        "feed",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("pos", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("region_code", "pos", name=op.f("pk_feed")),
        info={"citus": "region_code"},
    )
    op.create_index(
        "ix_feed_region_code_recording_id", "feed", ["region_code", "recording_id"], unique=False
    )
    op.create_table(
        "feed_head",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("last_pos", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("region_code", name=op.f("pk_feed_head")),
        info={"citus": "region_code"},
    )
    op.create_table(
        "incarnation",
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("epoch", name=op.f("pk_incarnation")),
        info={"citus": "reference"},
    )
    op.create_table(
        "intake_head",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("accepted_seq", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("region_code", name=op.f("pk_intake_head")),
        info={"citus": "region_code"},
    )
    op.create_table(
        "registry",
        sa.Column("nik", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("admitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authorization_id", sa.Uuid(), nullable=False),
        sa.Column("authorization_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authorizations_given", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("nik", name=op.f("pk_registry")),
        info={"citus": "nik"},
    )
    op.create_table(
        "settled_head",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("settled_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("region_code", name=op.f("pk_settled_head")),
        info={"citus": "region_code"},
    )
    # Bodies are opaque and do not compress: keep them in the row up to a page, and never try.
    op.execute("ALTER TABLE envelope ALTER COLUMN body SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE envelope SET (toast_tuple_target = 8160)")
    op.execute("ALTER TABLE feed ALTER COLUMN body SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.drop_table("settled_head")
    op.drop_table("registry")
    op.drop_table("intake_head")
    op.drop_table("incarnation")
    op.drop_table("feed_head")
    op.drop_index("ix_feed_region_code_recording_id", table_name="feed")
    op.drop_table("feed")
    op.drop_index("ix_envelope_region_code_note", table_name="envelope")
    op.drop_index("ix_envelope_region_code_envelope_id", table_name="envelope")
    op.drop_table("envelope")
    op.drop_table("duplicate")
    op.drop_table("coverage_base")
    op.drop_table("card")
