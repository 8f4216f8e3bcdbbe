"""Days, moments and numbers as Indonesians write them, always with the zone."""

from datetime import date, datetime, timedelta

from shared.zones import zone_of

MONTHS = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)


def day(value: date) -> str:
    """`12 Juli 1990`."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime, zone: str) -> str:
    """`13 Oktober 2017 pukul 12.00 WIB`. zone: WIB, WITA or WIT."""
    local = value.astimezone(zone_of(zone))
    return f"{day(local)} pukul {local:%H.%M} {zone}"


def span(value: timedelta) -> tuple[str, str]:
    """How long, in whole days, else hours, else minutes: Indonesian and English."""
    minutes = max(0, int(value.total_seconds() // 60))
    if minutes >= 2 * 24 * 60:
        return f"{minutes // 1440} hari", f"{minutes // 1440} days"
    if minutes >= 2 * 60:
        return f"{minutes // 60} jam", f"{minutes // 60} hours"
    return f"{minutes} menit", f"{minutes} minutes"


def number(value: float, decimals: int = 0) -> str:
    """`1.234,50`."""
    english = f"{value:,.{decimals}f}"
    return english.replace(",", "_").replace(".", ",").replace("_", ".")
