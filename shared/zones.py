"""Indonesia's time zones: the office's zone decides what day it is, never the reader's."""

from zoneinfo import ZoneInfo

NAMES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}


def zone_of(name: str) -> ZoneInfo:
    """WIB, WITA or WIT. Raises KeyError for another name: a setting to be corrected."""
    return ZoneInfo(NAMES[name])
