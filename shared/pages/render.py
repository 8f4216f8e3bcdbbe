"""Pages put together from templates, with the headers every page has."""

from collections.abc import Mapping, Sequence
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.audit.seeing import saw_in
from shared.doors.session import Session
from shared.pages import moments
from shared.pages.language import Language, translations

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STYLE = HERE / "static" / "tunggal.css"
ICON = HERE / "static" / "icon.svg"
SCRIPT = HERE / "static" / "live.js"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
# A live page may run our one script, which may ask us alone.
LIVE_POLICY = f"{POLICY}; script-src 'self'; connect-src 'self'"
HEADERS = {
    "content-security-policy": POLICY,
    # Not "no-referrer": browsers would then hide, even from us, that a form is from our own page.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@cache
def version_of(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]


class Pages:
    """Templates of one room over the common ones. Names a template does not know stop it.

    A page speaks both languages side by side (`say`), or one of them with `language` (`_`).
    """

    def __init__(self, folder: Path | Sequence[Path] | None = None, zone: str = "WIB") -> None:
        """folder: the room's templates, or several, nearest first. zone: in which moments are told.

        Each folder may hold `en.po`, the English of its messages.
        """
        near = [folder] if isinstance(folder, Path) else [*(folder or ())]
        folders = [*near, TEMPLATES]
        self._speaking = {
            language: _environment(folders, zone, language) for language in (None, *Language)
        }

    def answer(
        self,
        template: str,
        *,
        language: Language | None = None,
        session: Session | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        is_live: bool = False,
        **values: Any,
    ) -> HTMLResponse:
        """language: None for both side by side. is_live: the page brings the script for live parts.

        The script listens to the address in `data-live` of any element, and at each event of it
        fetches the page anew for the elements marked `data-live-part`.
        """
        saw_in(values)
        text = (
            self._speaking[language]
            .get_template(template)
            .render(session=session, is_live=is_live, **values)
        )
        policy = {"content-security-policy": LIVE_POLICY} if is_live else {}
        return HTMLResponse(
            text, status_code=status, headers={**HEADERS, **policy, **(headers or {})}
        )


def _environment(folders: Sequence[Path], zone: str, language: Language | None) -> Environment:
    found = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    found.policies["ext.i18n.trimmed"] = True
    spoken = language or Language.INDONESIAN
    speech = translations(folders, spoken)
    # The extension adds this at run time.
    found.install_gettext_callables(  # type: ignore[attr-defined]
        speech.gettext, speech.ngettext, newstyle=True
    )
    found.globals.update(
        style_version=version_of(STYLE),
        script_version=version_of(SCRIPT),
        language=language,
        here=partial(_here, language),
    )
    found.filters.update(
        day=partial(moments.day, language=spoken),
        weekday=partial(moments.weekday, language=spoken),
        hour=partial(moments.hour, zone=zone, language=spoken),
        moment=partial(moments.moment, zone=zone, language=spoken),
        short_moment=partial(moments.short_moment, zone=zone, language=spoken),
        span=moments.span,
        lasting=partial(moments.lasting, language=spoken),
        number=partial(moments.number, language=spoken),
        percent=partial(moments.percent, language=spoken),
    )
    return found


def _here(language: Language | None, path: str) -> str:
    """An address of ours that goes on in the page's language."""
    if language is not Language.ENGLISH:
        return path
    return f"{path}{'&' if '?' in path else '?'}lang={language.value}"
