"""What version 1 put on the wire must stay readable, and mean the same, for ever.

The files were written once and are never written anew: a change that breaks a test here needs a new
version beside the old one. The person in them is invented.
"""

from hashlib import sha256
from pathlib import Path

import orjson
import pytest
from pydantic import TypeAdapter

from shared.contracts.authorization import CLAIMS, TYPE
from shared.contracts.envelopes import (
    BATCH_VERSION,
    CARD_RECEIPT,
    CARD_RECEIPT_VERSION,
    COVERAGE_BASE,
    COVERAGE_VERSION,
    MANIFEST,
    POSITION,
    RECEIPT,
    RECORDING_VERSION,
    TOMBSTONE,
    TOMBSTONE_VERSION,
    unpack,
)
from shared.contracts.feed import (
    FEED_VERSION,
    Decision,
    FreshPermission,
    UnknownEntry,
    page_bytes,
    read_page,
)
from shared.contracts.outcomes import Outcome
from shared.contracts.recording import RECORDING, canonical_bytes
from shared.contracts.remedies import (
    DELETION_DECISION,
    DELETION_REQUEST,
    DELETION_REQUEST_VERSION,
    MOVE_DECISION,
    MOVE_IN,
    MOVE_IN_VERSION,
    OPERATOR_IRISES,
    OPERATOR_IRISES_VERSION,
    VALIDATION_REPLY,
    VALIDATION_REPLY_VERSION,
)
from shared.contracts.resync import CLAIM, LIFE_CLAIM, LIFE_WORD, WITNESS, WORD
from shared.contracts.revocation import (
    RENEWAL_REQUEST,
    RENEWAL_REQUEST_VERSION,
    REVOCATION,
    Revocation,
)
from shared.signing import PinnedKeys

pytestmark = pytest.mark.rules

GOLDEN = Path(__file__).parent / "golden"


def golden(name: str) -> bytes:
    return (GOLDEN / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "contract"),
    [
        ("manifest-1.json", MANIFEST),
        ("receipt-1.json", RECEIPT),
        ("position-1.json", POSITION),
        ("recording-1.json", RECORDING),
        ("card_receipt-1.json", CARD_RECEIPT),
        ("coverage_base-1.json", COVERAGE_BASE),
        ("tombstone-1.json", TOMBSTONE),
        ("witness-1.json", WITNESS),
        ("resync_claim-1.json", CLAIM),
        ("resync_word-1.json", WORD),
        ("life_claim-1.json", LIFE_CLAIM),
        ("life_word-1.json", LIFE_WORD),
        ("deletion_request-1.json", DELETION_REQUEST),
        ("deletion_decision-1.json", DELETION_DECISION),
        ("validation_reply-1.json", VALIDATION_REPLY),
        ("operator_irises-1.json", OPERATOR_IRISES),
        ("renewal_request-1.json", RENEWAL_REQUEST),
        ("revocation-1.json", REVOCATION),
        ("move_in-1.json", MOVE_IN),
        ("move_decision-1.json", MOVE_DECISION),
    ],
)
def test_what_version_one_wrote_is_read_and_written_byte_for_byte(
    name: str, contract: TypeAdapter[object]
) -> None:
    written = golden(name)

    assert contract.dump_json(contract.validate_json(written)) == written


def test_every_version_in_use_has_its_files() -> None:
    in_use = {
        "manifest": BATCH_VERSION,
        "receipt": BATCH_VERSION,
        "page": FEED_VERSION,
        "recording": RECORDING_VERSION,
        "card_receipt": CARD_RECEIPT_VERSION,
        "coverage_base": COVERAGE_VERSION,
        "tombstone": TOMBSTONE_VERSION,
        "deletion_request": DELETION_REQUEST_VERSION,
        "validation_reply": VALIDATION_REPLY_VERSION,
        "operator_irises": OPERATOR_IRISES_VERSION,
        "move_in": MOVE_IN_VERSION,
        "move_decision": FEED_VERSION,
        "deletion_decision": FEED_VERSION,
        "renewal_request": RENEWAL_REQUEST_VERSION,
        "revocation": FEED_VERSION,
    }

    assert [
        name for name, version in in_use.items() if not (GOLDEN / f"{name}-{version}.json").exists()
    ] == []


def test_the_hash_of_a_recording_never_changes() -> None:
    """A permission printed years later names this hash; a recording sent again is known by it."""
    recording = RECORDING.validate_json(golden("recording-1.json"))

    body = canonical_bytes(recording.recording_id, recording)

    assert sha256(body).hexdigest() == (
        "72cc6c97b83d91a69993d1b709e8c9293e59796de94c085c77b1d0df3c9a568f"
    )
    assert recording.card.digest() == (
        "1005ba62d15d7040787ae8f25d5d146f49b4ff7821c5ef7f22a01a637ca00cf5"
    )


def test_the_batch_of_version_one_is_whole() -> None:
    bodies = [golden(f"{kind}-1.json") for kind in ("recording", "card_receipt", "coverage_base")]

    received = unpack(b"\n".join((golden("manifest-1.json"), *bodies)))

    assert [head.kind for head in received.manifest.envelopes] == [
        "recording",
        "card_receipt",
        "coverage_base",
    ]
    receipt = RECEIPT.validate_json(golden("receipt-1.json"))
    assert receipt.manifest_sha256 == received.batch.manifest_sha256
    assert receipt.accepted_seq == received.batch.last_seq


def test_the_page_of_version_one_is_read_entry_by_entry() -> None:
    page = read_page(golden("page-1.json"))

    duplicate, ready, fresh = (item.entry for item in page.entries)
    assert isinstance(duplicate, Decision)
    assert isinstance(ready, Decision)
    assert isinstance(fresh, FreshPermission)
    assert duplicate.outcome is Outcome.DUPLICATE_RECORD
    assert ready.outcome is Outcome.PRINT_READY_RECORD
    assert duplicate.rival is not None
    assert ready.permission is not None
    assert fresh.replaces == ready.permission.authorization_id


def test_a_revocation_stands_in_a_page_beside_entries_of_the_first_program() -> None:
    first = [orjson.dumps(one["entry"]) for one in orjson.loads(golden("page-1.json"))["entries"]]
    bodies = list(enumerate([*first, golden("revocation-1.json")], 1))

    *_, last = (one.entry for one in read_page(page_bytes("61.72", 1, 0, 9, bodies)).entries)

    assert isinstance(last, Revocation)
    assert last.reason == "amended"


@pytest.mark.parametrize("kind", ["deletion_decision", "move_decision"])
def test_an_entry_on_a_remedy_is_read_off_a_page(kind: str) -> None:
    body = golden(f"{kind}-1.json")

    (item,) = read_page(page_bytes("61.72", 1, 6, 7, [(7, body)])).entries

    assert item.entry.model_dump_json().encode() == body
    assert not isinstance(item.entry, UnknownEntry)


def test_permissions_of_version_one_are_still_valid_for_their_card() -> None:
    pinned = PinnedKeys(orjson.loads(golden("centre-jwks.json")))
    card = RECORDING.validate_json(golden("recording-1.json")).card
    for item in read_page(golden("page-1.json")).entries:
        assert isinstance(item.entry, Decision | FreshPermission)
        if (permission := item.entry.permission) is None:
            continue
        claims = CLAIMS.validate_json(pinned.verify(permission.jws, TYPE).payload)
        assert claims.jti == permission.authorization_id
        assert claims.card_sha256 == card.digest()
