"""A case as the page shows it: values made readable, distances on a scale. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pydantic import JsonValue

from services.central.adjudication import comparison, rules, words
from services.central.adjudication.comparison import DISTANCE_MAX, FieldPair
from services.central.adjudication.rules import Case, Reason, Verdict
from services.central.adjudication.steps import Shown
from services.central.adjudication.store import CandidateEvidence, Thresholds
from services.central.adjudication.words import Phrase
from shared.contracts.recording import Recording
from shared.nik import NikWarning
from shared.pages import moments
from shared.wilayah import Wilayah

_WILAYAH = Wilayah.builtin()
SCALE_LEFT, SCALE_WIDTH = 10, 400
CHANCE_PERCENT_MIN = 0.1
# A candidate takes 11 KB, and a page at most 60: the others are on further pages.
CANDIDATES_ON_A_PAGE = 4


@dataclass(frozen=True, slots=True)
class Eye:
    """One row of the scores. x: where on the scale the distance and the threshold lie."""

    name: Phrase
    distance: float | None
    x: float
    threshold: float | None
    threshold_x: float
    meaning: Phrase


@dataclass(frozen=True, slots=True)
class Row:
    name: Phrase
    this: str
    that: str
    kind: str
    mark: str
    likeness: Phrase


@dataclass(frozen=True, slots=True)
class Weight:
    name: Phrase
    sentence: Phrase
    weight: float
    leaning: Phrase


@dataclass(frozen=True, slots=True)
class Demographic:
    chance: str
    contradictions: list[Phrase]
    weights: list[Weight]


@dataclass(frozen=True, slots=True)
class Side:
    """One recording. is_here: whether the centre holds it and can read it."""

    recording_id: UUID
    place: str
    captured_at: datetime | None
    captured_by: str
    station: str
    is_here: bool
    has_face: bool
    warnings: list[Phrase]


@dataclass(frozen=True, slots=True)
class Panel:
    """One candidate beside the recording."""

    number: int
    side: Side
    eyes: list[Eye]
    demographic: Demographic | None
    rows: list[Row]
    agreeing: int
    differing: int


@dataclass(frozen=True, slots=True)
class VoteShown:
    officer: str
    verdict: Phrase
    candidate: int | None
    reason: Phrase
    words: str
    voted_at: datetime
    is_counted: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A verdict to be chosen. value: the verdict, for one person with the candidate's id."""

    value: str
    id: str
    name: Phrase


@dataclass(frozen=True, slots=True)
class CaseShown:
    """panels: those of one page. groups: first and last candidate of each page."""

    case: Case
    about: Phrase
    side: Side
    panels: list[Panel]
    groups: list[tuple[int, int]]
    votes: list[VoteShown] | None
    choices: list[Choice]
    reasons: list[tuple[Phrase, list[tuple[Reason, Phrase]]]]


def case_shown(shown: Shown, officer: str, faces: Collection[UUID], first: int) -> CaseShown:
    """faces: recordings whose face image is here. first: number of the first candidate shown."""
    facts = shown.facts
    case = facts.case
    subject = shown.recordings.get(case.recording_id)
    side = _side(case.recording_id, case.region, None, subject, faces)
    numbers = {one.recording_id: n for n, one in enumerate(shown.candidates, 1)}
    votes = None
    if rules.may_see_votes(facts, officer):
        votes = [
            VoteShown(
                one.officer,
                words.VERDICTS[one.ballot.verdict],
                numbers.get(one.ballot.rival) if one.ballot.rival else None,
                words.REASONS[one.ballot.reason],
                one.ballot.words,
                one.voted_at,
                one.ballot.edition == case.edition,
            )
            for one in facts.votes
        ]
    return CaseShown(
        case=case,
        about=words.CASE_REASONS.get(case.reason, words.OTHER_CASE_REASON),
        side=side,
        panels=[
            _panel(shown, one, numbers[one.recording_id], faces)
            for one in shown.candidates[first - 1 : first - 1 + CANDIDATES_ON_A_PAGE]
        ],
        groups=[
            (at, min(at + CANDIDATES_ON_A_PAGE - 1, len(shown.candidates)))
            for at in range(1, len(shown.candidates) + 1, CANDIDATES_ON_A_PAGE)
        ],
        votes=votes,
        choices=_choices(shown.candidates),
        reasons=[
            (words.VERDICTS[verdict], [(one, words.REASONS[one]) for one in reasons])
            for verdict, reasons in rules.REASONS.items()
        ],
    )


def read_choice(value: str) -> tuple[Verdict, UUID | None]:
    """Raises ValueError for what no choice of ours says."""
    verdict, _, rival = value.partition(":")
    return Verdict(verdict), UUID(rival) if rival else None


def _choices(candidates: list[CandidateEvidence]) -> list[Choice]:
    people = "Orang yang berbeda dari semua kandidat" if candidates else "Tidak ada yang sama"
    english = "Different from every candidate" if candidates else "Nobody is the same"
    several = len(candidates) > 1
    return [
        Choice(Verdict.DIFFERENT_PEOPLE.value, "putusan-0", (people, english)),
        *(
            Choice(
                f"{Verdict.SAME_PERSON.value}:{one.recording_id}",
                f"putusan-{number}",
                (
                    f"Orang yang sama dengan kandidat {number}" if several else "Orang yang sama",
                    f"The same person as candidate {number}" if several else "The same person",
                ),
            )
            for number, one in enumerate(candidates, 1)
        ),
    ]


