"""What the residents' list tells of a person beside what coverage counts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TEXTS = ("name", "birth_place", "street", "rt", "rw", "marital_status")
_DAYS = ("arrived_on", "left_on")


def upgrade() -> None:
    for name in _TEXTS:
        op.add_column("resident", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("resident", sa.Column("family_card", sa.BigInteger(), nullable=True))
    op.add_column(
        "resident",
        sa.Column("residency", sa.Text(), nullable=False, server_default=sa.text("'active'")),
    )
    for name in _DAYS:
        op.add_column("resident", sa.Column(name, sa.Date(), nullable=True))


def downgrade() -> None:
    for name in (*_DAYS, "residency", "family_card", *_TEXTS):
        op.drop_column("resident", name)
