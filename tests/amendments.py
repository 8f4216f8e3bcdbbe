"""Requests for tests of amendments. Every person and paper in them is invented."""

from typing import Any

import orjson

from services.regional.amendments.rules import Arrival
from shared.contracts.amendments import (
    AmendmentContent,
    DocumentKind,
    Identity,
    ReprintContent,
)
from shared.ids import new_id
from tests.recordings import a_recording, nik

ADDRESS = {"street": "JALAN BARU 9", "rt": "001", "rw": "002", "ward": "61.72.01.1001"}
NEW_VALUES: dict[str, Any] = {
    "nik": "6172025207900009",
    "name": "NAMA BARU SEKALI",
    "birth_place": "SINGKAWANK",
    "birth_date": "1990-07-13",
    "sex": "male",
    "blood_group": "AB",
    "address": ADDRESS,
    "religion": "catholic",
    "marital_status": "married",
    "education": "SARJANA",
    "occupation": "GURU",
    "photo": "ab" * 32,
    "signature": "cd" * 32,
}


def a_document(kind: str, issued_on: str = "2017-10-01") -> dict[str, Any]:
    return {
        "kind": kind,
        "number": "474.1/0231/2017",
        "issuer": "INSTANSI CONTOH",
        "issued_on": issued_on,
        "sha256": "7c" * 32,
    }


def a_change(element: str, *kinds: str, value: Any = None, **changes: Any) -> dict[str, Any]:
    """A change to another value than the example's person has."""
    return {
        "element": element,
        "value": NEW_VALUES[element] if value is None else value,
        "documents": [a_document(kind) for kind in kinds],
        **changes,
    }


def amendment(*changes: dict[str, Any], number: int = 3, **members: Any) -> dict[str, Any]:
    """What a desk sends of person `number`."""
    return {
        "nik": nik(number),
        "recording_id": None,
        "requested_at": "2017-10-13T12:00:00+07:00",
        "officer": "officer-12",
        "requested_by": "holder",
        "changes": list(changes),
        "confirmed_by": None,
        **members,
    }


def reprint(cause: str = "lost", number: int = 3, **members: Any) -> dict[str, Any]:
    kind = DocumentKind.POLICE_LETTER if cause == "lost" else DocumentKind.DAMAGED_CARD
    made = amendment(number=number, cause=cause, document=a_document(kind.value)) | members
    del made["changes"], made["confirmed_by"]
    return made


RENAMED = a_change("name", "court_ruling")


def read_amendment(*changes: dict[str, Any], **members: Any) -> AmendmentContent:
    return AmendmentContent.model_validate_json(orjson.dumps(amendment(*changes, **members)))


def read_reprint(cause: str = "lost", **members: Any) -> ReprintContent:
    return ReprintContent.model_validate_json(orjson.dumps(reprint(cause, **members)))


def an_amendment(*changes: dict[str, Any], **members: Any) -> Arrival:
    return Arrival.of(new_id(), read_amendment(*(changes or (RENAMED,)), **members))


def a_reprint(cause: str = "lost", **members: Any) -> Arrival:
    return Arrival.of(new_id(), read_reprint(cause, **members))


def an_identity(number: int = 3, **card: Any) -> Identity:
    """As recorded of the example's person."""
    return Identity.of(a_recording(number, card=card).card)
