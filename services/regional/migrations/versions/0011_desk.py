"""The printing desk: exceptions, hand-overs, blanks one by one, sukets, and who is next."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    _who_is_next()
    _exceptions_and_hand_overs()
    _blanks()
    _burnings()
    _sukets()


def _who_is_next() -> None:
    op.add_column("print_authorization", sa.Column("spent_at", _moment, nullable=True))
    op.add_column("print_authorization", sa.Column("printable_on", sa.Date(), nullable=True))
    # Written again by whoever spends; an older program does not, and is told apart by the card.
    op.execute(
        "UPDATE print_authorization SET spent_at = card.intended_at FROM card "
        "WHERE card.authorization_id = print_authorization.authorization_id"
    )
    op.create_index(
        "ix_print_authorization_unspent",
        "print_authorization",
        ["pos"],
        postgresql_where=sa.text("spent_at IS NULL"),
    )


def _exceptions_and_hand_overs() -> None:
    op.create_table(
        "print_exception",
        sa.Column("authorization_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("made_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("authorization_id", name=op.f("pk_print_exception")),
    )
    op.create_index("ix_print_exception_made_at", "print_exception", ["made_at"])
    op.create_table(
        "handover",
        sa.Column("blank_serial", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("collector", sa.Text(), nullable=False),
        sa.Column("collector_nik", sa.BigInteger(), nullable=True),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("handed_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("blank_serial", name=op.f("pk_handover")),
    )


def _blanks() -> None:
    op.create_table(
        "blank_delivery",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("first_serial", sa.Text(), nullable=False),
        sa.Column("last_serial", sa.Text(), nullable=False),
        sa.Column("blanks", sa.Integer(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("entered_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_blank_delivery")),
    )
    op.create_table(
        "blank",
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("spoiled_at", _moment, nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("officer", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_blank")),
    )
    op.create_index(
        "ix_blank_spoiled_at",
        "blank",
        ["spoiled_at"],
        postgresql_where=sa.text("spoiled_at IS NOT NULL"),
    )


def _burnings() -> None:
    op.create_table(
        "blank_burning",
        sa.Column("burning_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("written_at", _moment, nullable=False),
        sa.Column("witness", sa.Text(), nullable=True),
        sa.Column("burnt_at", _moment, nullable=True),
        sa.PrimaryKeyConstraint("burning_id", name=op.f("pk_blank_burning")),
    )
    op.create_index("uq_blank_burning_number", "blank_burning", ["year", "number"], unique=True)
    op.create_table(
        "burnt_blank",
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("burning_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("spoiled_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_burnt_blank")),
    )
    op.create_index("ix_burnt_blank_burning_id", "burnt_blank", ["burning_id"])


def _sukets() -> None:
    op.create_table(
        "suket",
        sa.Column("suket_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status_code", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("issued_at", _moment, nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("renews", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", _moment, nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("suket_id", name=op.f("pk_suket")),
    )
    op.create_index("uq_suket_token", "suket", ["token"], unique=True)
    op.create_index("uq_suket_number", "suket", ["year", "number"], unique=True)
    op.create_index(
        "uq_suket_first",
        "suket",
        ["recording_id"],
        unique=True,
        postgresql_where=sa.text("renews IS NULL"),
    )
    op.create_index(
        "uq_suket_renews",
        "suket",
        ["renews"],
        unique=True,
        postgresql_where=sa.text("renews IS NOT NULL"),
    )
    op.create_index("ix_suket_valid_until", "suket", ["valid_until"])


def downgrade() -> None:
    for name in (
        "suket",
        "burnt_blank",
        "blank_burning",
        "blank",
        "blank_delivery",
        "handover",
        "print_exception",
    ):
        op.drop_table(name)
    op.drop_index("ix_print_authorization_unspent", "print_authorization")
    op.drop_column("print_authorization", "printable_on")
    op.drop_column("print_authorization", "spent_at")
