"""Who may call the line's control API, and the name each call gets.

The API has no password and opens ports, so no page may reach it: not one of another site, and, as
in Toxiproxy, no browser at all. Only our own pages about the API are for browsers.
"""

from collections.abc import Callable
from uuid import UUID

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.simulator.line_bodies import answer_error
from shared.ids import new_id

REQUEST_ID_HEADER = "X-Toxiproxy-Request-Id"
_FOREIGN_SITES = (b"cross-site", b"same-site")
_PAGES = ("/docs", "/redoc", "/openapi.json")
_PAGE_FOLDERS = ("/assets/", "/docs/")


class Doorkeeper:
    def __init__(self, app: ASGIApp, new_id: Callable[[], UUID] = new_id) -> None:
        self._app = app
        self._new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = str(self._new_id())

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        headers = dict(scope["headers"])
        if headers.get(b"sec-fetch-site") in _FOREIGN_SITES:
            answer = answer_error("other sites may not call", 403)
            await answer(scope, receive, send_named)
        elif headers.get(b"user-agent", b"").startswith(b"Mozilla/") and not _is_page(scope):
            refusal = PlainTextResponse("User agent not allowed\n", 403)  # Toxiproxy's words.
            await refusal(scope, receive, send_named)
        else:
            await self._app(scope, receive, send_named)


def _is_page(scope: Scope) -> bool:
    path: str = scope["path"]
    is_about_the_api = path in _PAGES or path.startswith(_PAGE_FOLDERS)
    return scope["method"] in ("GET", "HEAD") and is_about_the_api
