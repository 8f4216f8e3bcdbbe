"""Brings every `en.po` up to date with the pages: new messages come in empty, old ones go.

`python -m deploy.checks.tell_words`; translate what it names. A test says so when it was forgotten.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
# Layouts first: a message they translate is no room's business.
COMMON = (ROOT / "shared" / "pages", ROOT / "services" / "regional" / "pages")
METHODS = [
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2"),
    ("**/templates/**.txt", "jinja2"),
]
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}
OPTIONS = {
    "**/templates/**.html": {"trimmed": "true", "silent": "false"},
    "**/templates/**.txt": {"trimmed": "true", "silent": "false"},
}
WIDTH = 100


def places() -> Iterator[Path]:
    """Folders with pages of their own, the common ones first."""
    yield from COMMON
    for templates in sorted(ROOT.glob("services/*/*/templates")):
        if templates.parent not in COMMON:
            yield templates.parent


def messages(place: Path) -> set[str]:
    """What the pages of a place say: Indonesian, as written there."""
    return {
        message if isinstance(message, str) else message[0]
        for _, _, message, _, _ in extract_from_dir(
            place, METHODS, OPTIONS, KEYWORDS, strip_comment_tags=True
        )
    }


def catalog_of(place: Path) -> Catalog:
    path = place / "templates" / "en.po"
    if not path.exists():
        return Catalog(locale="en")
    with path.open("rb") as text:
        return read_po(text, locale="en")


def known(catalog: Catalog) -> dict[str, str]:
    """Message to its English; empty where nobody translated it yet."""
    return {str(one.id): "" if one.fuzzy else str(one.string or "") for one in catalog if one.id}


def wanted() -> Iterator[tuple[Path, set[str]]]:
    """Each place with the messages its own catalog must translate."""
    common: set[str] = set()
    for place in places():
        said = messages(place) - common
        if place in COMMON:
            common |= said
        yield place, said


def main() -> int:
    """Write the catalogs anew; the answer is 1 while something waits for its translation."""
    is_whole = True
    for place, said in wanted():
        had = known(catalog_of(place))
        path = place / "templates" / "en.po"
        if not said:
            path.unlink(missing_ok=True)
            continue
        fresh = Catalog(locale="en", project="Tunggal", charset="utf-8", fuzzy=False)
        for message in sorted(said):
            fresh.add(message, had.get(message, ""))
            if not had.get(message):
                is_whole = False
                sys.stdout.write(f"{path.relative_to(ROOT)}: {message}\n")
        with path.open("wb") as text:
            write_po(text, fresh, width=WIDTH, omit_header=True, ignore_obsolete=True)
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