def _side(
    recording_id: UUID,
    region: str,
    captured_at: datetime | None,
    recording: Recording | None,
    faces: Collection[UUID],
) -> Side:
    warnings = []
    if recording is not None:
        found = recording.nik.warnings(recording.card.birth_date, recording.card.sex)
        warnings = [_WARNINGS[one] for one in found]
    return Side(
        recording_id=recording_id,
        place=_place(region),
        captured_at=recording.captured_at if recording else captured_at,
        captured_by=recording.captured_by if recording else "-",
        station=recording.station if recording else "-",
        is_here=recording is not None,
        has_face=recording_id in faces,
        warnings=warnings,
    )


_WARNINGS: dict[NikWarning, Phrase] = {
    NikWarning.BIRTH_DATE_DIFFERS: (
        "NIK memuat tanggal lahir lain",
        "the NIK holds another birth date",
    ),
    NikWarning.SEX_DIFFERS: ("NIK memuat jenis kelamin lain", "the NIK holds another sex"),
    NikWarning.NO_CALENDAR_DATE: ("NIK tanpa tanggal yang ada", "the NIK holds no real date"),
    NikWarning.SERIAL_ZERO: ("Nomor urut NIK nol", "the NIK's serial is zero"),
}


def _panel(shown: Shown, one: CandidateEvidence, number: int, faces: Collection[UUID]) -> Panel:
    other = shown.recordings.get(one.recording_id)
    pairs = comparison.side_by_side(shown.recordings.get(shown.facts.case.recording_id), other)
    return Panel(
        number=number,
        side=_side(one.recording_id, one.region, one.captured_at, other, faces),
        eyes=_eyes(one, shown.thresholds),
        demographic=_demographic(one.demographic),
        rows=[_row(pair) for pair in pairs],
        agreeing=sum(pair.likeness is comparison.Likeness.EQUAL for pair in pairs),
        differing=sum(pair.likeness is comparison.Likeness.DIFFERENT for pair in pairs),
    )


def _eyes(one: CandidateEvidence, thresholds: Thresholds) -> list[Eye]:
    mean = None if one.left is None or one.right is None else (one.left + one.right) / 2
    return [
        _eye(("Iris kiri", "left iris"), one.left, thresholds.one_eye_max),
        _eye(("Iris kanan", "right iris"), one.right, thresholds.one_eye_max),
        _eye(("Rata-rata kedua iris", "mean of both"), mean, thresholds.two_eyes_mean_max),
    ]


def _eye(name: Phrase, distance: float | None, threshold: float | None) -> Eye:
    meaning = words.NEARNESS[comparison.nearness_of(distance, threshold)]
    return Eye(name, distance, _x(distance), threshold, _x(threshold), meaning)


def _x(distance: float | None) -> float:
    share = min(max(distance or 0.0, 0.0), DISTANCE_MAX) / DISTANCE_MAX
    return round(SCALE_LEFT + SCALE_WIDTH * share, 1)


def _row(pair: FieldPair) -> Row:
    mark, indonesian, english = words.LIKENESSES[pair.likeness]
    return Row(
        words.FIELDS[pair.field],
        _readable(pair.field, pair.this),
        _readable(pair.field, pair.that),
        pair.likeness.value,
        mark,
        (indonesian, english),
    )


def _readable(field: str, value: str | None) -> str:
    if not value:
        return "-"
    if field == "birth_date":
        return moments.day(date.fromisoformat(value))
    if field == "ward":
        return _place(value)
    if field == "exceptions":
        pairs = (one.partition(":") for one in value.split(","))
        return ", ".join(f"{words.MODALITIES[it]} {words.EXCEPTIONS[why]}" for it, _, why in pairs)
    return words.VALUES.get(field, {}).get(value, (value,))[0]


def _place(code: str) -> str:
    name = _WILAYAH.name(code)
    return name if name == code else f"{name} ({code})"


def _demographic(told: object) -> Demographic | None:
    """Whatever of the evidence is there: an older or newer centre may have written it."""
    if not isinstance(told, dict) or not isinstance(score := told.get("score"), int | float):
        return None
    fields, against = told.get("fields"), told.get("contradictions")
    return Demographic(
        chance=_chance(float(score)),
        contradictions=[
            words.CONTRADICTIONS.get(str(one), (str(one), str(one)))
            for one in (against if isinstance(against, list) else [])
        ],
        weights=[
            _weight(one)
            for one in (fields if isinstance(fields, list) else [])
            if isinstance(one, dict)
        ],
    )


def _chance(score: float) -> str:
    percent = 100 * score
    if percent < CHANCE_PERCENT_MIN:
        return f"di bawah {moments.number(CHANCE_PERCENT_MIN, 1)} %"
    if percent > 100 - CHANCE_PERCENT_MIN:
        return f"di atas {moments.number(100 - CHANCE_PERCENT_MIN, 1)} %"
    return f"{moments.number(percent, 1)} %"


def _weight(told: dict[str, JsonValue]) -> Weight:
    field = str(told.get("field", ""))
    level = str(told.get("level", ""))
    given = told.get("weight")
    weight = float(given) if isinstance(given, int | float) else 0.0
    leaning = ("tidak menentukan", "says little")
    if abs(weight) >= 1:
        leaning = ("satu orang", "for one person") if weight > 0 else ("dua orang", "for two")
    return Weight(
        words.FIELDS.get(field, (field, field)),
        (str(told.get("sentence_id", level)), str(told.get("sentence_en", level))),
        weight,
        leaning,
    )
