"""Field work: the schedule of places, home visits, stations out there and what they brought."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    _schedule_and_visits()
    _stations_and_batches()


def _schedule_and_visits() -> None:
    op.create_table(
        "field_session",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("ward", sa.Text(), nullable=False),
        sa.Column("starts_at", _moment, nullable=False),
        sa.Column("ends_at", _moment, nullable=False),
        sa.Column("expected_people", sa.Integer(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("changed_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_field_session")),
    )
    op.create_index("ix_field_session_starts_at", "field_session", ["starts_at"])
    op.create_table(
        "home_visit",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("nik", sa.BigInteger(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("visit_on", sa.Date(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("recording_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("changed_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_home_visit")),
    )
    op.create_index(
        "uq_home_visit_open_nik",
        "home_visit",
        ["nik"],
        unique=True,
        postgresql_where=sa.text("state IN ('asked', 'planned')"),
    )
    op.create_index("ix_home_visit_nik", "home_visit", ["nik"])
    op.create_index("ix_home_visit_state", "home_visit", ["state", "visit_on"])
    op.create_table(
        "home_visit_event",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("nth", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("visit_on", sa.Date(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("recording_id", sa.Uuid(), nullable=True),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("visit_id", "nth", name=op.f("pk_home_visit_event")),
    )


def _stations_and_batches() -> None:
    op.create_table(
        "field_station",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("enrolled_by", sa.Text(), nullable=False),
        sa.Column("enrolled_at", _moment, nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", _moment, nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_field_station")),
    )
    op.create_table(
        "field_batch",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("packed_at", _moment, nullable=False),
        sa.Column("received_at", _moment, nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("exceptions", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_field_batch")),
    )
    op.create_index("ix_field_batch_received_at", "field_batch", ["received_at"])
    op.create_table(
        "field_batch_item",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("nth", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("captured_at", _moment, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("earlier_id", sa.Uuid(), nullable=True),
        sa.Column("flags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "nth", name=op.f("pk_field_batch_item")),
    )


def downgrade() -> None:
    for table in ("field_batch_item", "field_batch", "field_station"):
        op.drop_table(table)
    for table in ("home_visit_event", "home_visit", "field_session"):
        op.drop_table(table)
