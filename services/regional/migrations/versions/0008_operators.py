"""Officers' own irises."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "operator_irises",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("left_eye", sa.LargeBinary(), nullable=True),
        sa.Column("right_eye", sa.LargeBinary(), nullable=True),
        sa.Column("own_nik", sa.BigInteger(), nullable=True),
        sa.Column("head_of_office", sa.Text(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("enrolment_id", name=op.f("pk_operator_irises")),
    )
    op.create_index(
        "uq_operator_irises_officer",
        "operator_irises",
        ["officer"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("operator_irises")
