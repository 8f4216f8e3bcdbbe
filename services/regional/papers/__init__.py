"""Papers of the office: its letterhead, codes to scan, and PDFs anybody's software can read out.

Gives: `office_of` the settings, `pdf_of` a room's typst template, `code_of` an address. Never: a
state emblem, a room's content, a font from outside.
"""

from services.regional.papers.letterhead import Office, office_of
from services.regional.papers.pdf import code_of, pages_in, pdf_apart, pdf_of

__all__ = ["Office", "code_of", "office_of", "pages_in", "pdf_apart", "pdf_of"]
