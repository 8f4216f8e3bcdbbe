"""Pages put together from templates, with the headers every page has."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.doors.session import Session
from shared.pages import moments

HERE = Path(__file__).parent
STYLE = HERE / "static" / "tunggal.css"
ICON = HERE / "static" / "icon.svg"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    # Not "no-referrer": browsers would then hide, even from us, that a form is from our own page.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def style_version() -> str:
    return sha256(STYLE.read_bytes()).hexdigest()[:12]


class Pages:
    """Templates of one room over the common ones. Names a template does not know stop it."""

    def __init__(self, folder: Path | None = None, zone: str = "WIB") -> None:
        """folder: the room's templates. zone: in which moments are told."""
        folders = [folder] if folder else []
        self._templates = Environment(
            loader=FileSystemLoader([*folders, HERE / "templates"]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(style_version=style_version())
        self._templates.filters.update(
            day=moments.day,
            moment=lambda value: moments.moment(value, zone),
            span=moments.span,
            number=moments.number,
        )

    def answer(
        self,
        template: str,
        *,
        session: Session | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> HTMLResponse:
        text = self._templates.get_template(template).render(session=session, **values)
        return HTMLResponse(text, status_code=status, headers={**HEADERS, **(headers or {})})
