"""Who may judge, when a verdict stands, and how two recordings lie beside each other."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.central.adjudication import rules
from services.central.adjudication.comparison import (
    Likeness,
    Nearness,
    nearness_of,
    side_by_side,
)
from services.central.adjudication.refusals import (
    CaseChanged,
    CaseClaimed,
    CaseSettled,
    NotACandidate,
    OwnRecording,
    ReasonMismatch,
    VotedBefore,
)
from services.central.adjudication.rules import (
    REASONS,
    Ballot,
    Case,
    Claim,
    Facts,
    Reason,
    Settled,
    State,
    Verdict,
    Vote,
)
from shared.ids import new_id
from shared.refusals import Refusal
from tests.recordings import NOON, a_recording
from tests.town import REGION

pytestmark = pytest.mark.rules

FIRST, SECOND = new_id(), new_id()
LEASE = timedelta(minutes=20)
WORDS = "The faces are plainly two."


def a_case(edition: int = 1, claim: Claim | None = None, settled: Settled | None = None) -> Case:
    return Case(REGION, new_id(), new_id(), 1, "resembling", edition, NOON, claim, settled)


def different(edition: int = 1) -> Ballot:
    return Ballot(edition, Verdict.DIFFERENT_PEOPLE, None, Reason.FACES_DIFFER, WORDS)


def same(rival: UUID = FIRST, edition: int = 1) -> Ballot:
    return Ballot(edition, Verdict.SAME_PERSON, rival, Reason.FACES_AGREE, WORDS)


def facts_of(
    case: Case | None = None,
    votes: Sequence[tuple[str, Ballot]] = (),
    recorders: Sequence[str] = ("recorder",),
) -> Facts:
    given_votes = [Vote(officer, ballot, NOON) for officer, ballot in votes]
    return Facts(case or a_case(), given_votes, {FIRST, SECOND}, frozenset(recorders))


def poll(ballots: Sequence[Ballot]) -> list[Case]:
    """One officer after the other votes; gives the case after each, until it is settled."""
    facts, cases = facts_of(), []
    for number, ballot in enumerate(ballots):
        vote = rules.cast(facts, f"officer-{number}", ballot, NOON)
        case = rules.after_vote(facts, vote)
        cases.append(case)
        if case.settled is not None:
            break
        facts = replace(facts, case=case, votes=[*facts.votes, vote])
    return cases


ballots = st.sampled_from([different(), same(FIRST), same(SECOND)])


@given(st.lists(ballots, min_size=1, max_size=6))
def test_a_verdict_stands_with_the_second_officer_who_says_it_and_not_before(
    said: list[Ballot],
) -> None:
    cases = poll(said)
    heard = said[: len(cases)]

    most = max(heard.count(one) for one in heard)
    assert (cases[-1].settled is not None) == (most == rules.AGREEING_OFFICERS)
    assert all(case.settled is None for case in cases[:-1])
    if (settled := cases[-1].settled) is not None:
        assert (settled.verdict, settled.rival) == (heard[-1].verdict, heard[-1].rival)
    if len(said) >= 4:  # three answers are possible: of four votes two agree
        assert cases[-1].settled is not None


def test_two_who_say_the_same_person_of_different_candidates_do_not_agree() -> None:
    first, second, third = poll([same(FIRST), same(SECOND), same(SECOND)])

    assert (first.settled, second.settled) == (None, None)
    assert third.settled == Settled(Verdict.SAME_PERSON, SECOND, NOON)


@pytest.mark.parametrize(
    ("facts", "officer", "ballot", "refusal"),
    [
        (facts_of(), "recorder", different(), OwnRecording),
        (facts_of(votes=[("sri", different())]), "sri", same(), VotedBefore),
        (facts_of(a_case(claim=Claim("sri", NOON + LEASE))), "budi", same(), CaseClaimed),
        (facts_of(a_case(edition=2)), "budi", different(edition=1), CaseChanged),
        (facts_of(), "budi", same(new_id()), NotACandidate),
        (facts_of(), "budi", replace(same(), rival=None), NotACandidate),
        (facts_of(), "budi", replace(different(), rival=FIRST), NotACandidate),
        (facts_of(), "budi", replace(different(), reason=Reason.FACES_AGREE), ReasonMismatch),
        (
            facts_of(a_case(settled=Settled(Verdict.SAME_PERSON, FIRST, NOON))),
            "budi",
            different(),
            CaseSettled,
        ),
    ],
)
def test_a_vote_that_may_not_be_given_is_refused(
    facts: Facts, officer: str, ballot: Ballot, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        rules.cast(facts, officer, ballot, NOON)


def test_a_claim_keeps_others_out_until_it_ends() -> None:
    held = facts_of(a_case(claim=Claim("sri", NOON + LEASE)))

    with pytest.raises(CaseClaimed):
        rules.claimed(held, "budi", NOON + LEASE - timedelta(seconds=1), LEASE)
    mine = rules.claimed(held, "sri", NOON + timedelta(minutes=5), LEASE)
    budis = rules.claimed(held, "budi", NOON + LEASE, LEASE)

    assert mine == Claim("sri", NOON + timedelta(minutes=5) + LEASE)
    assert budis == Claim("budi", NOON + LEASE + LEASE)


def test_a_vote_about_fewer_candidates_counts_no_more_and_may_be_given_anew() -> None:
    facts = facts_of(a_case(edition=2), [("sri", different(edition=1))])

    vote = rules.cast(facts, "sri", different(edition=2), NOON)

    assert rules.after_vote(facts, vote).settled is None
    assert rules.state_of(facts.case, facts.counted) is State.UNSEEN


def test_the_second_officer_does_not_know_what_the_first_one_said_and_the_third_reads_both() -> (
    None
):
    one = facts_of(votes=[("sri", different())])
    two = facts_of(votes=[("sri", different()), ("budi", same())])

    assert not rules.may_see_votes(facts_of(), "sri")
    assert rules.may_see_votes(one, "sri")
    assert not rules.may_see_votes(one, "budi")
    assert rules.may_see_votes(two, "ani")
    assert rules.state_of(two.case, two.counted) is State.DISPUTED


def test_every_reason_goes_with_a_verdict() -> None:
    assert {one for reasons in REASONS.values() for one in reasons} == set(Reason)
    assert REASONS.keys() == set(Verdict)


@pytest.mark.parametrize(
    ("field", "change", "likeness"),
    [
        ("name", {"card": {"name": "CONTOH SINTETIK"}}, Likeness.NEAR),
        ("name", {"card": {"name": "SINTETIS CONTOH"}}, Likeness.NEAR),
        ("name", {"card": {"name": "BUDI SANTOSO"}}, Likeness.DIFFERENT),
        ("name", {"card": {"name": "Contoh Sintetis"}}, Likeness.EQUAL),
        ("birth_date", {"card": {"birth_date": "1990-12-07"}}, Likeness.NEAR),
        ("birth_date", {"card": {"birth_date": "1991-07-12"}}, Likeness.NEAR),
        ("birth_date", {"card": {"birth_date": "1971-01-12"}}, Likeness.DIFFERENT),
        ("nik", {"card": {"nik": "6172025207900030"}}, Likeness.NEAR),
        ("nik", {"card": {"nik": "6107014101800001"}}, Likeness.DIFFERENT),
        ("sex", {"card": {"sex": "male"}}, Likeness.DIFFERENT),
        ("mother_name", {"mother_name": "IBU CONTOH"}, Likeness.EQUAL),
    ],
)
def test_fields_are_marked_equal_near_or_different(
    field: str, change: dict[str, object], likeness: Likeness
) -> None:
    this = a_recording(card={"nik": "6172025207900003"})
    that = a_recording(**{"card": {"nik": "6172025207900003"}, **change})

    found = {one.field: one for one in side_by_side(this, that)}

    assert found[field].likeness is likeness


def test_a_side_that_is_not_here_is_said_to_be_unknown_in_every_field() -> None:
    found = side_by_side(a_recording(), None)

    assert {one.likeness for one in found} == {Likeness.UNKNOWN}
    assert all(one.that is None and one.this is not None for one in found)


@pytest.mark.parametrize(
    ("distance", "threshold", "nearness"),
    [
        (None, 0.3, Nearness.NOT_COMPARED),
        (0.11, 0.3, Nearness.SAME_EYE),
        (0.29, 0.3, Nearness.BELOW_THRESHOLD),
        (0.31, 0.3, Nearness.UNUSUAL),
        (0.29, None, Nearness.UNUSUAL),
        (0.46, 0.3, Nearness.STRANGERS),
    ],
)
def test_a_distance_is_told_in_words_by_where_it_lies(
    distance: float | None, threshold: float | None, nearness: Nearness
) -> None:
    assert nearness_of(distance, threshold) is nearness
