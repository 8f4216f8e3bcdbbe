"""How long one kind of data is kept, and why so long. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Term:
    """One line of the schedule. days: 0 keeps for ever."""

    kind: str  # a code, as in the setting's name
    days: int
    what: str  # a sentence for people: what goes, and counted from when
    why: str  # why so long; the source where a law says it

    def before(self, now: datetime) -> datetime | None:
        """What ended before this moment is past its time; None when nothing ever is."""
        return now - timedelta(days=self.days) if self.days else None
