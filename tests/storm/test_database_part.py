"""The real code and PostgreSQL under a harmed wire: small, and with a bug that must be found."""

from pathlib import Path

import pytest

from services.command.storm import database
from services.command.storm.crowd import Crowd
from services.command.storm.parts import Plan
from services.regional.uplink import rules as uplink
from shared.contracts.recording import RECORDING, canonical_bytes

RECORDINGS = 2_000  # for all regions together; the whole part has a million


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.setattr(database, "HAND_IN", 50)
    monkeypatch.setattr(database, "KILL_SECONDS_MEAN", 0.5)
    monkeypatch.setattr(database, "HARMED_SHARE", 0.5)
    monkeypatch.setattr(database, "RECORDINGS", RECORDINGS)
    return Plan(tmp_path, seed=3)


@pytest.mark.rules
def test_what_the_crowd_writes_is_what_a_region_would_keep() -> None:
    for number, one in enumerate(Crowd(2).arrivals(99, 3, shared_every=100)):
        recording = RECORDING.validate_json(one.body)
        assert canonical_bytes(recording.recording_id, recording) == one.body
        assert recording.recording_id == one.recording_id
        assert recording.nik == one.nik
        assert recording.captured_at == one.captured_at
        is_shared = one.nik == Crowd(0).arrivals(99 + number, 1, shared_every=100)[0].nik
        assert is_shared == (number == 1)


def test_harmed_on_the_way_everything_arrives_once(plan: Plan) -> None:
    found = database.run(plan)

    assert found.figures["database_recordings"] == RECORDINGS
    assert found.figures["database_faulted_batches"]
    assert [found.figures[name] for name in ("lost", "doubled", "overtakes")] == [0, 0, 0]


def test_an_uplink_that_takes_silence_for_a_receipt_is_found(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It calls everything acknowledged as soon as the centre has said anything at all."""
    monkeypatch.setattr(uplink, "position_after", lambda _, last_seq, *__: last_seq)
    monkeypatch.setattr(uplink, "is_late", lambda *_: False)
    monkeypatch.setattr(database, "RECORD_SECONDS_MAX", 30.0)
    monkeypatch.setattr(database, "STILL_SECONDS_MAX", 3.0)

    found = database.run(plan)

    assert isinstance(found.figures["lost"], int)
    assert found.figures["lost"] > 0
    assert found.failures[-1].endswith("--part database --seed 3")


def test_an_uplink_that_stands_still_is_a_finding_and_no_storm_without_end(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uplink, "is_late", lambda *_: True)
    monkeypatch.setattr(database, "RECORD_SECONDS_MAX", 5.0)
    monkeypatch.setattr(database, "STILL_SECONDS_MAX", 3.0)

    found = database.run(plan)

    assert any("nothing moved" in one for one in found.failures), found
