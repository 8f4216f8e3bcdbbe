"""Applied pages are kept as the centre signed them; a server's starts are told apart."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("uplink_position", sa.Column("trouble", sa.Text(), nullable=True))
    op.create_table(
        "feed_page",
        sa.Column("first_pos", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_pos", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("first_pos", name=op.f("pk_feed_page")),
    )
    # Mostly signatures and ids, which do not compress: do not try on the hot path.
    op.execute("ALTER TABLE feed_page ALTER COLUMN body SET STORAGE EXTERNAL")
    op.create_table(
        "server_life",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("life", sa.Uuid(), nullable=False),
        sa.Column("predecessor", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_server_life")),
    )


def downgrade() -> None:
    op.drop_table("server_life")
    op.drop_table("feed_page")
    op.drop_column("uplink_position", "trouble")
