"""Which of the entries that were taken out of a feed its region must still be told. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

Key = tuple[str, UUID, str]

# What an entry answers to, by kind. Of other kinds the first of a recording meets the first, and so
# on: both lives of a centre decide a recording in the same order.
_ANSWERS_TO = {
    "print_authorization": "replaces",
    "revocation": "authorization_id",
    "amendment_decision": "request_id",
    "deletion_decision": "request_id",
    "move_decision": "move_id",
}
_NAMES_A_PERMISSION = ("authorization_id", "replaces", "replaced_by")


@dataclass(frozen=True, slots=True)
class Entry:
    kind: str
    recording_id: UUID
    outcome: str | None
    body: bytes


def left_to_tell(displaced: Sequence[Entry], told: Iterable[Entry]) -> list[tuple[int, Entry]]:
    """Those of the displaced, with their place, that say what the region was not told otherwise.

    told: what the region applied in their stead. Where both lives gave a permission for the same
    thing, the region's counts: what was said of the other is said of that one.
    """
    counted: Counter[tuple[str, UUID]] = Counter()
    answers = {_key(one, _read(one), counted): _read(one) for one in told}
    counted.clear()
    stands_for: dict[str, str] = {}
    left = []
    for place, one in enumerate(displaced):
        said = _read(one)
        renamed = said | {
            name: stands_for[said[name]]
            for name in _NAMES_A_PERMISSION
            if said.get(name) in stands_for
        }
        answer = answers.get(_key(one, renamed, counted))
        if answer is None:
            body = one.body if renamed == said else orjson.dumps(renamed)
            left.append((place, Entry(one.kind, one.recording_id, one.outcome, body)))
        elif (own := _permission_of(said)) and (theirs := _permission_of(answer)):
            stands_for[own] = theirs
    return left


def _read(one: Entry) -> dict[str, Any]:
    said: dict[str, Any] = orjson.loads(one.body)
    return said


def _key(one: Entry, said: dict[str, Any], counted: Counter[tuple[str, UUID]]) -> Key:
    if one.kind in _ANSWERS_TO:
        return one.kind, one.recording_id, str(said.get(_ANSWERS_TO[one.kind]))
    counted[one.kind, one.recording_id] += 1
    return one.kind, one.recording_id, str(counted[one.kind, one.recording_id])


def _permission_of(said: dict[str, Any]) -> str | None:
    permission = said.get("permission")
    return str(permission["authorization_id"]) if permission else None
