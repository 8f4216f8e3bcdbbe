"""Names as Indonesians write them: brought to a common form, and compared. Pure, no I/O.

A name is taken as a bag of words: families write the family name first or last, clerks leave words
out. Titles never count. Words agree as written, by sound (old and new spelling, Arabic and Hakka
letters), as forms of one Chinese family name, as an initial, or but for a slip of the pen.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import permutations
from math import log2
from typing import NamedTuple
from unicodedata import combining, normalize

from rapidfuzz.distance import OSA

from services.central.penunggalan.demographic.word_lists import (
    BARE_DEGREES,
    CLANS,
    DEGREES,
    SHARES,
    TITLES,
    VARIANTS,
    WEAK,
)

WORDS_MAX = 12  # sixty letters rarely hold more; a bound for what is not a name
JOINED_WORDS_MAX = 6

# Information in a word both sides have, in bits: -log2 of the share of names that hold it.
_BITS_OF_A_WORD = 8.0  # one name in 256; INVENTED, on the low side for most words
_BITS_OF_A_SYLLABLE = 6.0  # Kim, Fui, Liong: a small stock; INVENTED
_BITS_OF_AN_INITIAL = 3.0
_BITS_OF_A_WEAK_WORD = 2.0
_SYLLABLE_LETTERS_MAX = 3
_CLAN_COST_BITS = 2.0
_SLIP_COST_BITS = 3.0
_SLIP_LETTERS_MIN, _TWO_SLIPS_LETTERS_MIN = 4, 9
_WORDS_REMEMBERED = 65_536


class NameLevel(StrEnum):
    """How two names agree, best first."""

    SAME = "same"  # the same words, in any order
    SOUNDS_SAME = "sounds_same"
    SLIP = "slip"
    WORDS_MISSING = "words_missing"  # all words of one are in the other
    SOME_WORDS = "some_words"
    DIFFERENT = "different"


class Word(NamedTuple):
    """A word of a name; all but its text follows from the text."""

    text: str
    sound: str
    code: str  # what equal words, however spelled, have in common
    clans: tuple[str, ...]
    bits: float

    @property
    def is_initial(self) -> bool:
        return len(self.text) == 1


@dataclass(frozen=True, slots=True, order=True)
class PersonName:
    """A name in its common form. Words are sorted: the order in which they stand says nothing."""

    words: tuple[Word, ...]  # at least one
    weak: tuple[Word, ...]  # initials, titles of descent, particles, villages

    @staticmethod
    def of(name: str) -> "PersonName":
        """Any name the contract allows; never raises."""
        found = [_word(text) for text in sorted(set(_texts(name)))[:WORDS_MAX]]
        strong = tuple(word for word in found if not _is_weak(word))
        weak = tuple(word for word in found if _is_weak(word))
        return PersonName(strong, weak) if strong else PersonName(weak, ())

    def codes(self) -> tuple[str, ...]:
        """Codes of its words, the most telling first; a common word only when there is no other."""
        telling = [word for word in self.words if word.sound not in SHARES] or self.words
        return tuple(word.code for word in sorted(telling, key=lambda one: (-one.bits, one.code)))


@dataclass(frozen=True, slots=True)
class NameAgreement:
    level: NameLevel
    bits: float  # information in the words both have; 0 when different


@dataclass(frozen=True, slots=True)
class _Pair:
    level: NameLevel  # SAME, SOUNDS_SAME or SLIP
    bits: float


def compare_names(one: PersonName, other: PersonName) -> NameAgreement:
    """How far two names agree; the same whichever comes first."""
    # In a fixed order, so that ties between words fall alike both ways.
    one, other = sorted((one, other))
    left, right = list(one.words), list(other.words)
    pairs = [
        *_paired(left, right),
        *_joined(left, right, one, other),
        *_joined(right, left, other, one),
    ]
    if not pairs:
        return NameAgreement(NameLevel.DIFFERENT, 0.0)
    shared_weak = set(one.weak) & set(other.weak)
    bits = sum(pair.bits for pair in pairs) + _BITS_OF_A_WEAK_WORD * len(shared_weak)
    # What is left over may still be the initial on the other side: "Agus S." and "Agus Salim".
    left = _not_abbreviated(left, other.weak)
    right = _not_abbreviated(right, one.weak)
    if left and right:
        return NameAgreement(NameLevel.SOME_WORDS, bits)
    if left or right:
        return NameAgreement(NameLevel.WORDS_MISSING, bits)
    abbreviated = len(one.words) != len(other.words)
    worst = max((pair.level for pair in pairs), key=_RANKS.__getitem__)
    if worst is NameLevel.SAME and abbreviated:
        worst = NameLevel.SOUNDS_SAME
    return NameAgreement(worst, bits)


_RANKS = {level: rank for rank, level in enumerate(NameLevel)}


def _paired(left: list[Word], right: list[Word]) -> Iterator[_Pair]:
    """Take agreeing words out of both lists, the best agreements first."""
    for agree in (_as_written, _by_sound, _by_slip):
        for word in tuple(left):
            for candidate in right:
                if pair := agree(word, candidate):
                    left.remove(word)
                    right.remove(candidate)
                    yield pair
                    break


def _as_written(one: Word, other: Word) -> _Pair | None:
    return _Pair(NameLevel.SAME, one.bits) if one.text == other.text else None


def _by_sound(one: Word, other: Word) -> _Pair | None:
    if one.sound == other.sound:
        return _Pair(NameLevel.SOUNDS_SAME, one.bits)
    if one.clans and not set(one.clans).isdisjoint(other.clans):
        bits = min(one.bits, other.bits) - _CLAN_COST_BITS
        return _Pair(NameLevel.SOUNDS_SAME, bits)
    return None


def _by_slip(one: Word, other: Word) -> _Pair | None:
    if not _is_slip(one.sound, other.sound):
        return None
    return _Pair(NameLevel.SLIP, min(one.bits, other.bits) - _SLIP_COST_BITS)


def _is_slip(one: str, other: str) -> bool:
    letters = min(len(one), len(other))
    if letters < _SLIP_LETTERS_MIN:
        return False
    slips_max = 2 if letters >= _TWO_SLIPS_LETTERS_MIN else 1
    return OSA.distance(one, other, score_cutoff=slips_max) <= slips_max


def _joined(
    apart: list[Word], whole: list[Word], apart_name: PersonName, whole_name: PersonName
) -> Iterator[_Pair]:
    """Take out words that one side writes in two and the other in one: Nur Aini, Nuraini."""
    parts = [*apart, *(word for word in apart_name.weak if word not in whole_name.weak)]
    if not apart or not whole or len(parts) > JOINED_WORDS_MAX:
        return
    for first, second in permutations(sorted(parts), 2):
        sound = sound_of(first.text + second.text)
        match = next((word for word in whole if word.sound == sound), None)
        if match and (first in apart or second in apart):
            whole.remove(match)
            for part in {first, second} & set(apart):
                apart.remove(part)
            yield _Pair(NameLevel.SOUNDS_SAME, match.bits)
            return


def _not_abbreviated(words: Sequence[Word], weak: Sequence[Word]) -> list[Word]:
    """Words that no initial of the other side stands for; an initial stands for one."""
    initials = [word.text for word in weak if word.is_initial]
    kept = []
    for word in words:
        first = word.text[0]
        if first in initials:
            initials.remove(first)
        else:
            kept.append(word)
    return kept


_PLAIN = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)*")
_MAY_BE_DROPPED = TITLES | BARE_DEGREES
_MARKS_IN_WORDS = re.compile(r"['’‘`´ʼ\"]")  # noqa: RUF001 Ma'ruf, whichever mark was typed
_DOT_AND_SPACE = re.compile(r"\.\s+")
_BREAKS = re.compile(r"[^\w.]+|_+")
_LETTERS = re.compile(r"[^\W_]+")
# Abdurrahman, Abdul Rahman, Abdulkadir: the article takes the next consonant's sound.
_ABDUL = re.compile(r"^abd[uo](?:l|(?P<sun>[rsnztd])(?=(?P=sun)))?(?P<rest>[a-z]{4,})$")


def _texts(name: str) -> list[str]:
    """The words of a name in plain small letters, without titles; at least one."""
    if _PLAIN.fullmatch(name):  # nearly all of them: the same by a shorter way
        words = name.lower().split(" ")
        if _MAY_BE_DROPPED.isdisjoint(words):
            return [part for word in words for part in _apart(word)]
    plain = normalize("NFKD", name).casefold()
    plain = "".join(letter for letter in plain if not combining(letter))
    plain = _DOT_AND_SPACE.sub(".", _MARKS_IN_WORDS.sub("", plain))
    kept: list[str] = []
    for position, piece in enumerate(plain.split(",")):
        for token in _BREAKS.split(piece):
            parts = _LETTERS.findall(token)
            is_marked = position > 0 or "." in token
            kept += _without_titles(parts, bool(kept), is_marked)
    if not kept:
        kept = _LETTERS.findall(plain) or [plain.strip() or name]
    return [part for word in kept for part in _apart(word)]


def _without_titles(parts: list[str], follows_a_name: bool, is_marked: bool) -> Iterator[str]:
    """parts: what stands between two spaces, cut at its dots: ["s", "pd", "i"]."""
    at = 0
    while at < len(parts):
        degrees = DEGREES if is_marked else BARE_DEGREES
        end = len(parts) if follows_a_name else at
        while end > at and "".join(parts[at:end]) not in degrees:
            end -= 1
        if end > at:
            at = end
            continue
        if parts[at] not in TITLES:
            follows_a_name = True
            yield parts[at]
        at += 1


def _apart(word: str) -> tuple[str, ...]:
    if not word.startswith("abd") or word in VARIANTS:
        return (word,)
    article = _ABDUL.match(word)
    return ("abdul", article["rest"]) if article else (word,)


@lru_cache(_WORDS_REMEMBERED)
def _word(text: str) -> Word:
    sound = sound_of(text)
    clans = tuple(sorted(CLANS.get(text, ())))
    return Word(text, sound, min(clans, default=sound), clans, _bits_of(text, sound))


def _bits_of(text: str, sound: str) -> float:
    if len(text) == 1:
        return _BITS_OF_AN_INITIAL
    if sound in SHARES:
        return -log2(SHARES[sound])
    return _BITS_OF_A_SYLLABLE if len(sound) <= _SYLLABLE_LETTERS_MAX else _BITS_OF_A_WORD


def _is_weak(word: Word) -> bool:
    return word.is_initial or word.text in WEAK


# In this order. Old spelling (oe, tj, dj, sj) first, then what ears do not tell apart.
_FOLDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^ch?r(?=i)", "kr"),  # Christina, Cristina
        (r"^(?:ch|kh)(?=air|aid|ali|ol|oir|adi|us|oti)", "h"),  # Chairul, Khairul, Hairul
        (r"(?<=[aiou])(?:ch|kh)", "h"),  # Rachmat, Fakhri
        (r"oe|oo", "u"),
        (r"tjh?|ch", "c"),
        (r"dj", "j"),
        (r"s[jyh]|dz|ts|z", "s"),
        (r"(?<=[kptdbgj])h", ""),  # Phang, Thin, Khim
        (r"ck|q", "k"),
        (r"x", "ks"),
        (r"[fv]", "p"),  # Fatimah and Patimah, Vero and Fero
        (r"j", "y"),  # Jahja, Yahya
        (r"ie|ee", "i"),  # Lie, Lee, Li
        (r"ae", "ai"),
        (r"iy(?=[aeiou])", "i"),  # Supriyadi
        (r"uw(?=[aeiou])", "u"),  # Suwardi
        (r"(?<=[aeou])y(?![aeiou])", "i"),
        (r"(?<=[bcdghklmnpqrst])y$", "i"),  # Ferry
        (r"w(?![aeiou])", "u"),
        (r"(.)\1+", r"\1"),
        (r"(?<=[aiou])h$", ""),  # Aisyah, Aisya
        (r"d$", "t"),  # Ahmad, Ahmat
        (r"b$", "p"),
    )
)


def sound_of(word: str) -> str:
    """A code that spellings of one word share: Soejono and Suyono, Tjhin and Chin."""
    word = VARIANTS.get(word, word)
    if word in SHARES or len(word) == 1:
        return word
    sound = word
    for pattern, heard in _FOLDS:
        sound = pattern.sub(heard, sound)
    return sound or word
