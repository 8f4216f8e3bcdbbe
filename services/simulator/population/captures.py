"""When each recording was taken: working hours, October 2011 to 13 October 2017, in WIB."""

from bisect import bisect_right
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

from services.simulator.population.census import AS_OF, spread

# First day of each period and its weight. The mass recording of 2011-2012 is history; the weights
# are INVENTED, but for the last: 23 a day is what the source's city added late in 2017.
_PERIODS: tuple[tuple[date, int], ...] = (
    (date(2011, 10, 3), 90),
    (date(2012, 1, 2), 520),
    (date(2013, 1, 2), 130),
    (date(2014, 1, 2), 70),
    (date(2015, 1, 2), 60),
    (date(2016, 1, 4), 80),
    (date(2017, 1, 2), 50),
)
_SUNDAY = 6
_OPENS_SECOND = 7 * 3600 + 1800  # 07:30
_OPEN_SECONDS = 8 * 3600
WIB_SECONDS = 7 * 3600
_EPOCH_DAY = date(1970, 1, 1).toordinal()


class Moment(NamedTuple):
    """A second of a working day, by the clock on the office's wall."""

    day: int  # proleptic Gregorian ordinal
    second: int  # of the day, WIB

    @property
    def text(self) -> str:
        """ISO 8601 with the offset of WIB."""
        minutes, second = divmod(self.second, 60)
        hour, minute = divmod(minutes, 60)
        day = date.fromordinal(self.day).isoformat()
        return f"{day}T{hour:02d}:{minute:02d}:{second:02d}+07:00"

    @property
    def unix_ms(self) -> int:
        return ((self.day - _EPOCH_DAY) * 86_400 + self.second - WIB_SECONDS) * 1_000


class CaptureCalendar:
    """Gives a moment to every recording 0..count-1, never earlier than the one before."""

    def __init__(self, count: int) -> None:
        sizes = spread(count, [weight for _, weight in _PERIODS])
        ends = [start for start, _ in _PERIODS[1:]] + [AS_OF + timedelta(days=1)]
        self._days = [
            _working_days(start, end) for (start, _), end in zip(_PERIODS, ends, strict=True)
        ]
        self._sizes = sizes
        self._starts = [0, *accumulate(sizes)][:-1]
        self.count = count

    def moment(self, order: int) -> Moment:
        period = bisect_right(self._starts, order) - 1
        days = self._days[period]
        worked = (order - self._starts[period]) * len(days) * _OPEN_SECONDS
        day, second = divmod(worked // self._sizes[period], _OPEN_SECONDS)
        return Moment(days[day], _OPENS_SECOND + second)


def _working_days(start: date, end: date) -> tuple[int, ...]:
    days = range(start.toordinal(), end.toordinal())
    return tuple(d for d in days if date.fromordinal(d).weekday() != _SUNDAY)
