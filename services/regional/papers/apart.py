"""Set one PDF in a process of its own: `python apart.py FOLDER TEMPLATE SECONDS` writes out.pdf.

Typst keeps what it has set, for the next time: after a thousand letters that is 300 MB, which a
small office's server would never give back. Started by its path, so that it loads typst alone.
"""

import sys
from pathlib import Path
from typing import Final

import typst

OUT = "out.pdf"
STANDARD: Final = "ua-1"  # refuses what has no tags, no title, or a picture without words


def set_pdf(folder: Path, template: str, seconds: int) -> None:
    typst.compile(
        folder / template,
        folder / OUT,
        root=folder,
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=[STANDARD],
        timestamp=seconds,
    )


if __name__ == "__main__":
    set_pdf(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
