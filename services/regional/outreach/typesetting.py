"""Letters and delivery lists as PDF/UA-1: typst sets the pages, zxing-cpp draws the codes.

Many letters go into one PDF: a compilation costs as much as several letters. The same input gives
the same bytes. Only the fonts inside typst are used, embedded in part.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
import typst
import zxingcpp

TEMPLATES = Path(__file__).parent / "templates"
LETTERS_PER_PDF_MAX = 500
STANDARD = "ua-1"  # refuses what is untagged, untitled or a picture without words
LETTER_TITLE = "Undangan perekaman KTP-el"
DELIVERY_TITLE = "Daftar penyerahan surat undangan"


@dataclass(frozen=True, slots=True)
class Office:
    """The letterhead, and where people are to come."""

    government: str
    name: str
    address: str
    town: str
    place: str
    hours: str
    head: str


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


def letters_pdf(office: Office, letters: Sequence[Letter], made_at: datetime) -> bytes:
    """One page a letter, in the order given: 1 to LETTERS_PER_PDF_MAX of them."""
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
    return _compiled("letter.typ", files, made_at)


def delivery_pdf(
    office: Office, days: str, letters: Sequence[Letter], made_at: datetime
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
    return _compiled("delivery.typ", {"delivery.json": orjson.dumps(data)}, made_at)


def code_of(address: str) -> tuple[int, bytes]:
    """A QR code as grey pixels, one a module with its quiet zone: the side, and side² bytes."""
    code = zxingcpp.create_barcode(address, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    image = code.to_image(scale=1, add_quiet_zones=True)
    return image.shape[0], bytes(image)


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


def _compiled(main: str, files: dict[str, bytes], made_at: datetime) -> bytes:
    # typst takes bytes that are no text from a folder alone.
    with tempfile.TemporaryDirectory(prefix="tunggal-letters-") as name:
        folder = Path(name)
        for template in (main, "paper.typ"):
            (folder / template).write_bytes((TEMPLATES / template).read_bytes())
        for file, content in files.items():
            (folder / file).write_bytes(content)
        return typst.compile(
            folder / main,
            root=folder,
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=[STANDARD],
            timestamp=int(made_at.timestamp()),
        )
