"""Second recordings of people under another NIK, written down differently: what a search must find.

How often what differs is INVENTED; how it differs is taken from how Indonesians write: old
spelling, Arabic letters, forms of Chinese family names, titles, words left out or turned round,
guessed days, slips of the pen. Written without looking at the rules that are to see through it.
"""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

# Each pair is written one way or the other; only the first that occurs in a word is changed.
_SPELLINGS = (
    *(("TJ", "C"), ("TJH", "CH"), ("DJ", "J"), ("OE", "U"), ("SJ", "SY"), ("NJ", "NY"), ("J", "Y")),
    *(("KH", "K"), ("PH", "P"), ("TH", "T"), ("F", "P"), ("V", "F"), ("Z", "S"), ("SY", "S")),
    *(("IE", "I"), ("IY", "I"), ("UW", "U"), ("Y", "I"), ("CH", "KH")),
)
_FAMILY_NAMES = {
    "BONG": ("WONG", "HUANG"),
    "TJHIA": ("CIA", "TJIA", "CHIA"),
    "LIE": ("LI", "LEE"),
    "LIU": ("LAUW", "LAU"),
    "JONG": ("YONG", "YANG"),
    "NG": ("GO", "WU"),
    "PHANG": ("PANG",),
    "TJHAI": ("CHAI", "CAI"),
    "KHO": ("KHOUW", "XU"),
    "HIU": ("KHIU", "CHIU"),
    "CHIN": ("TJHIN", "CHEN"),
    "TJONG": ("CHONG", "TJHONG"),
    "CU": ("TJU", "CHU"),
}
_TITLES = ("H.", "HJ.", "DRS.", "DR.", "IR.")
_DEGREES = (", S.PD", ", S.E.", ", S.H.", ", M.SI")
_LETTERS = "AEIOUNRSTLMK"


def respelled(recording: dict[str, Any], number: int, seed: int = 0) -> dict[str, Any]:
    """The same person once more: another NIK and capture, some fields written differently.

    recording: as JSON, with `card`, `mother_name` and `family_card`; it is not changed.
    The caller gives the copy its recording_id.
    """
    random = Random(f"{seed}:{number}")
    card = dict(recording["card"])
    card["nik"] = f"6171{random.randrange(10**12):012d}"
    card["name"] = _rewritten(card["name"], random, unchanged=0.55)
    born = _another_birth_date(date.fromisoformat(card["birth_date"]), random)
    card["birth_date"] = born.isoformat()
    copy = recording | {
        "card": card,
        "mother_name": _rewritten(recording["mother_name"], random, unchanged=0.6),
    }
    if random.random() < 0.5:  # moved
        copy["family_card"] = f"6171{random.randrange(10**12):012d}"
        card["address"] = card["address"] | {"ward": "61.71.01.1001"}
    return copy


def _rewritten(name: str, random: Random, unchanged: float) -> str:
    if random.random() < unchanged:
        return name
    ways = (_other_spelling, _other_spelling, _titled, _turned, _shortened, _mistyped)
    return random.choice(ways)(name, random)[:60]


def _other_spelling(name: str, random: Random) -> str:
    words = name.split()
    at = random.randrange(len(words))
    words[at] = random.choice(list(_spellings_of(words[at])) or [words[at]])
    return " ".join(words)


def _spellings_of(word: str) -> Iterator[str]:
    yield from _FAMILY_NAMES.get(word, ())
    for one, other in _SPELLINGS:
        if one in word:
            yield word.replace(one, other, 1)
        if len(word) > len(other) and other in word:
            yield word.replace(other, one, 1)


def _titled(name: str, random: Random) -> str:
    if random.random() < 0.5:
        return f"{random.choice(_TITLES)} {name}"
    return f"{name}{random.choice(_DEGREES)}"


def _turned(name: str, random: Random) -> str:
    words = name.split()
    random.shuffle(words)
    return " ".join(words)


def _shortened(name: str, random: Random) -> str:
    words = name.split()
    if len(words) > 1:
        at = random.randrange(len(words))
        words[at : at + 1] = [] if random.random() < 0.5 else [f"{words[at][0]}."]
    return " ".join(words)


def _mistyped(name: str, random: Random) -> str:
    at = random.randrange(len(name))
    letter = random.choice(_LETTERS)
    kind = random.randrange(3)
    if kind == 0:
        slipped = name[:at] + letter + name[at + 1 :]
    elif kind == 1 and len(name) > 3:
        slipped = name[:at] + name[at + 1 :]
    else:
        slipped = name[:at] + letter + name[at:]
    return " ".join(slipped.split()) or name


def _another_birth_date(born: date, random: Random) -> date:
    draw = random.random()
    if draw < 0.85:
        return born
    if draw < 0.88 and born.day <= 12:
        return born.replace(month=born.day, day=born.month)
    if draw < 0.92:
        return born.replace(day=1 + random.randrange(28))
    if draw < 0.95:
        return date(born.year + random.choice((-10, -1, 1)), born.month, min(born.day, 28))
    return date(born.year, 7, 1)
