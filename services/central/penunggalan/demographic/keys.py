"""Under which keys recordings of one person meet, so that nobody is compared with everybody. Pure.

Each key is a hash of codes of sound and dates. Two recordings of one person share at least one,
whichever single field was changed: see the recall in docs/UNIQUENESS.md.
"""

from collections.abc import Iterator, Sequence
from hashlib import blake2b

from services.central.penunggalan.demographic.birth_dates import is_custom_day
from services.central.penunggalan.demographic.persons import Person

KEYS_MAX = 7
_WORDS_WITH_A_DATE = 2
_WORDS_OF_A_NAME = 3


def keys_of(person: Person, secret: bytes = b"") -> tuple[int, ...]:
    """At most KEYS_MAX different keys, as signed 64-bit numbers.

    secret: makes keys useless to who has the table and not the secret; at most 64 bytes. Without
    one a key hides a name from the eye, and not from who hashes a list of names.
    """
    return tuple(
        dict.fromkeys(
            int.from_bytes(
                blake2b(text.encode(), digest_size=8, key=secret).digest(), "big", signed=True
            )
            for text in _texts_of(person)
        )
    )


def _texts_of(person: Person) -> Iterator[str]:
    born = person.born
    words = person.name.codes()
    name, mother = _code(words), _code(person.mother.codes())
    first, second = sorted((born.day, born.month))
    day = f"{born.year}-{first}-{second}"  # the same when day and month are swapped
    for word in words[:_WORDS_WITH_A_DATE]:
        yield f"word and date|{word}|{day}"
    yield f"name and year|{name}|{born.year}"
    yield f"name and mother|{name}|{mother}"
    yield f"mother and date|{mother}|{day}"
    yield f"family card|{person.family_card}"
    if not is_custom_day(born):
        yield f"name and day|{name}|{first}-{second}"  # the year may be off


def _code(words: Sequence[str]) -> str:
    return "+".join(sorted(words[:_WORDS_OF_A_NAME]))
