"""What a browser does with our pages, over plain HTTP: keeps a cookie, sends forms."""

import re

import httpx

from services.central.adjudication.page import HOME
from tests.doors.adjudication_world import cookie_of

WORDS = "Kedua wajah jelas milik dua orang."
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


class Browser:
    """Keeps a cookie and sends forms as a browser does from a page of this server."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.cookie = ""
        self.form_key = ""

    async def sign_in(self, token: str, wanted: str = HOME, home: str = HOME) -> httpx.Response:
        """home: a page with a form, which tells the session's key."""
        answer = await self.post("/sign-in", {"token": token, "next": wanted})
        if "set-cookie" in answer.headers:
            self.cookie = cookie_of(answer)
            self.form_key = _form_key(await self.get(home))
        return answer

    async def get(self, path: str) -> httpx.Response:
        headers = {"cookie": self.cookie} if self.cookie else {}
        return await self.client.get(path, headers=headers)

    async def post(
        self, path: str, fields: dict[str, str], **changes: str | None
    ) -> httpx.Response:
        headers = {"sec-fetch-site": "same-origin", "cookie": self.cookie} | {
            name.replace("_", "-"): value for name, value in changes.items()
        }
        given = {"form_key": self.form_key, **fields} if self.form_key else fields
        kept = {name: value for name, value in headers.items() if value}
        return await self.client.post(path, data=given, headers=kept)

    async def ask(self, method: str, path: str) -> httpx.Response:
        """Any method; a stream that would not end is left once it has begun."""
        headers = {"sec-fetch-site": "same-origin"}
        headers |= {"cookie": self.cookie} if self.cookie else {}
        fields = {"form_key": self.form_key} if method == "POST" else None
        async with self.client.stream(method, path, data=fields, headers=headers) as answer:
            if answer.headers.get("content-type", "").startswith("text/event-stream"):
                return httpx.Response(answer.status_code, request=answer.request)
            await answer.aread()
            return answer


def _form_key(answer: httpx.Response) -> str:
    found = re.search(r'name="form_key" value="([^"]+)"', answer.text)
    return found.group(1) if found else ""


def a_vote(verdict: str = "different_people", **changes: str) -> dict[str, str]:
    return {
        "edition": "1",
        "verdict": verdict,
        "reason": "faces_differ",
        "words": WORDS,
        **changes,
    }
