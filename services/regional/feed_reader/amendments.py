"""Write the centre's answers to requests: how each ended, and what holds of the person now."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, update

from services.regional.tables import amendment, amendment_decision
from shared.contracts.amendments import IDENTITY, AmendmentDecision
from shared.database.engine import Transaction


async def save_answers(
    transaction: Transaction, answers: Sequence[tuple[int, AmendmentDecision]], now: datetime
) -> None:
    """Each once, by its pos; whoever was answered waits no more."""
    await transaction.execute(
        insert(amendment_decision),
        [
            {
                "pos": pos,
                "request_id": one.request_id,
                "recording_id": one.recording_id,
                "outcome": one.outcome,
                "reason": one.reason,
                "remedy": one.remedy,
                "remedy_id": one.remedy_id,
                "is_card_due": one.is_card_due,
                "identity": IDENTITY.dump_json(one.identity) if one.identity else None,
                "card_sha256": one.identity.card.digest() if one.identity else None,
                "decided_at": one.decided_at,
                "applied_at": now,
            }
            for pos, one in answers
        ],
    )
    await transaction.execute(
        update(amendment)
        .where(amendment.c.request_id.in_([one.request_id for _, one in answers]))
        .values(is_waiting=False)
    )
