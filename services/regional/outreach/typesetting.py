"""Letters and delivery lists as PDF, from values to pages.

Many letters go into one PDF: a compilation costs as much as several letters.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

from services.regional.papers import Office, code_of, pages_in, pdf_apart, pdf_of
from shared.pages.moments import day as told

TEMPLATES = Path(__file__).parent / "templates"
LETTERS_PER_PDF_MAX = 500
LETTER_TITLE = "Undangan perekaman KTP-el"
DELIVERY_TITLE = "Daftar penyerahan surat undangan"


@dataclass(frozen=True, slots=True)
class Route:
    """The way a letter is carried, by names: head of district, of ward, of neighbourhood."""

    district: str
    ward: str
    rw: str
    rt: str

    @property
    def neighbourhood(self) -> str:
        return f"RW {self.rw}, RT {self.rt}"


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter, in words as they are printed; of the NIK only its end."""

    number: str
    title: str  # Sdr. or Sdri.
    name: str
    street: str
    route: Route
    nik_end: str  # four digits
    address: str  # of the page the code opens
    day: str
    until: str
    turn: str  # "7 dari 40"
    forwarded: bool = False  # `street` is then the whole address, elsewhere


def letters_pdf(
    office: Office, letters: Sequence[Letter], made_at: datetime, *, apart: bool = False
) -> bytes:
    """One page a letter, in the order given: 1 to LETTERS_PER_PDF_MAX of them.

    apart: in a process of its own, as a server must.
    """
    if not 1 <= len(letters) <= LETTERS_PER_PDF_MAX:
        raise ValueError(f"1 to {LETTERS_PER_PDF_MAX} letters make a PDF")
    codes: list[bytes] = []
    rows = []
    code_at = 0
    for one in letters:
        side, pixels = code_of(one.address)
        rows.append(_letter(one) | {"code_at": code_at, "code_side": side})
        codes.append(pixels)
        code_at += len(pixels)
    data = {"title": LETTER_TITLE, "office": asdict(office), "letters": rows}
    files = {"letters.json": orjson.dumps(data), "codes.bin": b"".join(codes)}
    pdf = (pdf_apart if apart else pdf_of)(TEMPLATES / "letter.typ", files, made_at)
    assert pages_in(pdf) == len(letters), "a letter is one page"
    return pdf


def delivery_pdf(
    office: Office, days: str, letters: Sequence[Letter], made_at: datetime, *, apart: bool = False
) -> bytes:
    """The list that goes with one ward's letters; whoever gets one signs. No NIK is on it."""
    first = letters[0].route
    groups = [
        {
            "name": neighbourhood,
            "rows": [
                [one.turn.split()[0], one.name, one.street, one.number.split("/")[2], ""]
                for one in group
            ],
        }
        for neighbourhood, group in groupby(letters, lambda one: one.route.neighbourhood)
    ]
    data = {
        "title": DELIVERY_TITLE,
        "office": asdict(office),
        "district": first.district,
        "ward": first.ward,
        "days": days,
        "count": len(letters),
        "groups": groups,
    }
    files = {"delivery.json": orjson.dumps(data)}
    return (pdf_apart if apart else pdf_of)(TEMPLATES / "delivery.typ", files, made_at)


def told_days(first: date, last: date) -> str:
    """`16 Oktober 2017`, or `16 Oktober 2017 sampai 20 Oktober 2017`."""
    return told(first) if first == last else f"{told(first)} sampai {told(last)}"


def _letter(one: Letter) -> dict[str, Any]:
    route = one.route
    home = f"{route.neighbourhood}, Kelurahan {route.ward}, Kecamatan {route.district}"
    return {
        "number": one.number,
        "title": one.title,
        "name": one.name,
        "street": one.street,
        "place": f"(diteruskan dari {home})" if one.forwarded else home,
        "nik_end": one.nik_end,
        "address": one.address,
        "day": one.day,
        "until": one.until,
        "district": route.district,
        "ward": route.ward,
        "neighbourhood": route.neighbourhood,
        "turn": one.turn,
    }
