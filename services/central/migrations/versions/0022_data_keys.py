"""Data keys wrapped by the centre's KEK, and states of a person's data sealed under such keys."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("kek_id", sa.Text(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("region_code", "recording_id", name=op.f("pk_data_key")),
    )
    op.add_column("identity_version", sa.Column("kek_id", sa.Text(), nullable=True))
    op.add_column("identity_version", sa.Column("wrapped_key", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("identity_version", "wrapped_key")
    op.drop_column("identity_version", "kek_id")
    op.drop_table("data_key")
