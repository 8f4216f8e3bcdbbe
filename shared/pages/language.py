"""The two languages of pages: messages are Indonesian, their English lies beside the templates.

A folder of templates may hold `en.po`: gettext's own format, read at start, so nothing compiled is
kept. `python -m deploy.checks.tell_words` brings it up to date with the templates.
"""

from collections.abc import Iterable
from enum import StrEnum
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CATALOG = "en.po"


class Language(StrEnum):
    INDONESIAN = "id"
    ENGLISH = "en"

    @property
    def locale(self) -> str:
        """Name of the language and place whose dates and numbers it writes."""
        return "id_ID" if self is Language.INDONESIAN else "en_GB"


def N_(message: str) -> str:  # noqa: N802 - the name gettext's tools look for
    """Marks a message in Python; the template that shows it translates it."""
    return message


def translations(folders: Iterable[Path], language: Language) -> NullTranslations:
    """What the catalogs of these folders say, the first that knows a message before the rest."""
    found: NullTranslations = NullTranslations()
    if language is Language.INDONESIAN:
        return found
    for folder in reversed([*folders]):
        catalog = folder / CATALOG
        if catalog.exists():
            one = _read(catalog)
            one.add_fallback(found)
            found = one
    return found


def _read(path: Path) -> GNUTranslations:
    compiled = BytesIO()
    with path.open("rb") as text:
        write_mo(compiled, read_po(text, locale="en"))
    compiled.seek(0)
    return GNUTranslations(compiled)
