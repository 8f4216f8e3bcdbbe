"""Appointments: regions come one after another, and none waits for nothing."""

from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.central.intake.rules import (
    FIRST_TURN_ENVELOPES,
    REQUEST_COST_ENVELOPES,
    Diary,
    appointment,
)
from shared.contracts.envelopes import PAUSE_HEADER, PAUSE_SECONDS_MAX, WAITING_HEADER
from shared.signing import SIGNATURE_HEADER, sign_message
from tests.town import REGION, Databases, Town, town_of

RATE = 1_000.0


@pytest.mark.rules
@given(
    st.lists(
        st.tuples(st.integers(1, 5_000), st.integers(0, 2_000), st.floats(0, 1)),
        min_size=2,
        max_size=60,
    )
)
def test_no_two_regions_are_asked_for_the_same_moment(
    answers: list[tuple[int, int, float]],
) -> None:
    diary, now, turns = Diary(), 0.0, []
    for waiting, sent, later in answers:
        now += later
        diary, pause = appointment(diary, waiting, sent, now, RATE)
        assert 0 <= pause <= PAUSE_SECONDS_MAX
        length = min(waiting, max(sent, FIRST_TURN_ENVELOPES)) + REQUEST_COST_ENVELOPES
        if pause < PAUSE_SECONDS_MAX:
            turns.append((now + pause, now + pause + length / RATE))

    for (_, ends), (starts, _) in pairwise(turns):
        assert starts >= ends - 1e-6


@pytest.mark.rules
@given(waiting=st.integers(-5, 10_000), sent=st.integers(0, 2_000), now=st.floats(0, 1e9))
def test_who_has_nothing_to_send_or_meets_an_idle_centre_does_not_wait(
    waiting: int, sent: int, now: float
) -> None:
    assert appointment(Diary(), waiting, sent, now, RATE)[1] == 0.0
    assert appointment(Diary(now + 50), 0, sent, now, RATE) == (Diary(now + 50), 0.0)
    assert appointment(Diary(now + 50), 5, sent, now, 0.0) == (Diary(now + 50), 0.0)


@pytest.mark.rules
def test_a_full_diary_is_not_written_further() -> None:
    full = Diary(PAUSE_SECONDS_MAX + 1)

    assert appointment(full, 10, 10, 0.0, RATE) == (full, PAUSE_SECONDS_MAX)


async def asked(town: Town, said: str) -> httpx.Response:
    path = f"/v1/regions/{REGION}/position"
    signature = sign_message(town.keys.region_key(REGION), f"GET {path}", b"")
    headers = {SIGNATURE_HEADER: signature, WAITING_HEADER: said}
    return await town.stranger(town.centre).get(path, headers=headers)


async def test_the_door_asks_the_second_of_two_to_wait(
    databases: Databases, tmp_path: Path
) -> None:
    slow = {"intake_per_second": 0.5}  # one turn is then some hundred seconds long
    async with town_of(databases, tmp_path, central=slow, regional={"loops": False}) as town:
        first, second = await asked(town, "500"), await asked(town, "500")
        nobody = [await asked(town, said) for said in ("0", "-1", "many", "9" * 40)]

    assert PAUSE_HEADER not in first.headers
    assert 0 < float(second.headers[PAUSE_HEADER]) <= PAUSE_SECONDS_MAX
    assert [answer.status_code for answer in nobody] == [200] * 4
    assert not any(PAUSE_HEADER in answer.headers for answer in nobody)
