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
        sa.Column("authorization_id", sa.Uuid(), nullable=False),
        sa.Column("blank_serial", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("intended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("spoiled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("authorization_id", name=op.f("pk_card")),
    )
    op.create_index("ix_card_recording_id", "card", ["recording_id"], unique=False)
    op.create_index("uq_card_blank_serial", "card", ["blank_serial"], unique=True)
    op.create_table(
        "decision",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("pos", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("duplicate", sa.Text(), nullable=True),
        sa.Column("rival_recording_id", sa.Uuid(), nullable=True),
        sa.Column("rival_region", sa.Text(), nullable=True),
        sa.Column("rival_captured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("recording_id", "pos", name=op.f("pk_decision")),
    )
    op.create_table(
        "feed_position",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("applied_pos", sa.BigInteger(), nullable=False),
        sa.Column("head_pos", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("region_code", name=op.f("pk_feed_position")),
    )
    op.create_table(
        "held_entry",
        sa.Column("pos", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("pos", name=op.f("pk_held_entry")),
    )
    op.create_table(
        "outbox",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("envelope_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox")),
    )
    op.create_table(
        "outbox_head",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("region_code", name=op.f("pk_outbox_head")),
    )
    op.create_table(
        "print_authorization",
        sa.Column("authorization_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("authorization_id", name=op.f("pk_print_authorization")),
    )
    op.create_index(
        "ix_print_authorization_recording_id", "print_authorization", ["recording_id"], unique=False
    )
    op.create_table(
        "recording",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("nik", sa.BigInteger(), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("ward", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_recording")),
    )
    op.create_index(
        "uq_recording_live_nik",
        "recording",
        ["nik"],
        unique=True,
        postgresql_where=sa.text("is_live"),
    )
    op.create_table(
        "resident",
        sa.Column("nik", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ward", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("obliged", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("nik", name=op.f("pk_resident")),
    )
    op.create_table(
        "uplink_batch",
        sa.Column("first_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("payload_bytes", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("first_seq", name=op.f("pk_uplink_batch")),
    )
    op.create_table(
        "uplink_position",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("acked_seq", sa.BigInteger(), nullable=False),
        sa.Column("offered_seq", sa.BigInteger(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("failures_in_a_row", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("goodput_bytes_per_second", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("region_code", name=op.f("pk_uplink_position")),
    )
    # Bodies are opaque and do not compress: keep them in the row up to a page, and never try.
    op.execute("ALTER TABLE outbox ALTER COLUMN body SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE outbox SET (toast_tuple_target = 8160)")


def downgrade() -> None:
    op.drop_table("uplink_position")
    op.drop_table("uplink_batch")
    op.drop_table("resident")
    op.drop_index(
        "uq_recording_live_nik", table_name="recording", postgresql_where=sa.text("is_live")
    )
    op.drop_table("recording")
    op.drop_index("ix_print_authorization_recording_id", table_name="print_authorization")
    op.drop_table("print_authorization")
    op.drop_table("outbox_head")
    op.drop_table("outbox")
    op.drop_table("held_entry")
    op.drop_table("feed_position")
    op.drop_table("decision")
    op.drop_index("uq_card_blank_serial", table_name="card")
    op.drop_index("ix_card_recording_id", table_name="card")
    op.drop_table("card")
