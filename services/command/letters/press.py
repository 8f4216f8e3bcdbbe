"""The press: each process sets one bundle at a time, writes it, and reads some of it back."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime, time
from multiprocessing import get_context
from pathlib import Path

import zxingcpp

from services.command.letters.campaign import Bundle
from services.regional.outreach.typesetting import delivery_pdf, letters_pdf, told_days
from services.regional.papers import Office, pages_in

PROCESSES = 2
DOTS_PER_INCH = 150


@dataclass(frozen=True, slots=True)
class Printed:
    """What became of one bundle."""

    letters: int
    pages: int  # of letters and of the list
    size_bytes: int


def print_all(
    office: Office, bundles: Iterable[Bundle], folder: Path, processes: int = PROCESSES
) -> Iterator[Printed]:
    """Set every bundle, in any order; each is told when its files are written."""
    with ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_one_thread
    ) as pool:
        waiting = [pool.submit(_print, office, one, folder) for one in bundles]
        for done in as_completed(waiting):
            yield done.result()


def _one_thread() -> None:
    # Threads of several compilations would only wait for each other's cores.
    os.environ["RAYON_NUM_THREADS"] = "1"


def _print(office: Office, bundle: Bundle, folder: Path) -> Printed:
    made_at = datetime.combine(bundle.monday, time(), UTC)
    letters = letters_pdf(office, bundle.letters, made_at)
    days = told_days(bundle.monday, bundle.last)
    listed = delivery_pdf(office, days, bundle.letters, made_at)
    place = folder / bundle.ward
    place.mkdir(parents=True, exist_ok=True)
    (folder / f"{bundle.name}.pdf").write_bytes(letters)
    (folder / f"{bundle.name}-daftar.pdf").write_bytes(listed)
    return Printed(
        len(bundle.letters),
        pages_in(letters) + pages_in(listed),
        len(letters) + len(listed),
    )


def read_back(pdf: Path, address: str) -> bool:
    """Whether the code on the last page of a PDF, as a printer draws it, opens the address."""
    import pypdfium2  # type: ignore[import-untyped]

    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[len(document) - 1].render(scale=DOTS_PER_INCH / 72).to_numpy()
    return [one.text for one in zxingcpp.read_barcodes(picture)] == [address]
