"""Minutes of a burning on paper, for two signatures."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson

from services.regional.blanks.store import Burning, Burnt
from services.regional.blanks.words import CAUSES
from services.regional.papers import Office, pdf_of
from shared.pages.moments import day

TEMPLATE = Path(__file__).parent / "templates" / "burning.typ"
TITLE = "Berita acara pemusnahan blangko KTP-el"


def number_of(one: Burning) -> str:
    return f"470/{one.number:04d}/BA-BLANGKO/{one.year}"


def minutes_pdf(office: Office, one: Burning, lines: Sequence[Burnt], zone: ZoneInfo) -> bytes:
    """The same minutes give the same bytes."""

    def told(moment: datetime | None) -> str:
        return day(moment.astimezone(zone)) if moment else ""

    data = {
        "title": TITLE,
        "office": asdict(office),
        "number": number_of(one),
        "place": one.place,
        "written": told(one.written_at),
        "burnt": told(one.burnt_at),
        "officer": one.officer,
        "witness": one.witness or "",
        "rows": [[each.serial, CAUSES.get(each.cause, each.cause)] for each in lines],
    }
    return pdf_of(TEMPLATE, {"burning.json": orjson.dumps(data)}, one.burnt_at or one.written_at)
