"""What the region's pages share: the layout of officers' pages and of public ones.

Owns: templates of both layouts. Gives: `Pages` over a room's own folder. Never: a room's content.
"""

from pathlib import Path

from shared.pages.render import Pages

LAYOUTS = Path(__file__).parent / "templates"
HOME = "/office"


def pages_of(folder: Path, zone: str) -> Pages:
    """Pages of a room. folder: its templates, which extend `office.html` or `public.html`."""
    return Pages([folder, LAYOUTS], zone)
