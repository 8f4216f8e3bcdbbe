"""Whose cards a list speaks of: the name as it holds now, and the end of the NIK. For pages."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from services.regional.outbox.copies import COPY, opened
from services.regional.tables import amendment_decision, move_entry, outbox, recording
from shared.contracts.amendments import IDENTITY
from shared.contracts.recording import CardData
from shared.database.engine import Transaction

NIK_END = 4


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    nik_end: str

    @classmethod
    def of(cls, card: CardData) -> "Person":
        return cls(card.name, card.nik[-NIK_END:])


NOBODY = Person("", "")


async def people(transaction: Transaction, recordings: Collection[UUID]) -> dict[UUID, Person]:
    """As recorded, as moved here, or as amended since: the latest word counts."""
    if not recordings:
        return {}
    found: dict[UUID, Person] = {}
    taken = await transaction.execute(
        select(recording.c.recording_id, COPY)
        .join(outbox, outbox.c.seq == recording.c.seq)
        .where(recording.c.recording_id.in_(recordings))
    )
    for recording_id, kept in taken:
        if (copy := opened(transaction, recording_id, kept)) is not None:
            found[recording_id] = Person.of(copy.biodata.card)
    moved = await transaction.execute(
        select(move_entry.c.recording_id, move_entry.c.identity)
        .where(move_entry.c.recording_id.in_(recordings), move_entry.c.identity.is_not(None))
        .order_by(move_entry.c.pos)
    )
    for recording_id, body in moved:
        found[recording_id] = Person.of(IDENTITY.validate_json(body).card)
    amended = await transaction.execute(
        select(amendment_decision.c.recording_id, amendment_decision.c.identity)
        .where(
            amendment_decision.c.recording_id.in_(recordings),
            amendment_decision.c.identity.is_not(None),
        )
        .order_by(amendment_decision.c.pos)
    )
    for recording_id, body in amended:
        found[recording_id] = Person.of(IDENTITY.validate_json(body).card)
    return found
