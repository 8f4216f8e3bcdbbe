"""How likely two recordings tell of one person: Fellegi and Sunter's weights, explained. Pure.

For each field: m, how often a level is met when it is one person; u, how often when it is two.
log2(m/u) is the level's weight in bits; the weights add up, and with the chance beforehand they
give the score. m is INVENTED throughout: nobody has published how Indonesian registers differ from
themselves. u comes from frequencies (birth_dates.py, word_lists.py), or as stated.
Source: Fellegi and Sunter, A Theory for Record Linkage, 1969.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import exp2, log2

from services.central.penunggalan.demographic.birth_dates import (
    DateLevel,
    compare_dates,
    is_custom_day,
    share_of,
)
from services.central.penunggalan.demographic.names import NameAgreement, NameLevel, compare_names
from services.central.penunggalan.demographic.persons import Person
from services.central.penunggalan.demographic.sentences import SENTENCES
from shared.contracts.recording import Recording

# Before anything is compared: 1.9 million of 175.9 million recordings were found to be a person's
# second (September 2017), and each could be the second of any one recording in the gallery.
SECOND_RECORDINGS = 1_900_000 / 175_859_563
# A smaller gallery would make likelier only those whose first recording is sure to be in it.
GALLERY_MIN = 100_000

M_NAME = {  # INVENTED
    NameLevel.SAME: 0.76,
    NameLevel.SOUNDS_SAME: 0.09,
    NameLevel.SLIP: 0.05,
    NameLevel.WORDS_MISSING: 0.05,
    NameLevel.SOME_WORDS: 0.03,
    NameLevel.DIFFERENT: 0.02,
}
# u is this times 2^-bits, the chance of the words themselves. INVENTED, after the order of
# magnitude in random pairs of the synthetic city: 0.015 % are the same name, as many differ by a
# slip, 0.15 % lack words, 2 % share some.
_WAYS_TO_AGREE = {
    NameLevel.SAME: 1,
    NameLevel.SOUNDS_SAME: 2,
    NameLevel.SLIP: 1,  # the word's bits are lowered already
    NameLevel.WORDS_MISSING: 4,
    NameLevel.SOME_WORDS: 8,
}
_U_NAMES_DIFFER = 0.95  # 98 % in the synthetic city; fewer where one community lives
NAME_BITS_MAX = 18.0  # namesakes in full are met in every city, however rare the words
M_MOTHER = {  # INVENTED: written from memory, often shortened
    NameLevel.SAME: 0.66,
    NameLevel.SOUNDS_SAME: 0.11,
    NameLevel.SLIP: 0.07,
    NameLevel.WORDS_MISSING: 0.08,
    NameLevel.SOME_WORDS: 0.03,
    NameLevel.DIFFERENT: 0.05,
}
MOTHER_BITS_MAX = 14.0  # a mother of six explains six people

M_DATE = {  # INVENTED
    DateLevel.SAME: 0.90,
    DateLevel.DAY_AND_MONTH_SWAPPED: 0.01,
    DateLevel.ONE_PART_DIFFERS: 0.04,
    DateLevel.GUESSED_DAY: 0.02,
    DateLevel.NEAR: 0.02,
    DateLevel.FAR: 0.01,
}
_U_DATE = {  # by counting dates of 55 years; SAME has the frequency of the very date
    DateLevel.DAY_AND_MONTH_SWAPPED: 1 / (365 * 55),
    DateLevel.ONE_PART_DIFFERS: 45 / (365 * 55),  # 29 days, 11 months and 5 years may be written
    DateLevel.GUESSED_DAY: 0.14 / 55,
    DateLevel.NEAR: 0.08,
    DateLevel.FAR: 0.91,
}

# m INVENTED; u as in a city like Singkawang, where 70 % of pairs agree.
_PLACE = {"same": (0.92, 0.7), "related": (0.04, 0.15), "different": (0.04, 0.15)}
_SEX = {"same": (0.998, 0.5), "different": (0.002, 0.5)}
# u: three more on a card, of 200,000. m INVENTED: who moves or marries gets a new card.
_FAMILY_CARD = {"same": (0.5, 3 / 200_000), "different": (0.5, 1.0)}
_WARD = {"same": (0.6, 0.07), "same_district": (0.15, 0.18), "different": (0.25, 0.75)}


class Field(StrEnum):
    NAME = "name"
    BIRTH_DATE = "birth_date"
    BIRTH_PLACE = "birth_place"
    MOTHER_NAME = "mother_name"
    SEX = "sex"
    FAMILY_CARD = "family_card"
    WARD = "ward"


class Contradiction(StrEnum):
    """Why two recordings should not be called one person by a machine, whatever else agrees."""

    SEX_DIFFERS = "sex_differs"
    BIRTH_DATES_FAR = "birth_dates_far"
    LIKE_TWINS = "like_twins"  # one birth date and one mother or family card, other names
    NOTHING_IN_COMMON = "nothing_in_common"  # neither name, mother's name nor birth date


@dataclass(frozen=True, slots=True)
class FieldEvidence:
    """How one field compares: a level, never a value."""

    field: Field
    level: str
    weight: float  # bits; above 0 speaks for one person, below 0 for two

    @property
    def sentence_id(self) -> str:
        return SENTENCES[self.field, self.level][0]

    @property
    def sentence_en(self) -> str:
        return SENTENCES[self.field, self.level][1]

    def as_json(self) -> dict[str, str | float]:
        return {
            "field": self.field.value,
            "level": self.level,
            "weight": self.weight,
            "sentence_id": self.sentence_id,
            "sentence_en": self.sentence_en,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    score: float  # 0..1: the chance that it is one person, by these fields alone
    weight: float  # bits, the sum over the fields
    contradictions: tuple[Contradiction, ...]
    fields: tuple[FieldEvidence, ...]  # one for each Field, in its order

    @property
    def contradicts(self) -> bool:
        return bool(self.contradictions)

    def as_json(self) -> dict[str, object]:
        """For a case: levels, weights and sentences."""
        return {
            "score": self.score,
            "weight": self.weight,
            "contradictions": [one.value for one in self.contradictions],
            "fields": [one.as_json() for one in self.fields],
        }


def compare(one: Recording, other: Recording, gallery: int = GALLERY_MIN) -> Comparison:
    """How far two recordings tell of one person; the same whichever comes first.

    gallery: how many recordings the other was picked from; the larger, the less agreement proves.
    """
    return compare_persons(Person.of(one), Person.of(other), gallery)


def compare_persons(one: Person, other: Person, gallery: int = GALLERY_MIN) -> Comparison:
    """As `compare`, for who compares one recording with many."""
    name = compare_names(one.name, other.name)
    mother = compare_names(one.mother, other.mother)
    date = compare_dates(one.born, other.born)
    share_card = one.family_card == other.family_card
    fields = (
        _name_evidence(Field.NAME, name, M_NAME, NAME_BITS_MAX),
        _date_evidence(one, date),
        _plain(Field.BIRTH_PLACE, _place_level(one, other), _PLACE),
        _within(share_card, _name_evidence(Field.MOTHER_NAME, mother, M_MOTHER, MOTHER_BITS_MAX)),
        _plain(Field.SEX, "same" if one.sex == other.sex else "different", _SEX),
        _plain(Field.FAMILY_CARD, "same" if share_card else "different", _FAMILY_CARD),
        _within(share_card, _plain(Field.WARD, _ward_level(one.ward, other.ward), _WARD)),
    )
    weight = round(sum(evidence.weight for evidence in fields), 2)
    is_kin = share_card or mother.level is not NameLevel.DIFFERENT
    found = _contradictions(one.sex != other.sex, date, name.level, mother.level, is_kin)
    return Comparison(score_of(weight, gallery), weight, found, fields)


def score_of(weight: float, gallery: int = GALLERY_MIN) -> float:
    """The chance of one person, 0..1, from bits of evidence and the chance beforehand."""
    before = log2(SECOND_RECORDINGS / max(gallery, GALLERY_MIN))
    return round(1 / (1 + exp2(-(weight + before))), 6)


def _contradictions(
    sexes_differ: bool, date: DateLevel, name: NameLevel, mother: NameLevel, is_kin: bool
) -> tuple[Contradiction, ...]:
    is_other_name = name in (NameLevel.DIFFERENT, NameLevel.SOME_WORDS)
    claims = {
        Contradiction.SEX_DIFFERS: sexes_differ,
        Contradiction.BIRTH_DATES_FAR: date is DateLevel.FAR,
        Contradiction.LIKE_TWINS: date is DateLevel.SAME and is_kin and is_other_name,
        Contradiction.NOTHING_IN_COMMON: name is mother is NameLevel.DIFFERENT
        and date is not DateLevel.SAME,
    }
    return tuple(one for one, is_so in claims.items() if is_so)


def _name_evidence(
    field: Field, agreement: NameAgreement, m: dict[NameLevel, float], bits_max: float
) -> FieldEvidence:
    level = agreement.level
    if level is NameLevel.DIFFERENT:
        return FieldEvidence(field, level, round(log2(m[level] / _U_NAMES_DIFFER), 2))
    bits = min(agreement.bits, bits_max) - log2(_WAYS_TO_AGREE[level])
    return FieldEvidence(field, level.value, round(log2(m[level]) + bits, 2))


def _date_evidence(one: Person, level: DateLevel) -> FieldEvidence:
    is_same = level is DateLevel.SAME
    u = share_of(one.born) if is_same else _U_DATE[level]
    shown = "same_custom_day" if is_same and is_custom_day(one.born) else level.value
    return FieldEvidence(Field.BIRTH_DATE, shown, round(log2(M_DATE[level] / u), 2))


def _plain(field: Field, level: str, shares: dict[str, tuple[float, float]]) -> FieldEvidence:
    m, u = shares[level]
    return FieldEvidence(field, level, round(log2(m / u), 2))


def _within(share_card: bool, evidence: FieldEvidence) -> FieldEvidence:
    """One card explains one mother and one ward: brothers share them as well."""
    if share_card and evidence.weight > 0:
        return FieldEvidence(evidence.field, "same_household", 0.0)
    return evidence


def _place_level(one: Person, other: Person) -> str:
    if one.place == other.place:
        return "same"
    return "related" if one.place_region == other.place_region else "different"


def _ward_level(one: str, other: str) -> str:
    if one == other:
        return "same"
    return "same_district" if one[:8] == other[:8] else "different"
