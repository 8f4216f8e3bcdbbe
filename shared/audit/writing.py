"""What a door needs to write into its service's audit, whichever service that is."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from shared.audit.entries import Calls, Purpose
from shared.database.engine import Transaction


class Write(Protocol):
    """`entry` of a service's audit: append one entry, last in the transaction of the act."""

    async def __call__(
        self,
        transaction: Transaction,
        who: Calls,
        act: str,
        purpose: Purpose,
        whom: Iterable[str],
        now: datetime,
        detail: str | None = None,
    ) -> int: ...
