"""Serials of a delivery, how long the stock lasts, who may bear witness. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from math import floor

from shared.four_eyes import is_another

SERIALS_MAX = 10_000  # a delivery; offices got 500 to 10,000 (domain facts, §4)
WEEKS = 6
WEEK_DAYS = 7
_NUMBERED = re.compile(r"(?P<prefix>.*?)(?P<number>[0-9]{1,12})")


class BlankFault(StrEnum):
    """Why a blank became no card: what offices' minutes name (domain facts, §3)."""

    FAILED_ENCODE = "failed-encode"
    FAILED_PRINT = "failed-print"
    NO_CHIP = "no-chip"
    DAMAGED = "damaged"


class State(StrEnum):
    LEFT = "left"
    PRINTING = "printing"
    USED = "used"
    SPOILED = "spoiled"
    BURNT = "burnt"


class NotARange(ValueError):
    """First and last serial do not begin alike, or count down, or too far."""


def serials_between(first: str, last: str) -> list[str]:
    """Every serial from first to last, both included: BLK-0098, BLK-0099, BLK-0100.

    Raises NotARange. Zeros before the number are kept, so both are equally long.
    """
    begins, ends = _NUMBERED.fullmatch(first), _NUMBERED.fullmatch(last)
    if first == last:
        return [first]
    if (
        begins is None
        or ends is None
        or begins["prefix"] != ends["prefix"]
        or len(first) != len(last)
    ):
        raise NotARange
    low, high = int(begins["number"]), int(ends["number"])
    if not low <= high < low + SERIALS_MAX:
        raise NotARange
    width = len(begins["number"])
    return [f"{begins['prefix']}{number:0{width}d}" for number in range(low, high + 1)]


@dataclass(frozen=True, slots=True)
class Stock:
    """Blanks by what became of them. `uncounted`: used or spoiled here, yet of no delivery."""

    received: int
    left: int
    printing: int
    used: int
    spoiled: int  # and not burnt yet, of a delivery or not
    burnt: int
    uncounted: int

    @classmethod
    def of(cls, counts: Mapping[tuple[bool, State], int]) -> "Stock":
        """counts: by whether a delivery brought them, and by what became of them."""
        by_state: Counter[State] = Counter()
        for (_, state), count in counts.items():
            by_state[state] += count
        return cls(
            received=sum(count for (is_received, _), count in counts.items() if is_received),
            left=by_state[State.LEFT],
            printing=by_state[State.PRINTING],
            used=by_state[State.USED],
            spoiled=by_state[State.SPOILED],
            burnt=by_state[State.BURNT],
            uncounted=sum(count for (is_received, _), count in counts.items() if not is_received),
        )


@dataclass(frozen=True, slots=True)
class DaysLeft:
    """At the pace of the busiest week, and of the quietest; most: None when one had no use."""

    least: int
    most: int | None


def days_left(left: int, taken: Mapping[date, int], today: date) -> DaysLeft | None:
    """How long the stock lasts, as the last weeks went. None: less than a week is known.

    taken: blanks that left the stock on each day. Weeks are counted back from yesterday, at most
    WEEKS, and none before the first use.
    """
    before = [day for day, count in taken.items() if count and day < today]
    if not before:
        return None
    whole_weeks = min(WEEKS, (today - min(before)).days // WEEK_DAYS)
    if whole_weeks == 0:
        return None
    weeks = [
        sum(taken.get(today - timedelta(days=WEEK_DAYS * week + day), 0) for day in range(1, 8))
        for week in range(whole_weeks)
    ]
    if max(weeks) == 0:
        return None
    quietest = min(weeks)
    return DaysLeft(
        least=floor(left * WEEK_DAYS / max(weeks)),
        most=floor(left * WEEK_DAYS / quietest) if quietest else None,
    )


def is_low(stock: Stock, lasting: DaysLeft | None, warn_days: int) -> bool:
    """Whether it is time to ask for more."""
    return lasting is not None and stock.received > 0 and lasting.least < warn_days


def may_bear_witness(writer: str, witness: str) -> bool:
    """Two officers see a burning: whoever wrote the minutes is not the witness."""
    return is_another(witness, [writer])


def not_burnable(wanted: Iterable[str], burnable: Iterable[str]) -> list[int]:
    """Places, from 0, of serials that are not spoiled, or in other minutes already."""
    may = frozenset(burnable)
    return [place for place, serial in enumerate(wanted) if serial not in may]
