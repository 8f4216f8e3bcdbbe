"""Which officers' irises regions enrolled and removed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "operator",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("head_of_office", sa.Text(), nullable=False),
        sa.Column("enrolled_at", _moment, nullable=False),
        sa.Column("removed_at", _moment, nullable=True),
        sa.PrimaryKeyConstraint("region_code", "enrolment_id", name=op.f("pk_operator")),
        info={"citus": "region_code"},
    )


def downgrade() -> None:
    op.drop_table("operator")
