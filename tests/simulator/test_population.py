"""The synthetic city: exact totals, stated oddities, recordings a region accepts."""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.simulator.population import (
    AS_OF,
    CENSUS,
    HEADER,
    City,
    Count,
    DemoPlan,
    PlannedRecording,
    Resident,
    city,
    early_recordings,
    neighbour_recordings,
    recordings,
    resent,
    scaled,
    second_attempts,
    write_residents_csv,
)
from services.simulator.population.captures import CaptureCalendar
from services.simulator.population.census import by_district, spread, total
from services.simulator.population.draws import Shuffle
from services.simulator.population.oddities import BORN_1_JULY
from shared.contracts.recording import (
    CONTENT,
    RECORDING,
    BiometricException,
    MaritalStatus,
    Modality,
    Place,
    Recording,
    canonical_bytes,
)
from shared.nik import Nik, NikWarning
from shared.wilayah import Wilayah

pytestmark = pytest.mark.rules

SOURCE = Count(population=262_210, obliged=187_433, recorded=137_533)
DAY_OF_17 = date(2000, 10, 13)


@pytest.fixture(scope="module")
def singkawang() -> City:
    return city(seed=20171013)


@pytest.fixture(scope="module")
def everybody(singkawang: City) -> list[Resident]:
    return list(singkawang.residents())


@pytest.fixture(scope="module")
def sample(singkawang: City) -> list[Recording]:
    return [RECORDING.validate_json(p.body) for p in recordings(singkawang, limit=4_000)]


def share(people: list[Resident], claim: Iterator[bool]) -> float:
    return sum(claim) / len(people)


# The census


def test_the_census_adds_up_to_the_source() -> None:
    assert total(CENSUS.values()) == SOURCE
    assert total(by_district(CENSUS).values()) == SOURCE
    assert SOURCE.coverage_percent == 73.38
    assert SOURCE.unrecorded == 49_900


def test_the_census_names_exactly_singkawangs_wards() -> None:
    wilayah = Wilayah.builtin()

    assert tuple(by_district(CENSUS)) == wilayah.children("61.72")
    assert list(CENSUS) == [w for d in by_district(CENSUS) for w in wilayah.children(d)]


@given(st.integers(1, 300_000))
def test_a_city_of_another_size_keeps_the_proportions(recorded: int) -> None:
    by_ward = scaled(recorded)

    whole = total(by_ward.values())
    assert whole.recorded == recorded
    assert abs(whole.obliged - recorded * SOURCE.obliged / SOURCE.recorded) <= 1
    assert abs(whole.population - recorded * SOURCE.population / SOURCE.recorded) <= 2
    assert all(0 <= c.recorded <= c.obliged <= c.population for c in by_ward.values())


@pytest.mark.parametrize("recorded", [0, -1, 2_000_001])
def test_a_city_without_recordings_or_beyond_bounds_is_refused(recorded: int) -> None:
    with pytest.raises(ValueError, match="recordings"):
        scaled(recorded)


@given(st.integers(0, 10_000), st.lists(st.integers(0, 500), min_size=1).filter(any))
def test_a_whole_is_spread_without_loss(whole: int, weights: list[int]) -> None:
    shares = spread(whole, weights)

    assert sum(shares) == whole
    assert all(abs(s - whole * w / sum(weights)) < 1 for s, w in zip(shares, weights, strict=True))


@given(st.integers(1, 5_000))
def test_a_shuffle_meets_everyone_once_and_can_be_asked_back(size: int) -> None:
    shuffle = Shuffle(size)

    places = [shuffle.place_of(item) for item in range(size)]

    assert sorted(places) == list(range(size))
    assert [shuffle.item_at(place) for place in places] == list(range(size))


# The people


def test_people_counted_one_by_one_give_the_source_and_every_ward(
    singkawang: City, everybody: list[Resident]
) -> None:
    counted = {ward: Count(0, 0, 0) for ward in CENSUS}
    for person in everybody:
        counted[person.ward] += Count(1, person.obliged, person.recorded)

    assert counted == CENSUS
    assert singkawang.count == SOURCE
    assert len({person.nik for person in everybody}) == SOURCE.population


def test_obliged_are_exactly_those_of_17_or_ever_married(everybody: list[Resident]) -> None:
    for person in everybody:
        is_obliged = (
            person.birth_date <= DAY_OF_17 or person.marital_status != MaritalStatus.NEVER_MARRIED
        )
        assert person.obliged == is_obliged
        assert person.birth_date <= AS_OF
    assert any(p.obliged and p.birth_date > DAY_OF_17 for p in everybody)


