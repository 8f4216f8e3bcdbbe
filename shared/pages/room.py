"""A room's pages as methods of one object, like its operations; refusals become pages, too."""

import gzip
import re
from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import parse_qsl

import structlog
from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from shared.doors.answers import refusal_for
from shared.doors.bodies import expect_media_type
from shared.doors.looking import LookingRoute
from shared.doors.room import Doors
from shared.doors.session import FORM_KEY, Session, Sessions, check_form, check_origin
from shared.pages.language import Language
from shared.pages.render import Pages
from shared.refusals import Forbidden, InternalError, MalformedRequest, NotFound, Refusal
from shared.roles import Role, refuse_one_office

FORM_BYTES_MAX = 16 * 1024
FORM_FIELDS_MAX = 40
SIGN_IN = "/sign-in"
# A path of ours and nothing else: no other host, no scheme, no query.
_OUR_PATH = re.compile(r"/(?:[a-z0-9][a-z0-9_.-]*/?)*")
TEXTS = frozenset({"text/html", "text/css", "text/javascript", "image/svg+xml", "text/csv"})
COMPRESSED_BYTES_MIN = 512
_COMMON = Pages()

log = structlog.get_logger()
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class SignInFirst(Exception):
    """Nobody is signed in, or no longer; `path` is where they wanted to go."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path


class PageRoute(LookingRoute):
    """Answers whatever goes wrong with a page that says so, instead of a problem document."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def handle_as_page(request: Request) -> Response:
            try:
                response = await handle(request)
            except SignInFirst as wish:
                return redirect(f"{SIGN_IN}?next={wish.path}")
            except RequestValidationError:  # an address with something else than an id in it
                return refused(NotFound())
            except Refusal as refusal:
                return refused(refusal)
            except HTTPException:  # a body too late or too large: the outer doors say so
                raise
            except Exception as trouble:
                found = refusal_for(trouble)
                if isinstance(found, InternalError):
                    raise
                log.warning("request.world_failed", trouble=type(trouble).__name__, code=found.code)
                return refused(found)
            await _prolong(request, response)
            return compressed(request, response)

        return handle_as_page


class PageDoors(Doors):
    """Doors for browsers: not in the API's document, and refusing in words for people."""

    route_class = PageRoute

    def _options(self, options: dict[str, Any]) -> dict[str, Any]:
        unseen = {"include_in_schema": False, "response_model": None}
        return {"max_body_size": FORM_BYTES_MAX, **options, **unseen}


def our_path(wanted: str, home: str) -> str:
    """Where somebody wanted to go, if it is a page of ours."""
    return wanted if wanted != "/" and _OUR_PATH.fullmatch(wanted) else home


def redirect(path: str) -> RedirectResponse:
    """To another page of ours, to be got anew: a reload then sends nothing twice."""
    return RedirectResponse(path, status_code=303)


def compressed(request: Request, response: Response) -> Response:
    """The page as small as this browser takes it: lines are slow. Streams and images stay.

    A page tells its secrets (the form key) to nobody else's requests: the cookie is SameSite.
    """
    kind = response.headers.get("content-type", "").partition(";")[0]
    body = getattr(response, "body", b"")
    if kind not in TEXTS or len(body) < COMPRESSED_BYTES_MIN:
        return response
    response.headers["vary"] = "Accept-Encoding"
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return response
    response.body = gzip.compress(body, compresslevel=6, mtime=0)
    response.headers["content-encoding"] = "gzip"
    response.headers["content-length"] = str(len(response.body))
    return response


def refused(refusal: Refusal) -> Response:
    return _COMMON.answer(
        "refused.html",
        status=refusal.status,
        headers={
            name: value
            for name, value in refusal.headers.items()
            if name.lower() in ("retry-after", "connection")
        },
        refusal=refusal,
    )


class NeedsSession:
    """A dependency that lets in who is signed in with one of its roles."""

    def __init__(self, roles: frozenset[Role], *, is_of_whole_region: bool = False) -> None:
        self.roles = roles
        self.is_of_whole_region = is_of_whole_region

    async def __call__(self, request: Request) -> Session:
        session = await _session_of(request)
        if session is None:
            # Only a page can be come back to; a form is to be opened anew.
            raise SignInFirst(request.url.path if request.method == "GET" else "/")
        if not session.caller.roles & self.roles:
            raise Forbidden
        if self.is_of_whole_region:
            refuse_one_office(session.caller)
        request.state.session = session
        return session


async def _session_of(request: Request) -> Session | None:
    """Asked of the database once, however many parts of a door want to know."""
    if not hasattr(request.state, "found_session"):
        sessions: Sessions = request.app.state.sessions
        request.state.found_session = await sessions.of(request)
    found: Session | None = request.state.found_session
    return found


def signed_in(*roles: Role) -> Any:
    """`session: Annotated[Session, signed_in(Role.ADJUDICATOR)]`. Others get the sign-in page."""
    return Depends(NeedsSession(frozenset(roles)))


def signed_in_for_whole_region(*roles: Role) -> Any:
    """The same, and bound to no single office."""
    return Depends(NeedsSession(frozenset(roles), is_of_whole_region=True))


async def _read_form(request: Request) -> dict[str, str]:
    """The fields of a form by name, the first of each. Refuses: UnsupportedMediaType and others."""
    expect_media_type(request, "application/x-www-form-urlencoded")
    try:
        pairs = parse_qsl(
            (await request.body()).decode(),
            keep_blank_values=True,
            max_num_fields=FORM_FIELDS_MAX,
            errors="strict",
        )
    except ValueError:
        raise MalformedRequest from None
    return dict(reversed(pairs))


async def _open_form(request: Request) -> dict[str, str]:
    """Fields of a form from a page of ours, whoever is signed in. Refuses: FormNotOurs."""
    check_origin(request)
    return await _read_form(request)


async def _own_form(request: Request) -> dict[str, str]:
    """Fields of a form that our page of this very session sent. Refuses: FormNotOurs."""
    session = await _session_of(request)
    if session is None:
        raise SignInFirst("/")
    fields = await _read_form(request)
    check_form(request, session, fields.pop(FORM_KEY, ""))
    return fields


def _speech(request: Request) -> Language:
    """`?lang=en`, or Indonesian: a wrong word in an address keeps nobody from a page."""
    is_english = request.query_params.get("lang") == Language.ENGLISH
    return Language.ENGLISH if is_english else Language.INDONESIAN


Speech = Annotated[Language, Depends(_speech)]
OpenForm = Annotated[dict[str, str], Depends(_open_form)]
OwnForm = Annotated[dict[str, str], Depends(_own_form)]


async def _prolong(request: Request, response: Response) -> None:
    session: Session | None = getattr(request.state, "session", None)
    if session is None or "set-cookie" in response.headers:
        return
    # What a page asks for by itself is nobody's activity: an office left alone is signed out.
    if request.headers.get("sec-fetch-dest") == "empty":
        return
    sessions: Sessions = request.app.state.sessions
    if (longer := await sessions.prolonged(session)) is not None:
        response.headers["set-cookie"] = sessions.cookie(longer)
