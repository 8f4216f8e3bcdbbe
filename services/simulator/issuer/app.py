"""The development issuer's doors: metadata, keys, the page of officers, codes and tokens."""

import json
import secrets
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from services.simulator.issuer import codes
from services.simulator.issuer.codes import Asked, Client, Granted, NotAnswered
from services.simulator.issuer.officers import BY_SUBJECT, OFFICERS, Officer
from services.simulator.settings import IssuerSettings
from shared.clock import Clock, SystemClock
from shared.signing import SigningKey, jwks_of, load_or_create_key

HOST = "127.0.0.1"
HERE = frozenset({"127.0.0.1", "localhost"})
CODES_MAX = 1_000
FORM_BYTES_MAX = 8 * 1024
KID = "development-issuer"
_STYLE = (
    "<style>body{font:1.05rem/1.5 system-ui,sans-serif;max-width:38rem;margin:2rem auto;"
    "padding:0 1rem;color:#1b1b1b;background:#fff}button{font:inherit;width:100%;margin:.25rem 0;"
    "padding:.6rem;text-align:left}.warn{border-left:.3rem solid #a33;padding:.2rem 1rem;"
    "background:#fbf1f0}</style>"
)


@dataclass
class DevelopmentIssuer:
    """Its officers, key and codes. `claims` may be overridden by tests that need a bad issuer."""

    address: str
    key: SigningKey
    clients: Mapping[str, Client]
    clock: Clock
    codes: dict[str, Granted] = field(default_factory=dict)

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/jwks",
            "end_session_endpoint": f"{self.address}/end-session",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["Ed25519"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def jwks(self) -> dict[str, object]:
        return jwks_of([self.key])

    def grant(self, asked: Asked, officer: Officer) -> str:
        """Where the officer goes with a code."""
        code = secrets.token_urlsafe(32)
        while len(self.codes) >= CODES_MAX:
            self.codes.pop(next(iter(self.codes)))
        self.codes[code] = Granted(asked, officer, self.clock.now())
        return self.answer(asked, {"code": code})

    def answer(self, asked: Asked, told: Mapping[str, str]) -> str:
        query = urlencode({**told, "state": asked.state, "iss": self.address})
        return f"{asked.redirect}?{query}"

    def tokens(self, client: Client, form: Mapping[str, str]) -> dict[str, Any] | None:
        """None for a code that is unknown, used, too old, or somebody else's."""
        granted = self.codes.pop(form.get("code", ""), None)
        redirect, verifier = form.get("redirect_uri", ""), form.get("code_verifier", "")
        now = self.clock.now()
        if granted is None or not codes.may_exchange(granted, client, redirect, verifier, now):
            return None
        return {
            "token_type": "Bearer",
            "expires_in": int(codes.TOKEN_LIVES.total_seconds()),
            "access_token": self.sign(self.claims(granted, "tunggal")),
            "id_token": self.sign(self.claims(granted, client.client_id)),
        }

    def claims(self, granted: Granted, audience: str) -> dict[str, Any]:
        session = secrets.token_urlsafe(16)
        made = codes.claims_of(granted.officer, self.address, audience, session, self.clock.now())
        return {**made, "nonce": granted.asked.nonce}

    def sign(self, claims: Mapping[str, Any]) -> str:
        return self.key.sign(json.dumps(claims, separators=(",", ":")).encode(), "JWT")


def create_app(issuer: DevelopmentIssuer) -> FastAPI:
    app = FastAPI(title="Tunggal, an issuer for development", docs_url=None, redoc_url=None)
    app.state.issuer = issuer
    _only_here(app)
    _add_documents(app, issuer)
    _add_pages(app, issuer)
    return app


def _only_here(app: FastAPI) -> None:
    @app.middleware("http")
    async def refuse_others(
        request: Request, go_on: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        """A name from elsewhere that leads here would let another site sign people in."""
        if request.url.hostname not in HERE:
            return JSONResponse({"error": "only_on_this_machine"}, status_code=403)
        response = await go_on(request)
        response.headers["cache-control"] = "no-store"
        return response


def _add_documents(app: FastAPI, issuer: DevelopmentIssuer) -> None:
    @app.get("/.well-known/openid-configuration")
    async def metadata() -> JSONResponse:
        return JSONResponse(issuer.metadata())

    @app.get("/jwks")
    async def jwks() -> JSONResponse:
        return JSONResponse(issuer.jwks())

    @app.post("/token")
    async def token(request: Request) -> JSONResponse:
        client = _client(issuer, request.headers.get("authorization", ""))
        if client is None:
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        made = issuer.tokens(client, await _form(request))
        if made is None:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        return JSONResponse(made)


def _add_pages(app: FastAPI, issuer: DevelopmentIssuer) -> None:
    @app.get("/authorize")
    async def choose(request: Request) -> Response:
        try:
            asked = codes.asked_of(request.query_params, issuer.clients)
        except NotAnswered as why:
            return _page(f"<h1>Tidak dijawab · Not answered</h1><p>{escape(str(why))}</p>", 400)
        buttons = "".join(
            f'<button name="officer" value="{one.subject}"><b>{one.subject}</b> '
            f"{escape(one.says)}</button>"
            for one in OFFICERS
        )
        return _page(
            "<h1>Masuk sebagai · Sign in as</h1>"
            f'<form method="post" action="/authorize?{escape(request.url.query)}">{buttons}'
            '<button name="officer" value="">Batal · Cancel</button></form>',
            sends_to=asked.redirect,
        )

    @app.post("/authorize")
    async def chosen(request: Request) -> Response:
        try:
            asked = codes.asked_of(request.query_params, issuer.clients)
        except NotAnswered as why:
            return _page(f"<h1>Tidak dijawab · Not answered</h1><p>{escape(str(why))}</p>", 400)
        officer = BY_SUBJECT.get((await _form(request)).get("officer", ""))
        refused = issuer.answer(asked, {"error": "access_denied"})
        to = issuer.grant(asked, officer) if officer else refused
        return RedirectResponse(to, status_code=303)

    @app.get("/end-session")
    async def end_session() -> Response:
        return _page(
            "<h1>Sudah keluar · Signed out</h1><p>Nothing is kept here: each sign-in asks anew.</p>"
        )


def _page(body: str, status: int = 200, sends_to: str | None = None) -> HTMLResponse:
    places = "'self'"
    if sends_to is not None:
        parts = urlsplit(sends_to)
        places = f"{places} {parts.scheme}://{parts.netloc}"
    return HTMLResponse(
        '<!doctype html><html lang="id"><head><meta charset="utf-8"><title>Penerbit untuk '
        "pengembangan · Issuer for development</title>"
        f'<meta name="viewport" content="width=device-width,initial-scale=1">{_STYLE}</head>'
        '<body><p class="warn"><b>Hanya untuk pengembangan.</b> Tanpa kata sandi, orang rekaan, '
        "hanya di komputer ini. <b>For development only:</b> no passwords, invented people, this "
        f"machine alone.</p>{body}</body></html>",
        status_code=status,
        headers={
            "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; "
            f"form-action {places}; frame-ancestors 'none'; base-uri 'none'",
            "referrer-policy": "no-referrer",
        },
    )


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > FORM_BYTES_MAX:
            return {}
    try:
        return dict(parse_qsl(body.decode(errors="replace"), max_num_fields=20))
    except ValueError:
        return {}


def _client(issuer: DevelopmentIssuer, header: str) -> Client | None:
    scheme, _, told = header.partition(" ")
    try:
        name, _, secret = b64decode(told).decode().partition(":")
    except ValueError:
        return None
    client = issuer.clients.get(unquote_plus(name))
    if scheme.lower() != "basic" or client is None:
        return None
    is_it = secrets.compare_digest(unquote_plus(secret).encode(), client.secret.encode())
    return client if is_it else None


async def run(settings: IssuerSettings) -> None:
    """Serve on this machine alone, until told to stop by a signal."""
    clients = {
        one.client_id: Client(
            one.client_id, one.secret_file.read_text().strip(), tuple(one.redirects)
        )
        for one in settings.clients
    }
    key = load_or_create_key(settings.key_file, KID)
    issuer = DevelopmentIssuer(f"http://{HOST}:{settings.port}", key, clients, SystemClock())
    config = uvicorn.Config(
        create_app(issuer),
        host=HOST,
        port=settings.port,
        timeout_graceful_shutdown=2,
        log_config=None,
    )
    await uvicorn.Server(config).serve()
