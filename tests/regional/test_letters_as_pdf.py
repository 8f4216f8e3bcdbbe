"""A letter is a page that software can read out, and its code opens the page it names."""

import os
import re
import struct
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pypdfium2
import zxingcpp

from services.regional.outreach.typesetting import (
    Letter,
    Route,
    delivery_pdf,
    letters_pdf,
    told_days,
)
from services.regional.papers import office_of, pages_in
from services.regional.settings import RegionalSettings

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
AT = datetime(2017, 10, 16, tzinfo=UTC)
OFFICE = office_of(RegionalSettings())
ADDRESS = "https://dukcapil.singkawang.example/letters/abcdefghjkmnpqrstuvw"
LETTER = Letter(
    number="470/61.72.05.1001/171016-01/UND",
    title="Sdri.",
    name="SITI [CONTOH] #panic()",
    street="JALAN MERDEKA 7",
    route=Route("Singkawang Selatan", "Sedau", "003", "012"),
    nik_end="0007",
    address=ADDRESS,
    day="16 Oktober 2017",
    until="30 Oktober 2017",
    turn="1 dari 2",
)
OTHER = replace(LETTER, name="BUDI CONTOH", address=ADDRESS[:-1] + "z", turn="2 dari 2")


def words_of(pdf: bytes, page: int) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return " ".join(str(document[page].get_textpage().get_text_range()).split())


def codes_of(pdf: bytes, page: int) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[page].render(scale=150 / 72).to_numpy()
    return [one.text for one in zxingcpp.read_barcodes(picture)]


def grey_png(pdf: bytes) -> bytes:
    """The first page as a small picture, for the docs."""
    with pypdfium2.PdfDocument(pdf) as document:
        pixels = document[0].render(scale=0.85, grayscale=True).to_numpy()
    grey = pixels.reshape(pixels.shape[:2]) // 17 * 17  # sixteen shades are enough for letters
    lines = np.zeros((grey.shape[0], grey.shape[1] + 1), np.uint8)
    lines[:, 1:] = grey
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", grey.shape[1], grey.shape[0], 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def test_a_letter_can_be_looked_at_in_the_docs(tmp_path: Path) -> None:
    folder = PICTURES if os.environ.get("TUNGGAL_TEST_PICTURES") else tmp_path
    named = replace(LETTER, name="SITI CONTOH")
    (folder / "letter.png").write_bytes(grey_png(letters_pdf(OFFICE, [named], AT)))

    assert 5_000 < (folder / "letter.png").stat().st_size < 120_000


def test_each_letter_is_one_page_and_its_code_is_read_back_from_the_printed_page() -> None:
    pdf = letters_pdf(OFFICE, [LETTER, OTHER], AT)

    assert pages_in(pdf) == 2
    assert codes_of(pdf, 0) == [ADDRESS]
    assert codes_of(pdf, 1) == [OTHER.address]


def test_a_letter_says_what_an_official_letter_says_and_no_nik() -> None:
    words = words_of(letters_pdf(OFFICE, [LETTER], AT), 0)

    for said in (
        "PEMERINTAH KOTA SINGKAWANG",
        "Nomor : 470/61.72.05.1001/171016-01/UND",
        "Sifat : Biasa",
        "Lampiran : -",
        "Hal : Undangan perekaman KTP-el",
        "Yth. Sdri. SITI [CONTOH] #panic()",
        "RW 003, RT 012, Kelurahan Sedau, Kecamatan Singkawang Selatan",
        "16 Oktober 2017 sampai 30 Oktober 2017",
        "Kepala Dinas,",
        "DATA SINTETIS",
        "Camat Singkawang Selatan, Lurah Sedau, Ketua RW 003, RT 012. Urutan 1 dari 2.",
    ):
        assert said in words
    assert not re.search("[0-9]{16}", words)


def test_letters_and_lists_claim_pdf_ua_and_are_tagged() -> None:
    for pdf in (
        letters_pdf(OFFICE, [LETTER], AT),
        delivery_pdf(OFFICE, told_days(AT.date(), AT.date()), [LETTER, OTHER], AT),
    ):
        assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
        assert re.search(rb"/MarkInfo\s*<<\s*/Marked true", pdf)
        assert b"/StructTreeRoot" in pdf
        assert re.search(rb"/Lang\s*\(id-ID\)", pdf)
        with pypdfium2.PdfDocument(pdf) as document:
            assert document.is_tagged()
            assert document.get_metadata_value("Title")


def test_the_same_letters_are_the_same_bytes() -> None:
    once = letters_pdf(OFFICE, [LETTER, OTHER], AT)

    assert once == letters_pdf(OFFICE, [LETTER, OTHER], AT)
    assert once == letters_pdf(OFFICE, [LETTER, OTHER], AT, apart=True)


def test_the_longest_letter_is_one_page_too() -> None:
    name = " ".join(["MUHAMMAD"] * 6 + ["ABDUL"])
    long = replace(LETTER, name=name, street="GANG MAWAR " * 18, forwarded=True)

    assert pages_in(letters_pdf(OFFICE, [long], AT)) == 1


def test_a_delivery_list_leads_through_the_neighbourhoods_and_leaves_room_to_sign() -> None:
    far = replace(OTHER, route=replace(OTHER.route, rt="013"))
    pdf = delivery_pdf(OFFICE, told_days(AT.date(), AT.date()), [LETTER, far], AT)

    words = words_of(pdf, 0)
    assert "Camat Singkawang Selatan" in words
    assert words.index("RW 003, RT 012 (1 surat)") < words.index("RW 003, RT 013 (1 surat)")
    assert "Tanda tangan atau keadaan" in words
    assert "171016-01" in words
    assert "https" not in words
