"""What the centre writes, every region can read; what it cannot read, it holds."""

from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.central.journey import entries
from services.central.journey.entries import SignedPermission
from shared.contracts.feed import (
    Decision,
    FreshPermission,
    Permission,
    Rival,
    UnknownEntry,
    page_bytes,
    read_page,
)
from shared.contracts.outcomes import DuplicateKind, Outcome
from shared.contracts.revocation import Revocation
from tests.recordings import NOON
from tests.town import NEIGHBOUR, REGION

pytestmark = pytest.mark.rules

EXPIRES = NOON.replace(year=NOON.year + 2)
signed_permissions = st.builds(SignedPermission, st.uuids(), st.text(max_size=20), st.just(EXPIRES))
rivals = st.builds(
    Rival, recording_id=st.uuids(), region=st.just(NEIGHBOUR), captured_at=st.just(NOON)
)


def read_one(body: bytes) -> object:
    (item,) = read_page(page_bytes(REGION, 1, 6, 7, [(7, body)])).entries
    assert item.pos == 7
    return item.entry


def as_read(permission: SignedPermission | None) -> Permission | None:
    if permission is None:
        return None
    return Permission(
        authorization_id=permission.authorization_id,
        jws=permission.jws,
        expires_at=permission.expires_at,
    )


@given(
    seq=st.integers(1, 2**62),
    recording_id=st.uuids(),
    outcome=st.sampled_from(Outcome),
    reason=st.none() | st.text(max_size=20),
    duplicate=st.none() | st.sampled_from(DuplicateKind),
    rival=st.none() | rivals,
    permission=st.none() | signed_permissions,
)
def test_a_decision_is_read_as_it_was_written(
    seq: int,
    recording_id: UUID,
    outcome: Outcome,
    reason: str | None,
    duplicate: DuplicateKind | None,
    rival: Rival | None,
    permission: SignedPermission | None,
) -> None:
    written = entries.decision(
        seq=seq,
        recording_id=recording_id,
        outcome=outcome,
        reason=reason,
        duplicate=duplicate,
        rival=rival,
        permission=permission,
        now=NOON,
    )

    assert read_one(written.body) == Decision(
        version=1,
        kind="decision",
        recording_id=recording_id,
        seq=seq,
        outcome=outcome,
        decided_at=NOON,
        reason=reason,
        duplicate=duplicate,
        rival=rival,
        permission=as_read(permission),
    )
    assert (written.kind, written.recording_id, written.outcome) == (
        "decision",
        recording_id,
        outcome.value,
    )


@given(recording_id=st.uuids(), replaces=st.uuids(), permission=signed_permissions)
def test_a_fresh_permission_is_read_as_it_was_written(
    recording_id: UUID, replaces: UUID, permission: SignedPermission
) -> None:
    written = entries.fresh_permission(recording_id, replaces, permission, NOON)

    read_back = read_one(written.body)

    assert isinstance(read_back, FreshPermission)
    assert (read_back.recording_id, read_back.replaces) == (recording_id, replaces)
    assert read_back.permission == as_read(permission)
    assert read_back.issued_at == NOON


@given(
    recording_id=st.uuids(),
    authorization_id=st.uuids(),
    reason=st.from_regex(r"[A-Za-z0-9._:-]{1,64}", fullmatch=True),
    replaced_by=st.none() | st.uuids(),
)
def test_a_revocation_is_read_as_it_was_written(
    recording_id: UUID, authorization_id: UUID, reason: str, replaced_by: UUID | None
) -> None:
    written = entries.revocation(
        recording_id=recording_id,
        authorization_id=authorization_id,
        reason=reason,
        replaced_by=replaced_by,
        now=NOON,
    )

    assert read_one(written.body) == Revocation(
        version=1,
        kind="revocation",
        recording_id=recording_id,
        authorization_id=authorization_id,
        reason=reason,
        revoked_at=NOON,
        replaced_by=replaced_by,
    )


def a_decision(**changes: object) -> dict[str, object]:
    body = entries.decision(
        seq=1,
        recording_id=UUID(int=1),
        outcome=Outcome.DUPLICATE_RECORD,
        reason="same-nik",
        duplicate=None,
        rival=None,
        permission=None,
        now=NOON,
    ).body
    return orjson.loads(body) | changes


@pytest.mark.parametrize(
    "newer",
    [
        a_decision(version=2),
        a_decision(kind="revocation"),
        a_decision(outcome="TAKEN_TO_COURT"),
        a_decision(duplicate="one_to_none"),
        a_decision(member_of_a_newer_version=1),
        a_decision(version="1"),
        {"kind": "decision"},
        {},
    ],
    ids=str,
)
def test_an_entry_this_version_cannot_read_is_held_whole_beside_its_neighbours(
    newer: dict[str, object],
) -> None:
    known = orjson.dumps(a_decision())
    page = read_page(
        page_bytes(REGION, 1, 0, 3, [(1, known), (2, orjson.dumps(newer)), (3, known)])
    )

    assert [item.pos for item in page.entries] == [1, 2, 3]
    first, held, last = (item.entry for item in page.entries)
    assert isinstance(first, Decision)
    assert isinstance(last, Decision)
    assert isinstance(held, UnknownEntry)
    assert orjson.loads(held.model_dump_json()) == newer


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"{}",
        b"null",
        b'{"version":2,"region":"61.72","epoch":1,"after":0,"head_pos":0,"entries":[]}',
        b'{"version":1,"region":"61.72","epoch":0,"after":0,"head_pos":0,"entries":[]}',
        b'{"version":1,"region":"61.72","epoch":1,"after":0,"head_pos":1,"entries":[1]}',
    ],
)
def test_a_page_whose_envelope_cannot_be_read_is_refused(damaged: bytes) -> None:
    with pytest.raises(ValidationError):
        read_page(damaged)


def test_a_page_without_entries_tells_the_head() -> None:
    page = read_page(page_bytes(REGION, 3, 8, 8, []))

    assert (page.region, page.epoch, page.after, page.head_pos) == (REGION, 3, 8, 8)
    assert page.entries == ()
