"""PDF/UA-1 by typst, codes by zxing-cpp. The same input gives the same bytes.

Only the fonts inside typst are used, embedded in part. A template is data's only reader: text from
outside is shown, never run.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

COMMON = Path(__file__).parent / "templates" / "paper.typ"
APART = Path(__file__).parent / "apart.py"
APART_SECONDS_MAX = 120


def pdf_of(template: Path, files: Mapping[str, bytes], made_at: datetime) -> bytes:
    """Set a typst template that reads `files` and may import `paper.typ`, as they lie beside it."""
    from services.regional.papers import apart  # noqa: PLC0415 - 60 MB most processes never need

    with _laid_out(template, files) as folder:
        apart.set_pdf(folder, template.name, int(made_at.timestamp()))
        return (folder / apart.OUT).read_bytes()


def pdf_apart(template: Path, files: Mapping[str, bytes], made_at: datetime) -> bytes:
    """The same bytes as `pdf_of`, for many pages: what setting them took is given back.

    Raises subprocess.SubprocessError when the process fails or takes longer than
    APART_SECONDS_MAX.
    """
    with _laid_out(template, files) as folder:
        seconds = str(int(made_at.timestamp()))
        subprocess.run(  # noqa: S603 - our own program, told a folder of ours
            [sys.executable, APART, folder, template.name, seconds],
            check=True,
            timeout=APART_SECONDS_MAX,
        )
        return (folder / "out.pdf").read_bytes()


@contextmanager
def _laid_out(template: Path, files: Mapping[str, bytes]) -> Iterator[Path]:
    """A folder with everything, since typst takes bytes that are no text from there alone."""
    with tempfile.TemporaryDirectory(prefix="tunggal-paper-") as name:
        folder = Path(name)
        for source in (template, COMMON):
            (folder / source.name).write_bytes(source.read_bytes())
        for file, content in files.items():
            (folder / file).write_bytes(content)
        yield folder


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
