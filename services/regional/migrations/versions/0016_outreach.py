"""Letters to the unrecorded, and what was heard of them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_index("ix_resident_ward", "resident", ["ward"], postgresql_where=sa.text("obliged"))
    op.create_table(
        "outreach",
        sa.Column("nik", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("letters", sa.SmallInteger(), nullable=False),
        sa.Column("lettered_on", sa.Date(), nullable=True),
        sa.Column("whereabouts", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("heard_on", sa.Date(), nullable=True),
        sa.Column("forward_to", sa.Text(), nullable=True),
        sa.Column("closed", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("nik", name=op.f("pk_outreach")),
    )
    op.create_index("uq_outreach_person_id", "outreach", ["person_id"], unique=True)
    op.create_table(
        "outreach_event",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("nik", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("whereabouts", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("heard_on", sa.Date(), nullable=True),
        sa.Column("forward_to", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("officer", sa.Text(), nullable=True),
        sa.Column("noted_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_outreach_event")),
    )
    op.create_index("ix_outreach_event_nik", "outreach_event", ["nik", "noted_at"])
    op.create_table(
        "invitation_delivery",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("ward", sa.Text(), nullable=False),
        sa.Column("deliver_on", sa.Date(), nullable=False),
        sa.Column("letters", sa.SmallInteger(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("made_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_invitation_delivery")),
    )
    op.create_index(
        "uq_invitation_delivery_day", "invitation_delivery", ["deliver_on", "ward"], unique=True
    )
    op.create_table(
        "invitation",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("nik", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("forward_to", sa.Text(), nullable=True),
        sa.Column("wrong_tries", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", "place", name=op.f("pk_invitation")),
    )
    op.create_index("uq_invitation_token", "invitation", ["token"], unique=True)
    op.create_index("ix_invitation_nik", "invitation", ["nik"])


def downgrade() -> None:
    for table in ("invitation", "invitation_delivery", "outreach_event", "outreach"):
        op.drop_table(table)
    op.drop_index("ix_resident_ward", "resident")
