"""Invented people whose every field is found wherever it was written, and the hunt for them."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import numpy as np

from services.regional.recording.examples import CONTENT_EXAMPLE
from tests.eyes import an_eye, templates

# What the tests of doors send everywhere.
LISTED_WORDS = ("zkanariz", "zpanggilz")
BORN = "1990-07-12"
LETTERS_SHOWN = 10
BEGINNING_BYTES = 8
WINDOW_BYTES = 1 << 20


def word(number: int, field: str) -> str:
    """Ten capital letters nobody else has: they fit into names, places and streets."""
    drawn = sha256(f"canary {number} {field}".encode()).digest()
    return "".join(chr(65 + byte % 26) for byte in drawn[:LETTERS_SHOWN])


@dataclass(frozen=True, slots=True)
class Canary:
    """One person. number: below 1,000. eyes: whose irises; their own unless said otherwise."""

    number: int
    eyes: int | None = None

    @property
    def nik(self) -> str:
        return f"617202520790{7_000 + self.number}"

    @property
    def family_card(self) -> str:
        return f"617202010115{7_000 + self.number}"

    @property
    def image(self) -> bytes:
        return b"\xff\xd8\xff\xe0" + sha256(b"image %d" % self.number).digest() * 40 + b"\xff\xd9"

    def word(self, field: str) -> str:
        return word(self.number, field)

    def content(self, **card: Any) -> dict[str, Any]:
        """What a station sends of them."""
        seed = 50_000 + 2 * (self.number if self.eyes is None else self.eyes)
        images = dict(CONTENT_EXAMPLE["biometrics"]["images"])
        images["iris_left"] = "5e" * 32
        images["face"] = sha256(self.image).hexdigest()
        return CONTENT_EXAMPLE | {
            "card": CONTENT_EXAMPLE["card"]
            | {
                "nik": self.nik,
                "name": f"{self.word('name')} {self.word('surname')}",
                "birth_place": self.word("birth_place"),
                "occupation": self.word("occupation"),
                "address": CONTENT_EXAMPLE["card"]["address"]
                | {"street": f"JALAN {self.word('street')} 7"},
            }
            | card,
            "mother_name": self.word("mother_name"),
            "family_card": self.family_card,
            "biometrics": {
                "images": images,
                "templates": templates(an_eye(seed), an_eye(seed + 1)),
                "exceptions": {},
            },
        }

    def words(self) -> Iterator[str]:
        fields = ("name", "surname", "birth_place", "occupation", "street", "mother_name")
        yield from (self.word(field) for field in fields)
        yield from (self.nik, self.family_card)

    def raw(self) -> Iterator[bytes]:
        """Pieces of their images and irises, as bytes."""
        yield self.image[4:36]
        seed = 50_000 + 2 * (self.number if self.eyes is None else self.eyes)
        for eye in (an_eye(seed), an_eye(seed + 1)):
            yield eye[0].tobytes()[:48]


def everything_of(canaries: Iterable[Canary], others: Iterable[str] = ()) -> dict[str, bytes]:
    """What is looked for, by a name that may be shown: a word is shown, bytes by their digest."""
    found: dict[str, bytes] = {one: one.encode() for one in others}
    for canary in canaries:
        found |= {one: one.encode() for one in canary.words()}
        found |= {sha256(one).hexdigest()[:12]: one for one in canary.raw()}
    return found


def spellings(told: bytes) -> Iterator[bytes]:
    """All the ways it may have been written; those without case in small letters."""
    for encode in (b64encode, urlsafe_b64encode):
        for ahead in range(3):
            whole = encode(b"\0" * ahead + told)
            # The first and last characters depend on what stands beside it.
            piece = whole[4 if ahead else 0 :].rstrip(b"=")[:-1]
            yield piece
    yield told.hex().encode()
    if len(told) > 16 or not told.isascii():
        yield told  # bytes as they are
        return
    text = told.decode()
    yield from {one.encode().lower() for one in (text, quote(text), quote_plus(text))}
    yield "".join(f"%{byte:02x}" for byte in told).encode()
    yield "".join(f"\\u{byte:04x}" for byte in told).encode()
    yield text.encode("utf-16-le").lower()
    if text.isdigit():
        for sign in " .-_/":
            yield sign.join((text[:2], text[2:4], text[4:6], text[6:12], text[12:])).encode()
            yield sign.join((text[:6], text[6:12], text[12:])).encode()
            yield sign.join(text[at : at + 4] for at in range(0, 16, 4)).encode()


def leaks(wanted: Mapping[str, bytes], outputs: Mapping[str, bytes]) -> list[str]:
    """Where what was found: one line for each canary in each output."""
    by_beginning: dict[int, list[tuple[bytes, str]]] = {}
    for name, told in wanted.items():
        for one in spellings(told):
            begins = int.from_bytes(one[:BEGINNING_BYTES], "little")
            by_beginning.setdefault(begins, []).append((one, name))
    beginnings = np.array(sorted(by_beginning), np.uint64)
    found = set()
    for place, said in outputs.items():
        for text in (said, said.lower()):
            for at in _places(text, beginnings):
                key = int.from_bytes(text[at : at + BEGINNING_BYTES], "little")
                found |= {
                    f"{name} in {place}"
                    for one, name in by_beginning[key]
                    if text.startswith(one, at)
                }
    return sorted(found)


def _places(text: bytes, beginnings: "np.ndarray[Any, np.dtype[np.uint64]]") -> Iterator[int]:
    """Where eight bytes stand with which something wanted begins: all at once, outputs are long."""
    for first in range(0, max(0, len(text) - BEGINNING_BYTES + 1), WINDOW_BYTES):
        window = np.frombuffer(text[first : first + WINDOW_BYTES + BEGINNING_BYTES - 1], np.uint8)
        eights = np.lib.stride_tricks.sliding_window_view(window, BEGINNING_BYTES)
        keys = np.ascontiguousarray(eights).view(np.uint64).ravel()
        near = np.minimum(np.searchsorted(beginnings, keys), len(beginnings) - 1)
        yield from (first + int(at) for at in np.flatnonzero(beginnings[near] == keys))


def files_of(folder: Path, *, without: Iterable[str] = ()) -> dict[str, bytes]:
    """All files of a folder by path, except below folders of these names."""
    left_out = set(without)
    found = {}
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if left_out.isdisjoint(inner.parts) and path.is_file():
            found[str(inner)] = path.read_bytes()
    return found
