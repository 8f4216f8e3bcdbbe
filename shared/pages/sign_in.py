"""Sign in with a token or at an issuer, sign out, and the files every page needs."""

from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import FastAPI, Query, Request, Response

from shared.clock import Clock
from shared.doors.room import door
from shared.doors.service import enter
from shared.doors.session import Sessions
from shared.oidc.issuer import Issuer, issuer_of
from shared.pages.issuer_sign_in import AT_ISSUER, BegunCookie, IssuerDoors
from shared.pages.render import ICON, SCRIPT, STYLE, Pages
from shared.pages.room import (
    SIGN_IN,
    OpenForm,
    OwnForm,
    PageDoors,
    compressed,
    our_path,
    redirect,
)
from shared.pages.sessions_page import SessionPages
from shared.refusals import Forbidden, NotFound, Unauthenticated
from shared.roles import Gate
from shared.settings import ServiceSettings
from shared.signing import SigningKey

TOKEN_CHARACTERS_MAX = 4_096
_FILES_STAY = {"cache-control": "public, max-age=31536000, immutable"}


@dataclass(frozen=True)
class SignInDoors(PageDoors):
    """home: where people go who wanted nothing else; its roles are the page's own business."""

    gate: Gate
    sessions: Sessions
    pages: Pages
    home: str
    issuer: Issuer | None
    takes_tokens: bool

    @door.get(SIGN_IN)
    async def sign_in_page(self, next: Annotated[str, Query()] = "/") -> Response:  # noqa: A002
        return self._page(our_path(next, self.home))

    @door.post(SIGN_IN)
    async def sign_in(self, form: OpenForm) -> Response:
        """A token is handed in once; from then on the cookie speaks, as long as the token lives."""
        if not self.takes_tokens:
            raise NotFound
        path = our_path(form.get("next", "/"), self.home)
        token = "".join(form.get("token", "").split()).removeprefix("Bearer")
        if not token or len(token) > TOKEN_CHARACTERS_MAX:
            return self._page(path, is_wrong=True)
        try:
            caller, ends_at = await self.gate.admit_until(token)
        except (Unauthenticated, Forbidden):
            return self._page(path, is_wrong=True)
        response = redirect(path)
        session = await self.sessions.begin(caller, ends_at)
        response.headers["set-cookie"] = self.sessions.cookie(session)
        return response

    @door.post("/sign-out")
    async def sign_out(self, request: Request, form: OwnForm) -> Response:
        """Ends it at the server: a copy of the cookie is worth nothing from then on."""
        if (session := await self.sessions.of(request)) is not None:
            await self.sessions.end(session)
        response = redirect(SIGN_IN)
        response.headers["set-cookie"] = self.sessions.farewell()
        return response

    def _page(self, path: str, *, is_wrong: bool = False) -> Response:
        status = 401 if is_wrong else 200
        return self.pages.answer(
            "sign_in.html",
            status=status,
            next=path,
            is_wrong=is_wrong,
            takes_tokens=self.takes_tokens,
            at_issuer=f"{AT_ISSUER}?{urlencode({'next': path})}" if self.issuer else None,
            end_session=self.issuer.end_session if self.issuer else None,
        )


@dataclass(frozen=True, slots=True)
class WaysIn:
    """How people may sign in. key: signs what a sign-in at the issuer waits with."""

    issuer: Issuer | None = None
    key: SigningKey | None = None
    takes_tokens: bool = True


def ways_in(settings: ServiceSettings, clock: Clock, region: str | None, key: SigningKey) -> WaysIn:
    """Raises UnfitSetting."""
    return WaysIn(issuer_of(settings, clock, region), key, settings.token_sign_in)


def install_pages(
    app: FastAPI, gate: Gate, sessions: Sessions, home: str, ways: WaysIn = WaysIn()
) -> None:
    """Sign-in and the common files, for a service whose rooms have pages."""
    app.state.sessions = sessions
    files = {
        "tunggal.css": (STYLE.read_bytes(), "text/css"),
        "icon.svg": (ICON.read_bytes(), "image/svg+xml"),
        "live.js": (SCRIPT.read_bytes(), "text/javascript"),
    }

    @app.get("/pages/{name}", include_in_schema=False)
    async def file_of_pages(
        request: Request, name: Literal["tunggal.css", "icon.svg", "live.js"]
    ) -> Response:
        content, kind = files[name]
        return compressed(request, Response(content, media_type=kind, headers=_FILES_STAY))

    pages = Pages()
    if ways.issuer is not None and ways.key is not None:
        begun = BegunCookie(sessions.service, ways.key, sessions.clock)
        doors = IssuerDoors(ways.issuer, sessions, begun, pages, home)
        enter(app, doors.router("pages"))
    enter(app, SessionPages(sessions, pages, home).router("pages"))
    signing_in = SignInDoors(gate, sessions, pages, home, ways.issuer, ways.takes_tokens)
    enter(app, signing_in.router("pages"))
