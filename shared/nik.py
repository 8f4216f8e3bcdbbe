"""NIK: the sixteen digits a person keeps for life.

PP KK CC DDMMYY SSSS: province, regency and district of first registration, birth date (a woman's
day plus 40), serial. Law keeps the digits when birth date, sex or home change (Permendagri 108/2019
art. 15), so disagreement is a warning and never a refusal. There is no check digit and YY has no
century.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

DIGITS = 16
WOMAN_DAY_OFFSET = 40

NikText = Annotated[str, StringConstraints(pattern=r"^[0-9]{16}$")]


class Sex(StrEnum):
    MALE = "male"
    FEMALE = "female"


class NikWarning(StrEnum):
    """What a NIK and the record beside it disagree about. Nothing is refused for it."""

    BIRTH_DATE_DIFFERS = "nik-birth-date-differs"
    SEX_DIFFERS = "nik-sex-differs"
    NO_CALENDAR_DATE = "nik-has-no-calendar-date"
    SERIAL_ZERO = "nik-serial-is-zero"


@dataclass(frozen=True, slots=True)
class Nik:
    """One identity number; `number` is 0..10^16-1 and is shown as 16 digits, zeros kept."""

    number: int

    @classmethod
    def parse(cls, text: str) -> "Nik":
        """Read 16 ASCII digits. Raises ValueError, which does not repeat them."""
        if len(text) != DIGITS or not (text.isascii() and text.isdigit()):
            raise ValueError("a NIK is exactly 16 digits")
        return cls(int(text))

    def __str__(self) -> str:
        return f"{self.number:016d}"

    def __repr__(self) -> str:
        return "Nik(****)"  # a NIK in a traceback is a leak

    @property
    def district_code(self) -> str:
        """District of first registration, as "61.72.01": not where the person lives."""
        digits = str(self)
        return f"{digits[0:2]}.{digits[2:4]}.{digits[4:6]}"

    @property
    def regency_code(self) -> str:
        return self.district_code[:5]

    @property
    def province_code(self) -> str:
        return self.district_code[:2]

    @property
    def sex(self) -> Sex:
        return Sex.FEMALE if int(str(self)[6:8]) > WOMAN_DAY_OFFSET else Sex.MALE

    @property
    def birth_day(self) -> int:
        day = int(str(self)[6:8])
        return day - WOMAN_DAY_OFFSET if day > WOMAN_DAY_OFFSET else day

    @property
    def birth_month(self) -> int:
        return int(str(self)[8:10])

    @property
    def birth_year_of_century(self) -> int:
        """0..99; the century is not in a NIK."""
        return int(str(self)[10:12])

    @property
    def serial(self) -> int:
        return self.number % 10_000

    def warnings(self, birth_date: date, sex: Sex) -> tuple[NikWarning, ...]:
        """What an officer should look at; the recording goes on whatever this says."""
        # Digits are taken out by arithmetic: this runs for every recording.
        number = self.number
        year, month, day = number // 10_000 % 100, number // 1_000_000 % 100, number // 10**8 % 100
        is_female = day > WOMAN_DAY_OFFSET
        day -= WOMAN_DAY_OFFSET * is_female
        found = []
        if (day, month, year) != (birth_date.day, birth_date.month, birth_date.year % 100):
            is_day = _is_calendar_day(year, month, day)
            found.append(NikWarning.BIRTH_DATE_DIFFERS if is_day else NikWarning.NO_CALENDAR_DATE)
        if is_female is not (sex is Sex.FEMALE):
            found.append(NikWarning.SEX_DIFFERS)
        if number % 10_000 == 0:
            found.append(NikWarning.SERIAL_ZERO)
        return tuple(found)


def _is_calendar_day(year_of_century: int, month: int, day: int) -> bool:
    for century in (1900, 2000):
        try:
            date(century + year_of_century, month, day)
        except ValueError:
            continue
        return True
    return False
