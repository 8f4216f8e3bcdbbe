"""Cases for people: candidates with their evidence, votes, and every look at a case."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from services.central.tables.base import BY_REGION, MOMENT, metadata

adjudication_case = Table(
    "adjudication_case",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("case_id", Uuid, primary_key=True),
    Column("recording_id", Uuid, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    # 1, and one more each time that candidates joined: votes count in the edition they were given.
    Column("edition", Integer, nullable=False),
    Column("one_eye_max", Float),
    Column("two_eyes_mean_max", Float),
    Column("opened_at", MOMENT, nullable=False),
    Column("claimed_by", Text),
    Column("claimed_until", MOMENT),
    Column("verdict", Text),
    Column("rival_recording_id", Uuid),
    Column("settled_at", MOMENT),
    Index(
        "uq_adjudication_case_open",
        "region_code",
        "recording_id",
        unique=True,
        postgresql_where=text("settled_at IS NULL"),
    ),
    Index(
        "ix_adjudication_case_opened_at", "opened_at", postgresql_where=text("settled_at IS NULL")
    ),
    Index("ix_adjudication_case_settled_at", "settled_at"),
    info=BY_REGION,
)

# Whom the recording resembles. Distances and levels only: what was recorded stays in its envelope.
adjudication_candidate = Table(
    "adjudication_candidate",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("case_id", Uuid, primary_key=True),
    Column("recording_id", Uuid, primary_key=True),
    Column("candidate_region", Text, nullable=False),
    Column("captured_at", MOMENT, nullable=False),
    Column("left_distance", Float),
    Column("right_distance", Float),
    Column("demographic", JSONB),
    Column("edition", Integer, nullable=False),
    Column("added_at", MOMENT, nullable=False),
    info=BY_REGION,
)

# Never changed, never deleted.
adjudication_vote = Table(
    "adjudication_vote",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("case_id", Uuid, primary_key=True),
    Column("edition", Integer, primary_key=True, autoincrement=False),
    Column("officer", Text, primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("rival_recording_id", Uuid),
    Column("reason", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("voted_at", MOMENT, nullable=False),
    info=BY_REGION,
)

# Who looked at which case, and when: written before anything is shown.
adjudication_view = Table(
    "adjudication_view",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("case_id", Uuid, primary_key=True),
    Column("view_id", Uuid, primary_key=True),
    Column("officer", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("viewed_at", MOMENT, nullable=False),
    info=BY_REGION,
)
