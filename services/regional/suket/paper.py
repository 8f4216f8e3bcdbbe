"""The suket on paper: a page that a screen reader reads, with a code that anybody may scan."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from services.regional.papers import Office, code_of, pdf_of
from services.regional.suket.store import Suket
from services.regional.suket.words import CARD_WORDS
from shared.contracts.recording import CardData
from shared.pages.moments import day

TEMPLATE = Path(__file__).parent / "templates" / "suket.typ"
TITLE = "Surat Keterangan Pengganti KTP-el"


def suket_pdf(office: Office, one: Suket, card: CardData, address: str) -> bytes:
    """address: of the page that says whether it counts. The same suket gives the same bytes."""
    side, pixels = code_of(address)
    data: dict[str, Any] = {
        "title": TITLE,
        "office": asdict(office),
        "number": one.name,
        "status_code": one.status_code,
        "issued": day(one.issued_on),
        "until": day(one.valid_until),
        "is_renewal": one.renews is not None,
        "address": address,
        "code_side": side,
        "rows": [
            ["NIK", card.nik],
            ["Nama", card.name],
            ["Tempat, tanggal lahir", f"{card.birth_place}, {day(card.birth_date)}"],
            ["Jenis kelamin", CARD_WORDS[card.sex.value]],
            ["Golongan darah", CARD_WORDS.get(card.blood_group.value, card.blood_group.value)],
            ["Alamat", f"{card.address.street}, RT {card.address.rt} RW {card.address.rw}"],
            ["Agama", CARD_WORDS[card.religion.value]],
            ["Status perkawinan", CARD_WORDS[card.marital_status.value]],
            ["Pekerjaan", card.occupation],
            ["Kewarganegaraan", CARD_WORDS[card.citizenship.value]],
        ],
    }
    files = {"suket.json": orjson.dumps(data), "code.bin": pixels}
    return pdf_of(TEMPLATE, files, one.issued_at)
