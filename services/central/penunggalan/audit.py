"""Whether a search found whom an exhaustive one finds, and when searches are audited. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.central.penunggalan.iris.matcher import Likeness
from services.central.penunggalan.iris.thresholds import Thresholds
from shared.zones import zone_of

NIGHT_HOURS_MAX = 6
THRESHOLDS, LIKENESSES, COUNT = "thresholds", "likenesses", "likenesses_found"


@dataclass(frozen=True, slots=True)
class Kept:
    """A search that was made, by what `uniqueness_check` keeps of it."""

    region: str
    recording_id: UUID
    attempt: int
    position: int  # searched up to there, when the ticket was taken
    outcome: str
    evidence: Mapping[str, Any]
    checked_at: datetime
    audited_at: datetime | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """missed: who had to be found, and was not. unfound: who was found, and is not now."""

    missed: tuple[Likeness, ...] = ()
    unfound: tuple[UUID, ...] = ()

    @property
    def agrees(self) -> bool:
        return not self.missed and not self.unfound


def compare(
    evidence: Mapping[str, Any], found: Sequence[Likeness], limits: Thresholds
) -> Comparison:
    """Compare what a search kept with what an exhaustive one found by `limits`.

    The gallery may have grown over a threshold's step between the two, so who is a candidate by one
    of them alone is no matter. Of many likenesses a check keeps the first and the number of all.
    """
    then = thresholds_of(evidence)
    kept = {UUID(one["recording_id"]): one for one in evidence[LIKENESSES]}
    missed = [
        one
        for one in found
        if one.recording_id not in kept and then.is_candidate(one.left, one.right)
    ]
    not_named = evidence[COUNT] - len(kept)
    now = {one.recording_id for one in found}
    unfound = [
        recording_id
        for recording_id, one in kept.items()
        if recording_id not in now and limits.is_candidate(one["left"], one["right"])
    ]
    return Comparison(tuple(missed) if len(missed) > not_named else (), tuple(unfound))


def thresholds_of(evidence: Mapping[str, Any]) -> Thresholds:
    """By which a search found its candidates."""
    return Thresholds(**evidence[THRESHOLDS])


@dataclass(frozen=True, slots=True)
class Night:
    """day: when it began, by which its searches are picked."""

    day: date
    ends_at: datetime


def night_of(now: datetime, hour: int) -> Night | None:
    """The night that is on: from `hour` (WIB) on, NIGHT_HOURS_MAX long; None by day."""
    here = now.astimezone(zone_of("WIB"))
    began = here.replace(hour=hour, minute=0, second=0, microsecond=0)
    if here < began:
        began -= timedelta(days=1)
    ends_at = began + timedelta(hours=NIGHT_HOURS_MAX)
    return Night(began.date(), ends_at) if here < ends_at else None


def midnight(day: date) -> datetime:
    """The day's beginning in WIB."""
    return datetime(day.year, day.month, day.day, tzinfo=zone_of("WIB"))
