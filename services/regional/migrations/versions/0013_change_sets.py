"""Residents' lists as change sets, and coverage frozen by semester."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    _change_sets()
    _snapshots()


def _change_sets() -> None:
    op.create_table(
        "residents_change_set",
        sa.Column("change_set_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=False),
        sa.Column("handed_in_by", sa.Text(), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))
            for name in ("lines_read", "residents", "left_out", "ending_in_zero")
        ),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("compared_with", sa.Uuid(), nullable=True),
        sa.Column("living_before", sa.Integer(), nullable=True),
        sa.Column("living_listed", sa.Integer(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("missing_choice", sa.Text(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("change_set_id", name=op.f("pk_residents_change_set")),
    )
    op.create_index(
        "uq_residents_change_set_open",
        "residents_change_set",
        [sa.text("(true)")],
        unique=True,
        postgresql_where=sa.text("state IN ('reading', 'read')"),
    )
    op.create_table(
        "resident_staged",
        sa.Column("change_set_id", sa.Uuid(), nullable=False),
        sa.Column("nik", sa.BigInteger(), nullable=False),
        sa.Column("ward", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("obliged", sa.Boolean(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=True)
            for name in ("name", "birth_place", "street", "rt", "rw", "marital_status")
        ),
        sa.Column("family_card", sa.BigInteger(), nullable=True),
        sa.Column("residency", sa.Text(), nullable=False, server_default=sa.text("'active'")),
        sa.Column("arrived_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("change_set_id", "nik", name=op.f("pk_resident_staged")),
    )
    op.create_table(
        "residents_fault",
        sa.Column("change_set_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("change_set_id", "line", name=op.f("pk_residents_fault")),
    )
    op.create_table(
        "resident_change",
        sa.Column("change_set_id", sa.Uuid(), nullable=False),
        sa.Column("nik", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ward_before", sa.Text(), nullable=True),
        sa.Column("ward_after", sa.Text(), nullable=True),
        sa.Column("is_recorded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("change_set_id", "nik", name=op.f("pk_resident_change")),
    )
    op.create_index(
        "ix_resident_change_nik",
        "resident_change",
        ["nik"],
        postgresql_where=sa.text("kind = 'ward'"),
    )


def _snapshots() -> None:
    op.create_table(
        "coverage_snapshot",
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=False),
        sa.Column("uncertain", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("as_of", name=op.f("pk_coverage_snapshot")),
    )
    op.create_table(
        "coverage_snapshot_cell",
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("ward", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("age_group", sa.Text(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("obliged", sa.Integer(), nullable=False),
        sa.Column("obliged_recorded", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "as_of", "ward", "sex", "age_group", name=op.f("pk_coverage_snapshot_cell")
        ),
    )
    op.create_table(
        "coverage_snapshot_taken",
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("ward", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("of_whom", sa.Text(), nullable=False),
        sa.Column("recordings", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "as_of", "ward", "place", "of_whom", name=op.f("pk_coverage_snapshot_taken")
        ),
    )


def downgrade() -> None:
    for name in ("coverage_snapshot_taken", "coverage_snapshot_cell", "coverage_snapshot"):
        op.drop_table(name)
    for name in ("resident_change", "residents_fault", "resident_staged", "residents_change_set"):
        op.drop_table(name)