def test_stated_shares_of_oddities_are_met(everybody: list[Resident]) -> None:
    adults = [person for person in everybody if person.obliged]
    warnings = [Nik.parse(p.nik).warnings(p.birth_date, p.sex) for p in adults]

    def part(prefix: str) -> float:
        return share(adults, (p.nik.startswith(prefix) for p in adults))

    on_1_july = share(adults, ((p.birth_date.month, p.birth_date.day) == (7, 1) for p in adults))
    on_31_december = share(
        adults, ((p.birth_date.month, p.birth_date.day) == (12, 31) for p in adults)
    )
    dates_differ = share(adults, (NikWarning.BIRTH_DATE_DIFFERS in w for w in warnings))
    sexes_differ = share(adults, (NikWarning.SEX_DIFFERS in w for w in warnings))
    one_word = share(everybody, (" " not in p.name for p in everybody))

    assert on_1_july == pytest.approx(BORN_1_JULY + 1 / 365, abs=0.004)
    assert on_31_december == pytest.approx(0.012 + 1 / 365, abs=0.003)
    assert part("6107") == pytest.approx(0.085, abs=0.005)
    assert part("6101") == pytest.approx(0.055, abs=0.005)
    assert part("54") + part("91") + part("92") == pytest.approx(0.002, abs=0.001)
    assert dates_differ == pytest.approx(0.006, abs=0.001)
    assert sexes_differ == pytest.approx(0.001, abs=0.0005)
    assert 0.05 < one_word < 0.2


def test_children_carry_their_mothers_name_and_household(everybody: list[Resident]) -> None:
    mothers = {(p.family_card, p.name) for p in everybody}
    children = [p for p in everybody if not p.obliged]

    at_home = share(children, ((c.family_card, c.mother_name) in mothers for c in children))

    assert at_home > 0.6


def test_another_seed_makes_other_people_of_the_same_numbers() -> None:
    one, other = city(1, recorded=500), city(2, recorded=500)

    assert one.count == other.count
    assert [r.nik for r in one.residents()] != [r.nik for r in other.residents()]
    assert list(one.residents()) == list(city(1, recorded=500).residents())


@pytest.mark.parametrize("recorded", [1, 2, 3, 26, 1_000])
def test_a_city_of_any_size_is_as_large_as_it_says(recorded: int) -> None:
    town = city(5, recorded)

    people = list(town.residents())

    assert len(people) == town.count.population
    assert sum(p.obliged for p in people) == town.count.obliged
    assert sum(p.recorded for p in people) == len(list(recordings(town))) == recorded


def test_the_residents_file_keeps_niks_as_text(tmp_path: Path) -> None:
    town = city(5, recorded=300)
    path = tmp_path / "residents.csv"

    written = write_residents_csv(path, town.residents())

    with path.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    assert written == len(rows) == town.count.population
    assert tuple(rows[0]) == HEADER
    assert [row["nik"] for row in rows] == [person.nik for person in town.residents()]
    assert Counter(row["obliged"] for row in rows)["yes"] == town.count.obliged
    assert all(row["ward"].startswith(row["district"] + ".") for row in rows)


def test_the_residents_file_says_of_people_what_their_recordings_say(tmp_path: Path) -> None:
    town = city(5, recorded=300)
    path = tmp_path / "residents.csv"
    write_residents_csv(path, town.residents())

    with path.open(encoding="utf-8", newline="") as table:
        listed = {row["nik"]: row for row in csv.DictReader(table)}

    for one in recordings(town):
        said = json.loads(one.body)
        card, row = said["card"], listed[said["card"]["nik"]]
        same = ("name", "sex", "birth_place", "birth_date", "marital_status")
        assert [row[field] for field in same] == [card[field] for field in same]
        address = {field: row[field] for field in ("street", "rt", "rw", "ward")}
        assert address == card["address"]
        assert row["family_card"] == said["family_card"]


# The recordings


def test_every_recorded_resident_is_recorded_once(
    singkawang: City, everybody: list[Resident]
) -> None:
    niks = {singkawang.recorded_resident(order).nik for order in range(SOURCE.recorded)}

    assert niks == {person.nik for person in everybody if person.recorded}


def test_captures_rise_through_working_hours_from_2011_to_the_census_day() -> None:
    calendar = CaptureCalendar(SOURCE.recorded)

    moments = [calendar.moment(order) for order in range(SOURCE.recorded)]

    assert all(earlier < later for earlier, later in pairwise(moments))
    assert moments[0].text == "2011-10-03T07:30:00+07:00"
    assert moments[-1].text.startswith("2017-10-13T15:")
    assert all(date.fromordinal(m.day).weekday() < 6 for m in moments)


def test_a_recording_is_already_in_its_canonical_bytes(singkawang: City) -> None:
    for planned in recordings(singkawang, limit=3_000):
        recording = RECORDING.validate_json(planned.body)
        assert canonical_bytes(planned.recording_id, recording) == planned.body
        assert recording.recording_id == planned.recording_id
        assert planned.recording_id.version == 7
        assert CONTENT.validate_json(planned.content).card == recording.card


