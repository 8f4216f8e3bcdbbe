"""What a citizen is told: curves of waits, limits, tokens, words for every status."""

import string
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.central.penunggalan import rules as penunggalan
from services.regional.citizen import curves, labels, rules, tokens, words
from services.regional.citizen.curves import Range, bucket_of, learn, remaining
from services.regional.citizen.rules import NoRange, StepState, UntilDay, WaitStage
from services.regional.journey.overtakes import OvertakeCause
from services.regional.journey.remedies import RemedyCode
from services.regional.journey.rules import Cause, OfficialStatus, Stage, official_status
from services.regional.printing.rules import Ground
from shared import limits
from shared.contracts.outcomes import Outcome
from shared.ids import new_id
from shared.limits import Limiter, Pace, address_of
from tests.recordings import NOON

pytestmark = pytest.mark.rules

HOUR, DAY = 3_600.0, 86_400.0
SECRET = bytes(range(32))


@dataclass
class AStep:
    event: str
    at: datetime = NOON
    stage: Stage = Stage.QUEUED


@dataclass
class AStanding:
    """A standing made up."""

    stage: Stage = Stage.QUEUED
    waits_for: Cause = Cause.QUEUE
    outcome: Outcome | None = None
    reason: str | None = None
    remedy: RemedyCode | None = None
    seq: int = 7
    since: datetime = NOON
    timeline: list[AStep] = field(default_factory=lambda: [AStep("recorded")])

    @property
    def official_status(self) -> OfficialStatus:
        return official_status(self.stage, self.outcome)


def _ended(*hours: float, each: int = 10) -> list[tuple[bool, int, int]]:
    return [(True, bucket_of(hour * HOUR), each) for hour in hours]


def test_a_range_is_what_eight_in_ten_waits_lay_between() -> None:
    found = remaining(learn(_ended(*range(1, 101), each=1)), 0.0)

    assert found is not None
    assert found.from_seconds == pytest.approx(10 * HOUR, rel=0.08)
    assert found.to_seconds == pytest.approx(90 * HOUR, rel=0.08)


def test_who_has_waited_is_told_what_is_left_and_not_the_whole() -> None:
    curve = learn(_ended(*range(1, 101), each=1))

    found = remaining(curve, 50 * HOUR)

    assert found is not None
    assert found.from_seconds == pytest.approx(5 * HOUR, rel=0.6)
    assert found.to_seconds == pytest.approx(45 * HOUR, rel=0.1)


def test_nothing_is_told_from_too_few_nor_beyond_what_was_seen() -> None:
    few, many = learn(_ended(1, each=curves.ENOUGH - 1)), learn(_ended(1, 2, each=20))

    assert remaining(few, 0.0) is None
    assert remaining(many, 3 * HOUR) is None
    assert remaining(learn([]), 0.0) is None


def test_those_who_wait_still_make_the_range_longer() -> None:
    lucky = _ended(1, each=100)
    stuck = [(False, bucket_of(5 * DAY), 100)]

    without, told = remaining(learn(lucky), 0.0), remaining(learn(lucky + stuck), 0.0)

    assert without is not None
    assert without.to_seconds == pytest.approx(HOUR, rel=0.08)
    # Half of them have waited five days already: where that ends was not seen.
    assert told is not None
    assert told.to_seconds is None


@given(
    waits=st.lists(st.tuples(st.booleans(), st.floats(0, 1e7), st.integers(1, 50)), max_size=20),
    waited=st.floats(0, 1e7),
)
def test_a_range_never_lies_in_the_past(
    waits: list[tuple[bool, float, int]], waited: float
) -> None:
    found = remaining(learn([(one, bucket_of(long), n) for one, long, n in waits]), waited)

    if found is not None:
        assert found.from_seconds > 0
        assert found.to_seconds is None or found.to_seconds >= found.from_seconds


@given(
    pace=st.builds(Pace, st.integers(1, 5), st.floats(1, 60)),
    gaps=st.lists(st.floats(0, 30), max_size=60),
)
def test_nobody_asks_more_often_than_the_pace_and_all_may_ask_again(
    pace: Pace, gaps: list[float]
) -> None:
    limiter, now, admitted = Limiter(pace, b"k" * limits.KEY_BYTES), 1e9, []
    for gap in gaps:
        now += gap
        if limiter.wait_seconds(b"one", now) == 0.0:
            admitted.append(now)

    for first, last in zip(admitted, admitted[pace.burst :], strict=False):
        assert last - first >= pace.seconds_each - 0.01
    wait = limiter.wait_seconds(b"one", now)
    assert wait <= pace.seconds_each + 0.01
    if wait:
        assert limiter.wait_seconds(b"one", now + wait) == 0.0


def test_many_askers_neither_fill_the_memory_nor_push_a_count_out() -> None:
    limiter = Limiter(Pace(2, 60), b"k" * limits.KEY_BYTES)
    assert limiter.wait_seconds(b"one", 0.0) == limiter.wait_seconds(b"one", 0.0) == 0.0

    for number in range(100_000):
        limiter.wait_seconds(str(number).encode(), 0.0)

    assert len(limiter._paid_until) == limits.SLOTS
    assert limiter.wait_seconds(b"one", 0.0) > 0


