"""Tables of amendments: what was asked at this office, and what the centre answered."""

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, Table, Text, Uuid, text

from services.regional.tables.base import MOMENT, metadata

# A request as it was handed in; its body lies in the outbox under the same seq. One may wait for
# each NIK: a second would be made over data that the first is changing.
amendment = Table(
    "amendment",
    metadata,
    Column("request_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("nik", BigInteger, nullable=False),
    Column("recording_id", Uuid, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("changes_card", Boolean, nullable=False),
    Column("is_waiting", Boolean, nullable=False),
    # The card that was out when a reprint was asked for.
    Column("old_blank_serial", Text),
    Column("requested_at", MOMENT, nullable=False),
    Column("taken_at", MOMENT, nullable=False),
    Column("officer", Text, nullable=False),
    Index("uq_amendment_waiting_nik", "nik", unique=True, postgresql_where=text("is_waiting")),
    Index("ix_amendment_recording_id", "recording_id"),
)

# The centre's answers, by position; the identity of one is what holds of the person from then on.
amendment_decision = Table(
    "amendment_decision",
    metadata,
    Column("pos", BigInteger, primary_key=True, autoincrement=False),
    Column("request_id", Uuid, nullable=False),
    Column("recording_id", Uuid),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("remedy", Text),
    Column("remedy_id", Text),
    Column("is_card_due", Boolean, nullable=False),
    Column("identity", LargeBinary),
    Column("card_sha256", Text),
    Column("decided_at", MOMENT, nullable=False),
    Column("applied_at", MOMENT, nullable=False),
    Index("ix_amendment_decision_request_id", "request_id"),
    Index("ix_amendment_decision_recording_id", "recording_id"),
)