def test_nobody_is_recorded_before_17(sample: list[Recording]) -> None:
    for recording in sample:
        born, taken = recording.card.birth_date, recording.captured_at
        assert (taken.year - born.year, taken.month, taken.day) > (17, born.month, born.day)


def test_no_recording_lacks_a_modality_without_a_reason(sample: list[Recording]) -> None:
    reasons = Counter(e for r in sample for e in r.biometrics.exceptions.values())

    assert all(recording.biometrics.lacking() == () for recording in sample)
    assert set(reasons) >= {BiometricException.UNREADABLE, BiometricException.CANNOT_SIGN}
    assert all(
        (iris in r.biometrics.templates) == (iris not in r.biometrics.exceptions)
        for r in sample
        for iris in (Modality.IRIS_LEFT, Modality.IRIS_RIGHT)
    )


def test_recordings_are_taken_everywhere(sample: list[Recording]) -> None:
    assert {recording.place for recording in sample} == set(Place)


@pytest.mark.parametrize("limit", [0, 1, 5, 2_000])
def test_a_sample_is_exact_rising_and_proportional(singkawang: City, limit: int) -> None:
    sampled = [json.loads(planned.body) for planned in recordings(singkawang, limit)]

    moments = [recording["captured_at"] for recording in sampled]
    districts = Counter(recording["card"]["address"]["ward"][:8] for recording in sampled)
    assert len(sampled) == limit
    assert moments == sorted(moments)
    for district, count in singkawang.by_district.items():
        assert abs(districts[district] - limit * count.recorded / SOURCE.recorded) < 1


def test_the_same_seed_gives_the_same_bytes() -> None:
    first = list(islice(recordings(city(3, recorded=5_000)), 1_000))
    again = list(islice(recordings(city(3, recorded=5_000)), 1_000))
    other = list(islice(recordings(city(4, recorded=5_000)), 1_000))

    assert first == again
    assert len({p.recording_id for p in (*first, *other)}) == 2_000


# The plan


def test_the_plan_of_the_whole_city_states_its_counts() -> None:
    assert DemoPlan.of(city(1)) == DemoPlan(
        recordings=137_533, second_attempts=275, resent=413, neighbours=179
    )
    assert DemoPlan.of(city(1)).authorized == 137_354


def test_resent_recordings_repeat_ids_and_bytes() -> None:
    town = city(7, recorded=2_000)

    again = list(resent(town, 50))

    assert len(set(again)) == 50
    assert set(again) <= set(recordings(town))


def test_second_attempts_have_a_known_nik_and_a_new_id() -> None:
    town = city(7, recorded=2_000)
    proper = [RECORDING.validate_json(p.body) for p in recordings(town)]

    attempts = [RECORDING.validate_json(p.body) for p in second_attempts(town, 40)]

    assert len({a.card.nik for a in attempts}) == 40
    assert {a.card.nik for a in attempts} <= {p.card.nik for p in proper}
    assert {a.recording_id for a in attempts}.isdisjoint(p.recording_id for p in proper)
    assert min(a.captured_at for a in attempts) > max(p.captured_at for p in proper)
    assert {a.captured_at.date() for a in attempts} == {AS_OF}


def test_the_neighbour_recorded_the_same_people_earlier() -> None:
    town = city(7, recorded=2_000)
    proper = {r.card.nik: r for r in (RECORDING.validate_json(p.body) for p in recordings(town))}

    theirs = [RECORDING.validate_json(p.body) for p in neighbour_recordings(town, 40)]

    assert len({t.card.nik for t in theirs}) == 40
    for their in theirs:
        ours = proper[their.card.nik]
        assert their.captured_at < ours.captured_at
        assert their.recording_id != ours.recording_id
        assert their.card.address.ward.startswith("61.07.")
        assert their.biometrics.images != ours.biometrics.images


def test_early_recordings_are_of_16_year_olds_outside_the_plan() -> None:
    town = city(7, recorded=2_000)
    obliged = {person.nik for person in town.residents() if person.obliged}

    early = [RECORDING.validate_json(p.body) for p in early_recordings(town, 20)]

    assert len({e.card.nik for e in early} - obliged) == 20
    assert all(date(2000, 10, 13) < e.card.birth_date <= date(2001, 10, 13) for e in early)


@pytest.mark.parametrize(
    "kind", [resent, second_attempts, neighbour_recordings, early_recordings, recordings]
)
def test_more_than_the_city_has_is_refused(
    kind: Callable[[City, int], Iterator[PlannedRecording]],
) -> None:
    with pytest.raises(ValueError, match="fewer"):
        list(kind(city(7, recorded=10), 11))
