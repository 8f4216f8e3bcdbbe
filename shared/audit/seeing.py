"""What one request sees of people: collected while it is answered, by whoever shows or reads it.

Rooms seldom call this: what goes into a handler, into a page's template and out as an answer is
looked through for ids by name. `saw` is for what leaves in other ways, such as a PDF.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, is_dataclass
from hashlib import sha256
from hmac import new as hmac
from uuid import UUID

from pydantic import BaseModel

from shared.audit.entries import PERSON, Calls, about
from shared.nik import DIGITS, Nik

# What people are known by, wherever it is met.
PERSONAL = {
    "recording_id": "recording",
    "earlier_id": "recording",
    "rival_recording_id": "recording",
    "person_id": "outreach",
    "case_id": "case",
    "suket_id": "suket",
    "visit_id": "visit",
}
# What an address names beside: told only where it was asked for.
ASKED = PERSONAL | {
    "authorization_id": "authorization",
    "batch_id": "batch",
    "blank_serial": "blank",
    "burning_id": "burning",
    "change_set_id": "change-set",
    "delivery_id": "delivery",
    "event_id": "event",
    "hook_id": "hook",
    "key_id": "key",
    "move_id": "move",
    "officer": "officer",
    "region": "region",
    "request_id": "request",
    "session_id": "session",
}
DEPTH_MAX = 10
PARTS_MAX = 50_000


@dataclass(slots=True)
class Seen:
    """Subjects in the order they were met. NIKs stay here, and leave as keyed hashes alone."""

    who: Calls | None = None
    subjects: dict[str, None] = field(default_factory=dict)
    niks: dict[int, None] = field(default_factory=dict)
    detail: str | None = None
    is_whole: bool = True  # nothing was too deep or too much to be looked through

    def name(self, kind: str, name: object) -> None:
        try:
            self.subjects[about(kind, str(name))] = None
        except ValueError:
            # Whatever it was, it was no id of ours; that somebody asked is told all the same.
            self.subjects[f"{kind}:unreadable"] = None

    def take_nik(self, value: object) -> None:
        if isinstance(value, Nik):
            self.niks[value.number] = None
        elif isinstance(value, int):
            self.niks[value] = None
        elif isinstance(value, str):
            digits = "".join(value.split())
            if len(digits) == DIGITS and digits.isascii() and digits.isdigit():
                self.niks[int(digits)] = None

    def take(self, value: object, names: Mapping[str, str] = PERSONAL) -> None:
        """Look through a value for ids of people."""
        waiting: list[tuple[object, int]] = [(value, 0)]
        parts = 0
        while waiting:
            one, depth = waiting.pop()
            parts += 1
            if depth > DEPTH_MAX or parts > PARTS_MAX:
                self.is_whole = False
                return
            for key, inner in _members(one):
                if key is not None and self._take_named(key, inner, names):
                    continue
                waiting.append((inner, depth + 1))

    def _take_named(self, key: str, value: object, names: Mapping[str, str]) -> bool:
        if key == "nik" or key.endswith("_nik"):
            self.take_nik(value)
            return True
        if key in names and isinstance(value, str | UUID):
            self.name(names[key], value)
            return True
        return False

    def whom(self, key: bytes) -> tuple[str, ...]:
        return (*self.subjects, *(person(key, nik) for nik in self.niks))


def person(key: bytes, nik: int) -> str:
    """The subject that stands for a person of whom no id is known: a NIK under a key."""
    found = hmac(key, f"audit-person {nik:016d}".encode(), sha256).hexdigest()
    return about(PERSON, found[:40])


def _members(value: object) -> Iterable[tuple[str | None, object]]:
    if isinstance(value, BaseModel):
        return value.__dict__.items()
    if is_dataclass(value) and not isinstance(value, type):
        return [(one.name, getattr(value, one.name, None)) for one in fields(value)]
    if isinstance(value, Mapping):
        return [(key if isinstance(key, str) else None, inner) for key, inner in value.items()]
    if isinstance(value, list | tuple | set | frozenset):
        # A named tuple, such as a row, knows what its parts are called.
        named = getattr(value, "_fields", None)
        return zip(named, value, strict=False) if named else ((None, one) for one in value)
    if (row := getattr(value, "_mapping", None)) is not None and isinstance(row, Mapping):
        return list(row.items())
    return ()


_seen: ContextVar[Seen | None] = ContextVar("seen", default=None)


@contextmanager
def seeing(seen: Seen) -> Iterator[Seen]:
    """Collect into `seen` whatever this task shows from here on."""
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)


def current() -> Seen | None:
    """None while nobody collects."""
    return _seen.get()


def saw(kind: str, names: Iterable[object]) -> None:
    """People are shown who are known by these ids."""
    if (seen := current()) is not None:
        for name in names:
            seen.name(kind, name)


def saw_niks(niks: Iterable[object]) -> None:
    """People are shown, or asked for, who are known by their NIK alone."""
    if (seen := current()) is not None:
        for nik in niks:
            seen.take_nik(nik)


def saw_in(value: object) -> None:
    """Something is shown, or was handed in, that holds ids of people by their usual names."""
    if (seen := current()) is not None:
        seen.take(value)


def remark(code: str) -> None:
    """Add a code to the entry of what is being done: which verdict, which reason."""
    if (seen := current()) is not None:
        seen.detail = code
