"""Officers' own irises, so that they are known under a citizen's NIK."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, Uuid, text

from services.regional.tables.base import MOMENT, metadata

# The bits go with the removal; that somebody was enrolled stays. An eye is sealed under the key
# that key_id names; left_eye and right_eye hold what was enrolled before there were keys.
operator_irises = Table(
    "operator_irises",
    metadata,
    Column("enrolment_id", Uuid, primary_key=True),
    Column("officer", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("left_eye", LargeBinary),
    Column("right_eye", LargeBinary),
    Column("left_sealed", LargeBinary),
    Column("right_sealed", LargeBinary),
    Column("key_id", Text),
    Column("own_nik", BigInteger),
    Column("head_of_office", Text, nullable=False),
    Column("enrolled_at", MOMENT, nullable=False),
    Column("removed_at", MOMENT),
    Index(
        "uq_operator_irises_officer",
        "officer",
        unique=True,
        postgresql_where=text("removed_at IS NULL"),
    ),
)
