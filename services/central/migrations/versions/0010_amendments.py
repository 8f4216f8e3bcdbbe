"""Requests to change or print again, and every state a person's data had."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "amendment",
        sa.Column("nik", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("is_card_due", sa.Boolean(), nullable=False),
        sa.Column("old_blank_serial", sa.Text(), nullable=True),
        sa.Column("requested_at", _moment, nullable=False),
        sa.Column("decided_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("nik", "region_code", "request_id", name=op.f("pk_amendment")),
        info={"citus": "nik"},
    )
    op.create_table(
        "identity_version",
        sa.Column("nik", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("since", _moment, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("nik", "recording_id", "version", name=op.f("pk_identity_version")),
        info={"citus": "nik"},
    )


def downgrade() -> None:
    op.drop_table("identity_version")
    op.drop_table("amendment")
