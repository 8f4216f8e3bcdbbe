"""Read one person's rows, part by part. Whoever reads writes it into the audit beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from shared.database.engine import Transaction
from shared.disclosure.parts import ROWS_MAX, Part, Person, told


@dataclass(frozen=True, slots=True)
class Told:
    """One part's rows as they are told. is_cut: there were more than ROWS_MAX."""

    part: Part
    rows: list[dict[str, Any]]
    is_cut: bool


async def read(transaction: Transaction, parts: Sequence[Part], person: Person) -> list[Told]:
    """Parts that have rows, in their order."""
    found = []
    for part in parts:
        columns = [part.table.c[name] for name in part.columns]
        rows = (
            (
                await transaction.execute(
                    select(*columns).where(part.where(person)).limit(ROWS_MAX + 1)
                )
            )
            .mappings()
            .all()
        )
        if rows:
            kept = [dict(row) for row in rows[:ROWS_MAX]]
            if part.unseal is not None:
                await part.unseal(transaction, kept)
            shown = [{name: told(name, value) for name, value in row.items()} for row in kept]
            found.append(Told(part, shown, len(rows) > ROWS_MAX))
    return found
