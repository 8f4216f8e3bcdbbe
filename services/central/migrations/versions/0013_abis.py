"""Up to where an ABIS of somebody else's has been told of the gallery."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "abis_mark",
        sa.Column("abis", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.PrimaryKeyConstraint("abis", "epoch", name=op.f("pk_abis_mark")),
        info={"citus": "reference"},
    )


def downgrade() -> None:
    op.drop_table("abis_mark")
