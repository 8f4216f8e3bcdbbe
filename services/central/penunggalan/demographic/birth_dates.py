"""Birth dates: how common each is, and the slips that turn one into another. Pure.

Where only the year was known, registers wrote 31 December (before 2004) or 1 July (since); where
only the month was known, the 15th. About 9.8 million of some 192 million voters are born on a
"1 July", 520,000 on an ordinary day (detik.com, 2019): agreeing on such a day says little.
"""

from datetime import date
from enum import StrEnum

_VOTERS, _BORN_1_JULY, _BORN_ON_ANY_DAY = 192_000_000, 9_800_000, 520_000
SHARE_OF_A_DAY = _BORN_ON_ANY_DAY / _VOTERS
SHARES_OF_CUSTOM_DAYS = {
    (7, 1): _BORN_1_JULY / _VOTERS,
    (12, 31): 0.015,  # the custom before 2004; INVENTED, as no count was found
    (1, 1): 0.008,  # INVENTED
}
SHARE_OF_A_15TH = SHARE_OF_A_DAY + 0.005 / 12  # INVENTED
# A year of birth among adults; the years of custom days crowd at 0 and 5. INVENTED.
SHARE_OF_A_YEAR = 1 / 55
SHARE_OF_A_CUSTOM_YEAR = 1 / 30

NEAR_YEARS = 2
NEAR_YEARS_GUESSED = 5  # where a custom day says that the age was guessed
_DAYS_OF_A_YEAR = 365.25


class DateLevel(StrEnum):
    """How two birth dates agree, best first."""

    SAME = "same"
    DAY_AND_MONTH_SWAPPED = "day_and_month_swapped"
    ONE_PART_DIFFERS = "one_part_differs"  # another day, another month, or a year off by 1 or 10
    GUESSED_DAY = "guessed_day"  # one year; at least one side did not know the day
    NEAR = "near"
    FAR = "far"


def is_custom_day(born: date) -> bool:
    return (born.month, born.day) in SHARES_OF_CUSTOM_DAYS


def share_of(born: date) -> float:
    """What part of the people is registered as born on this very date, about."""
    day = SHARES_OF_CUSTOM_DAYS.get((born.month, born.day))
    if day is not None:
        return day * SHARE_OF_A_CUSTOM_YEAR
    return (SHARE_OF_A_15TH if born.day == 15 else SHARE_OF_A_DAY) * SHARE_OF_A_YEAR


def compare_dates(one: date, other: date) -> DateLevel:
    """How two birth dates agree; the same whichever comes first."""
    if one == other:
        return DateLevel.SAME
    years = abs(one.year - other.year)
    same_day, same_month = one.day == other.day, one.month == other.month
    is_guessed = is_custom_day(one) or is_custom_day(other)
    if years == 0:
        if (one.day, one.month) == (other.month, other.day):
            return DateLevel.DAY_AND_MONTH_SWAPPED
        if is_guessed:
            return DateLevel.GUESSED_DAY
        if same_day or same_month:
            return DateLevel.ONE_PART_DIFFERS
    elif same_day and same_month and _is_slip_of_a_year(one.year, other.year) and not is_guessed:
        return DateLevel.ONE_PART_DIFFERS
    near = NEAR_YEARS_GUESSED if is_guessed else NEAR_YEARS
    is_near = abs((one - other).days) <= near * _DAYS_OF_A_YEAR
    return DateLevel.NEAR if is_near else DateLevel.FAR


def _is_slip_of_a_year(one: int, other: int) -> bool:
    """Off by one or ten, or the last two digits swapped: 1978 and 1987."""
    is_swapped = (
        one // 100 == other // 100
        and one % 10 == other // 10 % 10
        and (one // 10 % 10 == other % 10)
    )
    return abs(one - other) in (1, 10) or is_swapped
