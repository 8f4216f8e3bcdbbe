"""Sign in with a token, sign out, and the files every page needs."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import FastAPI, Query, Request, Response

from shared.doors.room import door
from shared.doors.service import enter
from shared.doors.session import Sessions
from shared.pages.render import ICON, SCRIPT, STYLE, Pages
from shared.pages.room import (
    SIGN_IN,
    OpenForm,
    OwnForm,
    PageDoors,
    compressed,
    redirect,
)
from shared.refusals import Forbidden, Unauthenticated
from shared.roles import Gate

# A path of ours and nothing else: no other host, no scheme, no query.
_OUR_PATH = re.compile(r"/(?:[a-z0-9][a-z0-9_.-]*/?)*")
TOKEN_CHARACTERS_MAX = 4_096
_FILES_STAY = {"cache-control": "public, max-age=31536000, immutable"}


def our_path(wanted: str, home: str) -> str:
    return wanted if wanted != "/" and _OUR_PATH.fullmatch(wanted) else home


@dataclass(frozen=True)
class SignInDoors(PageDoors):
    """home: where people go who wanted nothing else; its roles are the page's own business."""

    gate: Gate
    sessions: Sessions
    pages: Pages
    home: str

    @door.get(SIGN_IN)
    async def sign_in_page(self, next: Annotated[str, Query()] = "/") -> Response:  # noqa: A002
        return self._page(our_path(next, self.home))

    @door.post(SIGN_IN)
    async def sign_in(self, form: OpenForm) -> Response:
        """A token is handed in once; from then on the cookie speaks, as long as the token lives."""
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
        return self.pages.answer("sign_in.html", status=status, next=path, is_wrong=is_wrong)


def install_pages(app: FastAPI, gate: Gate, sessions: Sessions, home: str) -> None:
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

    enter(app, SignInDoors(gate, sessions, Pages(), home).router("pages"))
