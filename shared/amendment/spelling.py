"""Is it the same name, spelled otherwise? Pure.

Indonesian names were written under three spellings (van Ophuijsen 1901, Soewandi 1947, EYD 1972)
and from Arabic by ear: Soekarno and Sukarno, Achmad and Ahmad, Moh. and Muhammad are one name each.
Anything beyond such variants is for a person to see, and what is further away is another name.
"""

import re
import unicodedata
from enum import StrEnum

from rapidfuzz.distance import OSA

# One slip in a word may be a slip; two only in a word as long as this.
TWO_SLIPS_LETTERS_MIN = 8
DOUBTFUL_WORDS_MAX = 1

_TITLES = frozenset(
    (
        *("H", "HJ", "HAJI", "HAJJAH", "DR", "DRS", "DRA", "IR", "PROF", "KH", "USTADZ"),
        *("SE", "SH", "SPD", "SKOM", "SSI", "ST", "MM", "MH", "MPD", "MSI"),
    )
)
_OF_PLACES = frozenset(("KAB", "KABUPATEN", "KOTA", "KEC", "KECAMATAN", "DESA", "KEL", "KELURAHAN"))
_MUHAMMAD = frozenset(
    (
        *("M", "MD", "MHD", "MOH", "MUH", "MOCH", "MUCH", "MOHD", "MUHD", "MOHAMAD", "MOHAMMAD"),
        *("MOHAMED", "MOHAMMED", "MUHAMAD", "MUHAMMAD", "MUHAMMED", "MOCHAMAD", "MOCHAMMAD"),
        *("MUCHAMAD", "MUCHAMMAD", "MOKHAMAD", "MUKHAMAD"),
    )
)
# In this order: what was two letters must be folded before its letters are.
_FOLDS = (
    ("CH", "H"),
    ("KH", "H"),
    ("TJ", "C"),
    ("DJ", "J"),
    ("NJ", "NY"),
    ("SJ", "S"),
    ("SY", "S"),
    ("SH", "S"),
    ("TH", "T"),
    ("DH", "D"),
    ("PH", "F"),
    ("OE", "U"),
    ("IE", "I"),
    ("V", "F"),
    ("Q", "K"),
    ("X", "KS"),
    ("Z", "S"),
    ("J", "I"),
    ("Y", "I"),
)


class Likeness(StrEnum):
    SAME = "same"
    DOUBTFUL = "doubtful"  # one slip: a person decides
    OTHER = "other"


def of_names(old: str, new: str) -> Likeness:
    """Whether two spellings are one person's name; titles and punctuation do not count."""
    return _compare(_words(old, _TITLES), _words(new, _TITLES))


def of_places(old: str, new: str) -> Likeness:
    return _compare(_words(old, _OF_PLACES), _words(new, _OF_PLACES))


def _words(text: str, dropped: frozenset[str]) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    # "S.H." is one word, "SITI-NUR" are two.
    found = re.sub(r"[^A-Z0-9 ]", " ", re.sub(r"[.'`]", "", plain.replace(". ", " "))).split()
    return [word for word in found if word not in dropped] or found


def _compare(old: list[str], new: list[str]) -> Likeness:
    if not old or not new:
        return Likeness.SAME if old == new else Likeness.OTHER
    if fold("".join(old)) == fold("".join(new)):
        return Likeness.SAME
    if len(old) != len(new):
        return Likeness.OTHER
    found = [_of_words(one, other) for one, other in zip(old, new, strict=True)]
    if Likeness.OTHER in found or found.count(Likeness.DOUBTFUL) > DOUBTFUL_WORDS_MAX:
        return Likeness.OTHER
    return Likeness.DOUBTFUL if Likeness.DOUBTFUL in found else Likeness.SAME


def _of_words(old: str, new: str) -> Likeness:
    if old in _MUHAMMAD and new in _MUHAMMAD:
        return Likeness.SAME
    one, other = fold(old), fold(new)
    if one == other:
        return Likeness.SAME
    if min(len(old), len(new)) == 1:
        # An initial says only how the word begins.
        return Likeness.DOUBTFUL if one[0] == other[0] else Likeness.OTHER
    slips = OSA.distance(one, other)
    letters = min(len(one), len(other))
    is_slip = (slips == 1 and letters > 1) or (slips == 2 and letters >= TWO_SLIPS_LETTERS_MIN)
    return Likeness.DOUBTFUL if is_slip else Likeness.OTHER


def fold(word: str) -> str:
    """A word as it sounds, whichever spelling it was written under; doubled letters once."""
    for old, new in _FOLDS:
        word = word.replace(old, new)
    return re.sub(r"(.)\1+", r"\1", word)
