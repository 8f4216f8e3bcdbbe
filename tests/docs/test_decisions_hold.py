"""Decisions in docs/adr/ that no other test would notice to be broken."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from services.central.print_authorization.rules import Permitter
from services.regional.recording.examples import CONTENT_EXAMPLE
from shared.contracts.authorization import CLAIMS
from shared.contracts.recording import CONTENT, RECORDING, canonical_bytes
from shared.ids import new_id
from shared.signing import jwks_of, new_key

pytestmark = pytest.mark.rules

DOCS = Path(__file__).resolve().parents[2] / "docs"
DECISIONS = sorted((DOCS / "adr").glob("[0-9]*.md"))
PARTS = ["Context", "Decision", "Consequences", "Alternatives", "Checked by"]
NOON = datetime(2017, 10, 14, 5, tzinfo=UTC)

each_decision = pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)


MAPS = ("images", "templates", "exceptions")  # by modality: they keep the station's own order


def turned_around(value: Any) -> Any:
    """The same JSON with the members of every object, but not of maps, in the opposite order."""
    if not isinstance(value, dict):
        return value
    return {
        key: value[key] if key in MAPS else turned_around(value[key]) for key in reversed(value)
    }


def test_both_doors_keep_the_same_bytes_in_whatever_order_members_come() -> None:
    recording_id = new_id()
    alone = CONTENT.validate_json(json.dumps(CONTENT_EXAMPLE))
    among_many = {"recording_id": str(recording_id), **turned_around(CONTENT_EXAMPLE)}

    again = RECORDING.validate_json(json.dumps(among_many, indent=2))

    assert canonical_bytes(recording_id, again) == canonical_bytes(recording_id, alone)
    assert RECORDING.validate_json(canonical_bytes(recording_id, alone)) == again
    assert b"\n" not in canonical_bytes(recording_id, alone)


def test_a_permission_is_read_by_another_library_with_the_published_key() -> None:
    key = new_key("centre")
    permitter = Permitter(key, epoch=1, lifetime=timedelta(days=730))
    content = CONTENT.validate_json(json.dumps(CONTENT_EXAMPLE))
    recording = RECORDING.validate_json(canonical_bytes(new_id(), content))

    permission = permitter.sign("61.72", new_id(), recording, NOON)

    keys = KeySet.import_key_set(jwks_of([key]))  # type: ignore[arg-type]
    read = jws.deserialize_compact(permission.jws, keys, algorithms=["Ed25519"])
    claims = CLAIMS.validate_json(read.payload)
    assert (claims.sub, claims.aud) == (recording.recording_id, "office:61.72")
    assert claims.card_sha256 == recording.card.digest()


@each_decision
def test_a_decision_has_its_parts_in_order_on_one_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS
    assert text.startswith(f"# {int(page.name[:4])}. ")
    assert len(text.splitlines()) <= 60


def test_decisions_are_numbered_without_a_hole_and_listed() -> None:
    index = (DOCS / "adr" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\d+\. \[.+\]\((.+)\)$", index, re.MULTILINE)

    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    assert listed == [page.name for page in DECISIONS]


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_the_files_a_page_names_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    files = re.findall(r"`((?:services|shared|tests|deploy)/[\w/.-]+\.\w+)`", text)

    assert [file for file in files if not (DOCS.parent / file).exists()] == []
