"""Cases that two officers settle, with their candidates, votes and views."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_moment = sa.DateTime(timezone=True)
_by_region = {"citus": "region_code"}
_open = sa.text("settled_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "adjudication_case",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("one_eye_max", sa.Float(), nullable=True),
        sa.Column("two_eyes_mean_max", sa.Float(), nullable=True),
        sa.Column("opened_at", _moment, nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_until", _moment, nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("rival_recording_id", sa.Uuid(), nullable=True),
        sa.Column("settled_at", _moment, nullable=True),
        sa.PrimaryKeyConstraint("region_code", "case_id", name=op.f("pk_adjudication_case")),
        info=_by_region,
    )
    op.create_index(
        "uq_adjudication_case_open",
        "adjudication_case",
        ["region_code", "recording_id"],
        unique=True,
        postgresql_where=_open,
    )
    op.create_index(
        "ix_adjudication_case_opened_at",
        "adjudication_case",
        ["opened_at"],
        postgresql_where=_open,
    )
    op.create_index("ix_adjudication_case_settled_at", "adjudication_case", ["settled_at"])
    op.create_table(
        "adjudication_candidate",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("candidate_region", sa.Text(), nullable=False),
        sa.Column("captured_at", _moment, nullable=False),
        sa.Column("left_distance", sa.Float(), nullable=True),
        sa.Column("right_distance", sa.Float(), nullable=True),
        sa.Column("demographic", JSONB(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("added_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint(
            "region_code", "case_id", "recording_id", name=op.f("pk_adjudication_candidate")
        ),
        info=_by_region,
    )
    op.create_table(
        "adjudication_vote",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("rival_recording_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("voted_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint(
            "region_code", "case_id", "edition", "officer", name=op.f("pk_adjudication_vote")
        ),
        info=_by_region,
    )
    op.create_table(
        "adjudication_view",
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("view_id", sa.Uuid(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("viewed_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint(
            "region_code", "case_id", "view_id", name=op.f("pk_adjudication_view")
        ),
        info=_by_region,
    )


def downgrade() -> None:
    for name in ("view", "vote", "candidate", "case"):
        op.drop_table(f"adjudication_{name}")
