"""Tables of amendments: every request that was decided, and every state a person's data had."""

from sqlalchemy import BigInteger, Boolean, Column, LargeBinary, SmallInteger, Table, Text, Uuid

from services.central.tables.base import BY_NIK, MOMENT, metadata

# Requests as they were decided; what was asked lies in the envelope. Kept for ever.
amendment = Table(
    "amendment",
    metadata,
    Column("nik", BigInteger, primary_key=True, autoincrement=False),
    Column("region_code", Text, primary_key=True),
    Column("request_id", Uuid, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("recording_id", Uuid),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("is_card_due", Boolean, nullable=False),
    # The card that was out when another one came due, if one was.
    Column("old_blank_serial", Text),
    Column("requested_at", MOMENT, nullable=False),
    Column("decided_at", MOMENT, nullable=False),
    info=BY_NIK,
)

# What held of a person from when on: 1 is as recorded, and nothing is ever changed or taken out.
identity_version = Table(
    "identity_version",
    metadata,
    Column("nik", BigInteger, primary_key=True, autoincrement=False),
    Column("recording_id", Uuid, primary_key=True),
    Column("version", SmallInteger, primary_key=True, autoincrement=False),
    Column("request_id", Uuid),
    Column("since", MOMENT, nullable=False),
    Column("body", LargeBinary, nullable=False),
    # The body lies under a data key; this is it, wrapped by the KEK named. Both empty: in clear, as
    # it was written before there was a KEK. wrapped_key alone empty: erased.
    Column("kek_id", Text),
    Column("wrapped_key", LargeBinary),
    info=BY_NIK,
)
