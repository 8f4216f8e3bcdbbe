"""What officers write into forms, read kindly: values, or what is to be corrected and where."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from services.regional.field import words
from services.regional.field.rules import (
    MINUTES_MAX,
    Act,
    AskedBy,
    ClosingReason,
    Condition,
    Kind,
    Noted,
    NotToday,
    Plan,
)
from services.regional.field.steps import Wish
from services.regional.field.views import Code
from shared.contracts.recording import Line
from shared.contracts.strict import WardCode
from shared.nik import Nik
from shared.refusals import MalformedRequest

_GAPS = re.compile(r"[\s.\-]+")
_LINE: TypeAdapter[str] = TypeAdapter(Line)
_WARD: TypeAdapter[str] = TypeAdapter(WardCode)
_CODE: TypeAdapter[str] = TypeAdapter(Code)
E_ = TypeVar("E_", bound=StrEnum)
T = TypeVar("T")
Form = Mapping[str, str]
Fault = tuple[str, str]  # id of the field, what is wrong


@dataclass
class Reading:
    """Reads fields one by one and gathers what is wrong with them."""

    form: Form
    faults: list[Fault] = field(default_factory=list)

    def read(self, name: str, how: Callable[[str], T], fault: str) -> T | None:
        try:
            return how(self.form.get(name, "").strip())
        except (ValueError, ValidationError):
            self.faults.append((name, fault))
            return None

    def choice(self, name: str, kind: type[E_]) -> E_ | None:
        return self.read(name, kind, words.NO_CHOICE)


def _time(text: str) -> time:
    return time.fromisoformat(text.replace(".", ":"))


def _team(text: str) -> str:
    return _CODE.validate_python(text.lower())


def _people(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise ValueError("no number of people")
    return int(text)


def _nik(text: str) -> int:
    return Nik.parse(_GAPS.sub("", text)).number


def _day_or_none(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def id_of(form: Form, name: str) -> UUID:
    """An id that our own page made. Refuses: MalformedRequest."""
    try:
        return UUID(form.get(name, ""))
    except ValueError:
        raise MalformedRequest from None


def plan_of(form: Form, zone: ZoneInfo) -> Plan | list[Fault]:
    reading = Reading(form)
    kind = reading.choice("kind", Kind)
    place = reading.read("place", _LINE.validate_python, words.NO_PLACE)
    ward = reading.read("ward", _WARD.validate_python, words.NO_WARD)
    day = reading.read("day", date.fromisoformat, words.NO_DAY)
    begins = reading.read("begins", _time, words.NO_HOURS)
    ends = reading.read("ends", _time, words.NO_HOURS) if begins is not None else None
    people = reading.read("people", _people, words.NO_PEOPLE)
    team = reading.read("team", lambda text: _team(text) if text else None, words.NO_TEAM)
    if day is None or begins is None or ends is None:
        return reading.faults
    starts_at = datetime.combine(day, begins, zone)
    ends_at = datetime.combine(day, ends, zone)
    if not 0 < (ends_at - starts_at).total_seconds() <= MINUTES_MAX * 60:
        reading.faults.append(("ends", words.NO_HOURS))
    if reading.faults or kind is None or place is None or ward is None:
        return reading.faults
    return Plan(kind, place, ward, starts_at, ends_at, people, team)


def nik_of(form: Form) -> int | list[Fault]:
    reading = Reading(form)
    nik = reading.read("nik", _nik, words.NO_NIK)
    return nik if nik is not None else reading.faults


def wish_of(form: Form, today: date) -> Wish | list[Fault]:
    reading = Reading(form)
    nik = reading.read("nik", _nik, words.NO_NIK)
    condition = reading.choice("condition", Condition)
    asked_by = reading.choice("asked_by", AskedBy)
    if nik is None or condition is None or asked_by is None:
        return reading.faults
    return Wish(nik, condition, asked_by, today)


def visit_plan_of(form: Form) -> Noted | list[Fault]:
    reading = Reading(form)
    day = reading.read("visit_on", date.fromisoformat, words.NO_DAY)
    team = reading.read("team", _team, words.NO_TEAM)
    if day is None or team is None:
        return reading.faults
    return Noted(Act.PLANNED, visit_on=day, team=team)


def outcome_of(form: Form) -> Noted | list[Fault]:
    """Which of the three forms was sent says `act`."""
    reading = Reading(form)
    match form.get("act", ""):
        case "recorded":
            recording_id = reading.read("recording", UUID, words.NO_RECORDING)
            noted = Noted(Act.RECORDED, recording_id=recording_id)
        case "not_today":
            reason = reading.choice("why", NotToday)
            again_on = reading.read("again_on", _day_or_none, words.NO_DAY)
            noted = Noted(Act.NOT_TODAY, reason, again_on)
        case "closed":
            noted = Noted(Act.CLOSED, reading.choice("reason", ClosingReason))
        case _:
            raise MalformedRequest
    return reading.faults or noted
