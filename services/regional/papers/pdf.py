"""PDF/UA-1 by typst, codes by zxing-cpp. The same input gives the same bytes.

Only the fonts inside typst are used, embedded in part. A template is data's only reader: text from
outside is shown, never run.
"""

import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

COMMON = Path(__file__).parent / "templates" / "paper.typ"
STANDARD: Final = "ua-1"  # refuses what has no tags, no title, or a picture without words


def pdf_of(template: Path, files: Mapping[str, bytes], made_at: datetime) -> bytes:
    """Set a typst template that reads `files` and may import `paper.typ`, as they lie beside it."""
    import typst  # noqa: PLC0415 - 60 MB that most processes never need

    # typst takes bytes that are no text from a folder alone.
    with tempfile.TemporaryDirectory(prefix="tunggal-paper-") as name:
        folder = Path(name)
        for source in (template, COMMON):
            (folder / source.name).write_bytes(source.read_bytes())
        for file, content in files.items():
            (folder / file).write_bytes(content)
        return typst.compile(
            folder / template.name,
            root=folder,
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=[STANDARD],
            timestamp=int(made_at.timestamp()),
        )


def pages_in(pdf: bytes) -> int:
    """How many pages a PDF of ours has."""
    return pdf.count(b"/Type/Page/")


def code_of(address: str) -> tuple[int, bytes]:
    """A QR code as grey pixels, one a module with its quiet zone: the side, and side² bytes."""
    import zxingcpp  # noqa: PLC0415 - as above

    # Trying all eight masks for the prettiest costs six times the code; readers take any.
    code = zxingcpp.create_barcode(
        address, zxingcpp.BarcodeFormat.QRCode, ec_level="M", data_mask=3
    )
    image = code.to_image(scale=1, add_quiet_zones=True)
    # Its stub does not tell that it is a buffer.
    return image.shape[0], bytes(image)  # type: ignore[call-overload]
