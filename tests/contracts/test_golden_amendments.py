"""Amendments as version 1 wrote them, readable for ever; see `test_golden_files`."""

from pathlib import Path

import orjson
import pytest
from pydantic import TypeAdapter, ValidationError

from shared.amendment.law import amended
from shared.contracts.amendments import (
    AMENDMENT,
    AMENDMENT_DECISION,
    AMENDMENT_VERSION,
    REPRINT,
    REPRINT_VERSION,
    AmendmentDecision,
    Element,
    Identity,
)
from shared.contracts.feed import FEED_VERSION, UnknownEntry, page_bytes, read_page
from tests.amendments import an_identity
from tests.town import REGION

pytestmark = pytest.mark.rules

GOLDEN = Path(__file__).parent / "golden"


def golden(name: str) -> bytes:
    return (GOLDEN / name).read_bytes()


def read_entry(body: bytes) -> object:
    (item,) = read_page(page_bytes(REGION, 1, 6, 7, [(7, body)])).entries
    return item.entry


@pytest.mark.parametrize(
    ("name", "contract"),
    [
        (f"amendment-{AMENDMENT_VERSION}.json", AMENDMENT),
        (f"reprint-{REPRINT_VERSION}.json", REPRINT),
        (f"amendment_decision-{FEED_VERSION}.json", AMENDMENT_DECISION),
    ],
)
def test_what_version_one_wrote_is_read_and_written_byte_for_byte(
    name: str, contract: TypeAdapter[object]
) -> None:
    written = golden(name)

    assert contract.dump_json(contract.validate_json(written)) == written


def test_version_one_names_every_element() -> None:
    asked = AMENDMENT.validate_json(golden("amendment-1.json"))

    assert [change.element for change in asked.changes] == [one.value for one in Element]


def test_what_holds_after_a_request_of_version_one_is_what_version_one_said() -> None:
    """A permission names the hash of the amended card: it must come out the same for ever."""
    asked = AMENDMENT.validate_json(golden("amendment-1.json"))
    told = AMENDMENT_DECISION.validate_json(golden("amendment_decision-1.json"))
    assert told.identity is not None

    nik_first, *rest = asked.changes
    assert nik_first.element == "nik"
    assert amended(an_identity(), rest) == told.identity
    assert told.identity.card.digest() == (
        "8c382f31425fba8db5fbc6e3719931503ca80d9db140a126a5d563d338f0c606"
    )


def test_an_answer_is_an_entry_of_the_feed() -> None:
    assert isinstance(read_entry(golden("amendment_decision-1.json")), AmendmentDecision)


@pytest.mark.parametrize(
    "newer",
    [{"version": 2}, {"outcome": "sent_to_court"}, {"member_of_a_newer_version": 1}],
    ids=str,
)
def test_an_answer_from_the_future_is_held_whole(newer: dict[str, object]) -> None:
    told = orjson.loads(golden("amendment_decision-1.json")) | newer

    held = read_entry(orjson.dumps(told))

    assert isinstance(held, UnknownEntry)
    assert orjson.loads(held.model_dump_json()) == told


@pytest.mark.parametrize(
    "member",
    [{"changes": []}, {"officer": "SITI AMINAH"}, {"nik": 6172020000000003}, {"more": 1}],
    ids=str,
)
def test_a_request_that_says_more_or_less_is_not_read(member: dict[str, object]) -> None:
    asked = orjson.loads(golden("amendment-1.json")) | member

    with pytest.raises(ValidationError):
        AMENDMENT.validate_json(orjson.dumps(asked))


def test_an_identity_without_newer_papers_is_the_recording_itself() -> None:
    identity = an_identity()

    assert identity == Identity.of(identity.card)
    assert (identity.education, identity.photo, identity.signature) == (None, None, None)
