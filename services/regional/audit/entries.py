"""Append to the audit of this region, in the transaction of the act itself."""

from collections.abc import Iterable
from datetime import datetime

from services.regional.tables import AUDIT
from shared.audit.entries import Calls, Deed, Purpose
from shared.audit.ledger import Ledger
from shared.database.engine import Transaction

CHAIN = "region"
LEDGER = Ledger(CHAIN, AUDIT)


async def entry(
    transaction: Transaction,
    who: Calls,
    act: str,
    purpose: Purpose,
    whom: Iterable[str],
    now: datetime,
    detail: str | None = None,
) -> int:
    """Append one entry; gives its position.

    who: the caller at the door, or an `Actor`. act, detail: codes such as `vote-given`; `whom`:
    subjects by `shared.audit.entries.about`. Call it last: it holds the chain's lock until the
    commit, so whoever takes another lock after it could wait for somebody who waits here.
    """
    deed = Deed(act, purpose, tuple(dict.fromkeys(whom)), detail)
    return await LEDGER.append(transaction, who, [deed], now)
