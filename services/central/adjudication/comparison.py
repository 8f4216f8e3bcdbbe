"""Two recordings beside each other, field by field, and what a distance means. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rapidfuzz import fuzz

from shared.contracts.recording import Recording

# Of 100: spelling variants of one Indonesian name reach this, two common names do not.
NEAR_TEXT_SCORE = 80
NEAR_DIGITS = 2
# Two pictures of one eye: mean 0.11, deviation 0.065 (see docs/UNIQUENESS.md); two people, best of
# 31 rotations: seldom below 0.40.
SAME_EYE_DISTANCE = 0.24
STRANGERS_DISTANCE = 0.40
DISTANCE_MAX = 0.5


class Likeness(StrEnum):
    EQUAL = "equal"
    NEAR = "near"
    DIFFERENT = "different"
    UNKNOWN = "unknown"  # one side does not have it


class Nearness(StrEnum):
    """What the distance between two eyes says by itself."""

    SAME_EYE = "same_eye"
    BELOW_THRESHOLD = "below_threshold"
    UNUSUAL = "unusual"
    STRANGERS = "strangers"
    NOT_COMPARED = "not_compared"


@dataclass(frozen=True, slots=True)
class FieldPair:
    field: str
    this: str | None
    that: str | None
    likeness: Likeness


def nearness_of(distance: float | None, threshold: float | None) -> Nearness:
    if distance is None:
        return Nearness.NOT_COMPARED
    if distance <= SAME_EYE_DISTANCE:
        return Nearness.SAME_EYE
    if threshold is not None and distance <= threshold:
        return Nearness.BELOW_THRESHOLD
    return Nearness.UNUSUAL if distance < STRANGERS_DISTANCE else Nearness.STRANGERS


def side_by_side(this: Recording | None, that: Recording | None) -> list[FieldPair]:
    """Every field an officer weighs, in the order of a card; None: a recording is not here."""
    return [
        _pair(field, read(this) if this else None, read(that) if that else None, judge)
        for field, read, judge in _FIELDS
    ]


def _pair(
    field: str, this: str | None, that: str | None, judge: Callable[[str, str], bool]
) -> FieldPair:
    if this is None or that is None:
        return FieldPair(field, this, that, Likeness.UNKNOWN)
    if this.casefold() == that.casefold():
        return FieldPair(field, this, that, Likeness.EQUAL)
    is_near = judge(this, that)
    return FieldPair(field, this, that, Likeness.NEAR if is_near else Likeness.DIFFERENT)


def _text_is_near(this: str, that: str) -> bool:
    return fuzz.token_sort_ratio(this.casefold(), that.casefold()) >= NEAR_TEXT_SCORE


def _name_is_near(this: str, that: str) -> bool:
    """As near as texts are, or all words of one name are in the other."""
    one, other = set(this.casefold().split()), set(that.casefold().split())
    return one <= other or other <= one or _text_is_near(this, that)


def _digits_are_near(this: str, that: str) -> bool:
    return sum(one != other for one, other in zip(this, that, strict=True)) <= NEAR_DIGITS


def _dates_are_near(this: str, that: str) -> bool:
    """Two of day, month and year agree, or day and month changed places."""
    one, other = date.fromisoformat(this), date.fromisoformat(that)
    agreeing = (one.year == other.year) + (one.month == other.month) + (one.day == other.day)
    is_turned = (one.year, one.month, one.day) == (other.year, other.day, other.month)
    return agreeing >= 2 or is_turned


def _never_near(_this: str, _that: str) -> bool:
    return False


def _address(one: Recording) -> str:
    home = one.card.address
    return f"{home.street}, RT {home.rt} / RW {home.rw}"


def _exceptions(one: Recording) -> str:
    return ",".join(
        f"{modality.value}:{cause.value}" for modality, cause in one.biometrics.exceptions.items()
    )


_FIELDS: tuple[
    tuple[str, Callable[[Recording], str], Callable[[str, str], bool]],
    ...,
] = (
    ("nik", lambda one: one.card.nik, _digits_are_near),
    ("name", lambda one: one.card.name, _name_is_near),
    ("birth_place", lambda one: one.card.birth_place, _text_is_near),
    ("birth_date", lambda one: one.card.birth_date.isoformat(), _dates_are_near),
    ("sex", lambda one: one.card.sex.value, _never_near),
    ("mother_name", lambda one: one.mother_name, _name_is_near),
    ("family_card", lambda one: one.family_card, _digits_are_near),
    ("address", _address, _text_is_near),
    ("ward", lambda one: one.card.address.ward, _never_near),
    ("religion", lambda one: one.card.religion.value, _never_near),
    ("marital_status", lambda one: one.card.marital_status.value, _never_near),
    ("occupation", lambda one: one.card.occupation, _text_is_near),
    ("blood_group", lambda one: one.card.blood_group.value, _never_near),
    ("exceptions", _exceptions, _never_near),
)