def test_a_household_is_one_address_and_a_neighbour_another() -> None:
    assert address_of("2001:db8:0:7::1") == address_of("2001:db8:0:7:ffff::2%eth0")
    assert address_of("2001:db8:0:7::1") != address_of("2001:db8:0:8::1")
    assert address_of("192.0.2.7") != address_of("192.0.2.8")


@given(number=st.uuids(), generation=st.integers(0, 9))
def test_a_receipt_opens_its_own_recording_in_its_own_generation(
    number: UUID, generation: int
) -> None:
    token = tokens.token_of(SECRET, number, generation)

    assert len(token) == tokens.TOKEN_CHARACTERS
    assert set(token) <= set(string.ascii_letters + string.digits + "-_")
    assert tokens.named_in(token) == number
    assert tokens.is_true(SECRET, token, number, generation)
    assert not tokens.is_true(SECRET, token, number, generation + 1)
    assert not tokens.is_true(SECRET[::-1], token, number, generation)
    assert not tokens.is_true(SECRET, token, new_id(), generation)


@given(text=st.text(max_size=40))
def test_what_is_no_token_names_nothing_and_breaks_nothing(text: str) -> None:
    named = tokens.named_in(text)

    assert named is None or not tokens.is_true(SECRET, text, named, 0)


@pytest.mark.parametrize(("stage", "waits_for"), [(stage, None) for stage in Stage])
def test_six_steps_stand_in_order_with_one_now(stage: Stage, waits_for: Cause | None) -> None:
    shown = rules.steps_of(stage, [AStep("recorded"), AStep("receipted")], {})

    states = [one.state for one in shown]
    assert [one.step for one in shown] == list(rules.STEPS)
    places = [list(StepState).index(state) for state in states]
    assert places == sorted(places)
    current = [one for one in states if one in (StepState.NOW, StepState.STUCK)]
    assert len(current) == (0 if stage is Stage.ISSUED else 1)


def test_a_wait_is_told_from_what_was_learnt_and_only_then() -> None:
    learnt = {WaitStage.LINE: learn(_ended(*range(1, 101), each=1))}
    later = NOON + timedelta(hours=2)

    assert isinstance(rules.wait_of(AStanding(), learnt, later), Range)
    assert rules.wait_of(AStanding(), {}, later) is NoRange.TOO_FEW
    longest = NOON + timedelta(days=9)
    assert rules.wait_of(AStanding(), learnt, longest) is NoRange.LONGER_THAN_SEEN
    down = AStanding(waits_for=Cause.LINE)
    assert rules.wait_of(down, learnt, later) is NoRange.LINE_DOWN
    printed = AStanding(Stage.PRINTED, Cause.NOT_COLLECTED)
    assert rules.wait_of(printed, learnt, later) is NoRange.YOURS
    day = date(2027, 7, 12)
    young = AStanding(Stage.PRINTABLE, Cause.AGE)
    assert rules.wait_of(young, learnt, later, day) == UntilDay(day)


@pytest.mark.parametrize("status", OfficialStatus)
def test_every_official_status_has_its_words(status: OfficialStatus) -> None:
    said = words.STATUSES[status]

    assert said.meaning.endswith(".")
    assert status.value not in said.title + said.meaning + said.short


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_says_who_acts_and_what_to_do(cause: Cause) -> None:
    said = words.CAUSES[cause]

    assert said.why.endswith(".")
    assert said.to_do.endswith(".")
    assert labels.ACTORS[said.actor]


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("remedy", [None, *RemedyCode])
def test_every_outcome_with_every_remedy_is_put_into_words(
    outcome: Outcome, remedy: RemedyCode | None
) -> None:
    standing = AStanding(Stage.UNSETTLED, Cause.OFFICER, outcome, remedy=remedy)

    assert words.cause_words(standing).to_do
    assert words.status_words(standing).title


def test_every_reason_the_centre_gives_has_its_words() -> None:
    always = [found.reason for found in penunggalan._ALWAYS.values()]
    given_by_code = {
        "same-nik",
        "same-nik-other-irises",
        "same-irises",
        "adjudicated",
        "resembling",
        "biometric-exception",
        "contested-after-restore",
        "set-aside",
    }
    doubts = {doubt.value for doubt in penunggalan.Doubt}
    unreadable = penunggalan.UNREADABLE.reason

    assert {*always, unreadable, *given_by_code, *doubts} <= set(labels.REASONS)


def test_every_ground_for_printing_out_of_turn_has_its_words() -> None:
    assert set(labels.GROUNDS) == {ground.value for ground in Ground}


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (rules.JourneyStep, labels.STEPS),
        (StepState, labels.STEP_STATES),
        (rules.Actor, labels.ACTORS),
        (NoRange, labels.NO_RANGES),
        (rules.QueueName, labels.PLACES),
        (OvertakeCause, labels.OVERTAKES),
        (OvertakeCause, labels.EARLIER),
        (WaitStage, labels.WAITS),
    ],
)
def test_nothing_is_shown_as_a_code(kinds: type, said: dict[object, str]) -> None:
    assert set(said) == set(kinds)
