"""What checks find, and which outcome follows."""

import random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.central.penunggalan.rules import (
    UNIQUE,
    UNREADABLE,
    Admission,
    Candidate,
    Doubt,
    Doubtful,
    Finding,
    Incomplete,
    Resembling,
    SameNik,
    SearchImpossible,
    in_lock_order,
    structure,
    verdict_of,
)
from shared.contracts.feed import Rival
from shared.contracts.outcomes import REMEDIES, DuplicateKind, Outcome, Owner
from shared.contracts.recording import Modality
from tests.recordings import NOON, a_recording
from tests.town import NEIGHBOUR

pytestmark = pytest.mark.rules

ONE = Rival(recording_id=UUID(int=1), region=NEIGHBOUR, captured_at=NOON)
TWO = Rival(recording_id=UUID(int=2), region=NEIGHBOUR, captured_at=NOON)
EVERY_FINDING: list[tuple[Finding | None, Outcome]] = [
    (None, Outcome.PRINT_READY_RECORD),
    (SameNik((ONE,)), Outcome.DUPLICATE_RECORD),
    (Resembling((ONE, TWO)), Outcome.ADJUDICATE_RECORD),
    (Incomplete(), Outcome.ENROLL_FAILURE_AT_CENTRAL),
    (SearchImpossible(), Outcome.SEARCH_FAILURE_AT_CENTRAL),
    (Doubtful(Doubt.UNREADABLE_TEMPLATE), Outcome.REQUEST_VALIDATION),
]


@pytest.mark.parametrize(("finding", "outcome"), EVERY_FINDING, ids=str)
def test_each_finding_has_its_outcome(finding: Finding | None, outcome: Outcome) -> None:
    assert verdict_of(finding).outcome is outcome


def test_all_six_outcomes_of_the_centre_are_reached_and_no_finding_says_unique() -> None:
    of_the_centre = set(Outcome) - {Outcome.ENROLL_FAILURE_AT_REGIONAL}

    assert {verdict_of(finding).outcome for finding, _ in EVERY_FINDING} == of_the_centre
    assert [finding for finding, _ in EVERY_FINDING if verdict_of(finding) == UNIQUE] == [None]
    assert UNREADABLE.outcome is Outcome.ENROLL_FAILURE_AT_CENTRAL


def test_one_earlier_recording_is_one_to_one_and_several_are_one_to_many() -> None:
    alone, among_many = verdict_of(SameNik((ONE,))), verdict_of(SameNik((ONE, TWO)))

    assert (alone.duplicate, alone.rival) == (DuplicateKind.ONE_TO_ONE, ONE)
    assert (among_many.duplicate, among_many.rival) == (DuplicateKind.ONE_TO_MANY, ONE)


def test_every_outcome_but_ready_says_why() -> None:
    for finding, outcome in EVERY_FINDING:
        assert (verdict_of(finding).reason is None) is (outcome is Outcome.PRINT_READY_RECORD)


def test_every_outcome_has_its_owner_and_remedy_in_both_languages() -> None:
    assert REMEDIES.keys() == set(Outcome)
    assert {remedy.owner for remedy in REMEDIES.values()} == set(Owner)
    actions = [remedy.action for remedy in REMEDIES.values()]
    assert len(set(actions)) == len(actions)  # none collapsed into another
    for remedy in REMEDIES.values():
        assert remedy.action.endswith(".")
        assert remedy.action_id.endswith(".")
        assert remedy.action != remedy.action_id


def test_only_a_failed_enrolment_may_be_recorded_again() -> None:
    again = {outcome for outcome in Outcome if REMEDIES[outcome].nik_may_record_again}

    assert again == {Outcome.ENROLL_FAILURE_AT_REGIONAL, Outcome.ENROLL_FAILURE_AT_CENTRAL}


@pytest.mark.parametrize("modality", Modality)
def test_what_is_neither_taken_nor_excused_leaves_nothing_to_search_with(
    modality: Modality,
) -> None:
    images = {one.value: "5e" * 32 for one in Modality if one is not modality}
    lacking = a_recording(biometrics={"images": images, "templates": {}, "exceptions": {}})

    assert structure([Candidate(1, a_recording()), Candidate(2, lacking)]) == {2: Incomplete()}


@pytest.mark.parametrize("modality", Modality)
def test_a_missing_part_that_is_excused_is_a_person_to_be_recorded(modality: Modality) -> None:
    """Missing fingers and irises are normal: the ill, the old and the disabled come too."""
    biometrics = {
        "images": {one.value: "5e" * 32 for one in Modality if one is not modality},
        "templates": {},
        "exceptions": {modality.value: "missing"},
    }

    assert structure([Candidate(1, a_recording(biometrics=biometrics))]) == {}


PEOPLE = [a_recording(number) for number in range(6)]
admissions = st.lists(st.sampled_from(range(6)), max_size=12).map(
    lambda people: [
        Admission(Candidate(seq, PEOPLE[person]), UUID(int=seq))
        for seq, person in enumerate(people, 1)
    ]
)


@given(admissions=admissions, seed=st.integers())
def test_locks_are_taken_by_nik_and_the_first_sent_stands_first(
    admissions: list[Admission], seed: int
) -> None:
    shuffled = random.Random(seed).sample(admissions, len(admissions))

    ordered = in_lock_order(shuffled)

    assert sorted(ordered, key=lambda one: one.candidate.seq) == admissions
    keys = [(one.candidate.recording.nik.number, one.candidate.seq) for one in ordered]
    assert keys == sorted(keys)
