"""Days, moments and numbers as Indonesian or English readers write them, the zone always told."""

from datetime import date, datetime, timedelta

from babel.dates import format_datetime
from babel.numbers import format_decimal
from babel.units import format_unit

from shared.pages.language import Language
from shared.zones import zone_of

_INDONESIAN = Language.INDONESIAN
_MOMENTS = {
    Language.INDONESIAN: "d MMMM y 'pukul' HH.mm",
    Language.ENGLISH: "d MMMM y, HH:mm",
}
_HOURS = {Language.INDONESIAN: "HH.mm", Language.ENGLISH: "HH:mm"}
_SHORT_MOMENTS = {Language.INDONESIAN: "dd/MM/yy HH.mm", Language.ENGLISH: "dd/MM/yy HH:mm"}


def day(value: date, language: Language = _INDONESIAN) -> str:
    """`12 Juli 1990`."""
    noon = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day has no zone
    return format_datetime(noon, "d MMMM y", locale=language.locale)


def weekday(value: date, language: Language = _INDONESIAN) -> str:
    """`Senin, 16 Oktober 2017`."""
    noon = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day has no zone
    return format_datetime(noon, "EEEE, d MMMM y", locale=language.locale)


def hour(value: datetime, zone: str, language: Language = _INDONESIAN) -> str:
    """`08.00 WIB`. zone: WIB, WITA or WIT."""
    return _told(value, zone, language, _HOURS[language])


def moment(value: datetime, zone: str, language: Language = _INDONESIAN) -> str:
    """`13 Oktober 2017 pukul 12.00 WIB`. zone: WIB, WITA or WIT."""
    return _told(value, zone, language, _MOMENTS[language])


def short_moment(value: datetime, zone: str, language: Language = _INDONESIAN) -> str:
    """`13/10/17 12.00 WIB`. zone: WIB, WITA or WIT."""
    return _told(value, zone, language, _SHORT_MOMENTS[language])


def _told(value: datetime, zone: str, language: Language, pattern: str) -> str:
    local = value.astimezone(zone_of(zone))
    return f"{format_datetime(local, pattern, locale=language.locale)} {zone}"


def lasting(value: timedelta, language: Language = _INDONESIAN) -> str:
    """How long, in whole days, else hours, else minutes: `3 hari`. Never below nothing."""
    minutes = max(0, int(value.total_seconds() // 60))
    for unit, size in (("duration-day", 24 * 60), ("duration-hour", 60)):
        if minutes >= 2 * size:
            return format_unit(minutes // size, unit, locale=language.locale)
    return format_unit(minutes, "duration-minute", locale=language.locale)


def span(value: timedelta) -> tuple[str, str]:
    """`lasting`, Indonesian and English."""
    return lasting(value), lasting(value, Language.ENGLISH)


def number(value: float, decimals: int = 0, language: Language = _INDONESIAN) -> str:
    """`1.234,50`."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(round(value, decimals), format=pattern, locale=language.locale)


def percent(value: float, decimals: int = 2, language: Language = _INDONESIAN) -> str:
    """Of a percentage, not of a share: 73.38 is `73,38 %` in Indonesian, `73.38%` in English."""
    blank = "\N{NO-BREAK SPACE}" if language is Language.INDONESIAN else ""
    return f"{number(value, decimals, language)}{blank}%"
