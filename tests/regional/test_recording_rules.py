"""Which recordings are new, which came before, which must not be."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.regional.recording.rules import (
    Accepted,
    Arrival,
    ContentDiffers,
    Kept,
    NikTaken,
    Repeated,
    admit,
)
from shared.nik import Nik
from tests.recordings import NOON, an_arrival

pytestmark = pytest.mark.rules

IDS = [UUID(int=number) for number in range(1, 5)]
SAMPLE = an_arrival()
# Few ids, few people, two contents: so that every kind of meeting happens.
arrivals_of_few = st.lists(
    st.builds(
        lambda id_, person, content: replace(
            SAMPLE, recording_id=id_, nik=Nik(person), sha256=content
        ),
        st.sampled_from(IDS),
        st.integers(1, 4),
        st.sampled_from([b"one", b"two"]),
    ),
    max_size=8,
)


def kept_of(arrival: Arrival, seq: int = 7, *, is_live: bool = True) -> Kept:
    return Kept(arrival.recording_id, arrival.nik, arrival.sha256, seq, NOON, is_live)


def test_what_nobody_sent_before_is_accepted() -> None:
    arrival = an_arrival()

    assert admit([arrival], []) == [Accepted(arrival)]


def test_the_same_id_with_the_same_content_gets_the_earlier_receipt() -> None:
    arrival = an_arrival()
    kept = kept_of(arrival)

    assert admit([arrival], [kept]) == [Repeated(kept)]


def test_the_same_id_with_other_content_is_refused_and_names_nothing_else() -> None:
    arrival = an_arrival()
    kept = replace(kept_of(arrival), sha256=b"other")

    assert admit([arrival], [kept]) == [ContentDiffers(arrival.recording_id)]


def test_a_nik_that_stands_recorded_is_refused_with_the_earlier_recording() -> None:
    first, second = an_arrival(3), an_arrival(3)

    assert admit([second], [kept_of(first)]) == [NikTaken(first.recording_id, NOON)]


def test_a_nik_whose_recording_failed_at_the_centre_may_be_recorded_again() -> None:
    failed, again = an_arrival(3), an_arrival(3)

    assert admit([again], [kept_of(failed, is_live=False)]) == [Accepted(again)]


def test_a_failed_recording_sent_again_still_gets_its_old_receipt() -> None:
    failed, again = an_arrival(3), an_arrival(3)
    kept = [kept_of(failed, is_live=False), kept_of(again, seq=8)]

    assert admit([failed], kept) == [Repeated(kept[0])]


def test_twins_within_one_batch_are_one_recording() -> None:
    arrival = an_arrival()
    twin = replace(arrival)

    assert admit([arrival, twin], []) == [Accepted(arrival), Accepted(arrival)]


def test_the_second_of_a_person_within_one_batch_is_refused() -> None:
    first, second = an_arrival(3), an_arrival(3)

    assert admit([first, second], []) == [Accepted(first), NikTaken(first.recording_id, None)]


def test_a_refused_recording_does_not_take_its_nik() -> None:
    held = an_arrival(3)
    refused = replace(an_arrival(4), recording_id=held.recording_id)
    other = an_arrival(4)

    assert admit([refused, other], [kept_of(held)]) == [
        ContentDiffers(held.recording_id),
        Accepted(other),
    ]


@given(arrivals=arrivals_of_few, kept=arrivals_of_few)
def test_whatever_arrives_no_id_and_no_person_is_written_twice(
    arrivals: list[Arrival], kept: list[Arrival]
) -> None:
    by_id = {one.recording_id: one for one in kept}
    by_nik = {one.nik: one for one in by_id.values()}
    held = [kept_of(one) for one in by_nik.values()]

    verdicts = admit(arrivals, held)

    assert len(verdicts) == len(arrivals)
    written = {v.arrival.recording_id: v.arrival for v in verdicts if isinstance(v, Accepted)}
    assert written.keys().isdisjoint(one.recording_id for one in held)
    people = [one.nik for one in (*written.values(), *held)]
    assert len(set(people)) == len(people)
    for arrival, verdict in zip(arrivals, verdicts, strict=True):
        match verdict:
            case Accepted(one):
                assert (one.recording_id, one.sha256) == (arrival.recording_id, arrival.sha256)
            case Repeated(one):
                assert (one.recording_id, one.sha256) == (arrival.recording_id, arrival.sha256)
            case ContentDiffers(recording_id):
                assert recording_id == arrival.recording_id
            case NikTaken(earlier_id):
                assert earlier_id != arrival.recording_id


@given(arrivals=arrivals_of_few)
def test_sending_everything_again_writes_nothing_and_repeats_every_receipt(
    arrivals: list[Arrival],
) -> None:
    first = admit(arrivals, [])
    written = {v.arrival.recording_id: v.arrival for v in first if isinstance(v, Accepted)}

    again = admit(arrivals, [kept_of(one) for one in written.values()])

    assert not any(isinstance(verdict, Accepted) for verdict in again)
    for before, after in zip(first, again, strict=True):
        if isinstance(before, Accepted):
            assert after == Repeated(kept_of(before.arrival))
