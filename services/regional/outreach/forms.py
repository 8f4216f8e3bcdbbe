"""What forms of outreach hold, or what is to be corrected in them. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import TypeVar
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from services.regional.outreach import words
from services.regional.outreach.rules import Heard, Reason, Source, Whereabouts
from services.regional.outreach.views import Line
from shared.ids import new_id
from shared.pages.language import Language
from shared.refusals import Refusal

Fault = tuple[str, str]  # id of the field, what is wrong
Code = TypeVar("Code", Whereabouts, Source, Reason)
_LINE: TypeAdapter[str] = TypeAdapter(Line)


def said(refusal: Refusal, language: Language) -> str:
    """What to do about a refusal, in the page's language."""
    is_english = language is Language.ENGLISH
    return refusal.next_action if is_english else refusal.next_action_id


def read_line(form: Mapping[str, str], field: str, wrong: str, faults: list[Fault]) -> str:
    """One line of 5 to 160 characters; "" and a fault when it is not."""
    try:
        return _LINE.validate_python(form.get(field, ""))
    except ValidationError:
        faults.append((field, wrong))
        return ""


def read_code(
    kind: type[Code], form: Mapping[str, str], field: str, wrong: str, faults: list[Fault]
) -> Code | None:
    try:
        return kind(form.get(field, ""))
    except ValueError:
        faults.append((field, wrong))
        return None


def read_day(form: Mapping[str, str], field: str, faults: list[Fault]) -> date | None:
    try:
        return date.fromisoformat(form.get(field, ""))
    except ValueError:
        faults.append((field, words.NO_DAY))
        return None


def read_note_id(form: Mapping[str, str]) -> UUID:
    """The id the form was given, so that sending it twice notes it once."""
    try:
        return UUID(form.get("note", ""))
    except ValueError:
        return new_id()


def read_nik(form: Mapping[str, str], faults: list[Fault]) -> int | None:
    digits = "".join(form.get("nik", "").split())
    if len(digits) == 16 and digits.isascii() and digits.isdigit():
        return int(digits)
    faults.append(("nik", words.NO_NIK))
    return None


def read_birth_date(form: Mapping[str, str], faults: list[Fault]) -> date | None:
    """Three fields, as people say a day: day, month, year."""
    parts = [form.get(name, "").strip() for name in ("year", "month", "day")]
    if all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        try:
            return date(*(int(part) for part in parts))
        except ValueError:
            pass
    faults.append(("day", words.NO_BIRTH_DATE))
    return None


def read_heard(form: Mapping[str, str]) -> tuple[Heard | None, list[Fault]]:
    """An officer's finding."""
    faults: list[Fault] = []
    whereabouts = read_code(Whereabouts, form, "whereabouts", words.NO_WHEREABOUTS, faults)
    source = read_code(Source, form, "source", words.NO_SOURCE, faults)
    on = read_day(form, "heard_on", faults)
    forward_to = None
    if whereabouts is Whereabouts.AWAY and form.get("forward_to", "").strip():
        forward_to = read_line(form, "forward_to", words.NO_ADDRESS, faults)
    if faults or whereabouts is None or source is None or on is None:
        return None, faults
    return Heard(whereabouts, source, on, forward_to), []


def read_reply(
    form: Mapping[str, str], today: date
) -> tuple[tuple[date, Heard] | None, list[Fault]]:
    """A citizen's reply with the birth date that proves it."""
    faults: list[Fault] = []
    whereabouts = read_code(Whereabouts, form, "whereabouts", words.NO_WHEREABOUTS, faults)
    if whereabouts is not None and whereabouts not in words.REPLIES:
        faults.append(("whereabouts", words.NO_WHEREABOUTS))
    forward_to = None
    if whereabouts is Whereabouts.AWAY and form.get("forward_to", "").strip():
        forward_to = read_line(form, "forward_to", words.NO_ADDRESS, faults)
    birth_date = read_birth_date(form, faults)
    if faults or whereabouts is None or birth_date is None:
        return None, faults
    return (birth_date, Heard(whereabouts, Source.CITIZEN, today, forward_to)), []
