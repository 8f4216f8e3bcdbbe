"""Pages for people: of the API and of the problems, with nothing from outside this server."""

from functools import cache
from html import escape
from inspect import getdoc
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from shared.refusals import NotFound, Refusal, known_refusals, refusal_by_code

ASSETS = Path(fastapi_offline.__file__).parent / "static"
_REDOC_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
# ReDoc runs its search in a worker it makes from a blob; both write styles into the page.
_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_PLAIN_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
)
_SWAGGER_START = """\
window.ui = SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null,
  showExtensions: true, tryItOutEnabled: true, persistAuthorization: false,
  presets: [SwaggerUIBundle.presets.apis], layout: "BaseLayout"
});
"""


def _page(title: str, head: str, body: str, policy: str) -> HTMLResponse:
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">{head}</head>'
        f"<body>{body}</body></html>",
        headers={"content-security-policy": policy},
    )


@cache
def _redoc_script() -> bytes:
    """ReDoc without the picture its footer fetches from its makers."""
    script = (ASSETS / "redoc.standalone.js").read_bytes()
    return script.replace(_REDOC_LOGO, b"/assets/favicon.png")


def install_docs(app: FastAPI) -> None:
    """`/docs` and `/redoc` from assets that ship in a package, so they work with no internet."""

    @app.get("/assets/redoc.standalone.js", include_in_schema=False)
    async def redoc_script() -> Response:
        return Response(_redoc_script(), media_type="text/javascript")

    app.mount("/assets", StaticFiles(directory=ASSETS), name="assets")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return _page(
            f"{app.title} · API",
            '<link rel="stylesheet" href="/assets/swagger-ui.css">'
            '<link rel="icon" href="/assets/favicon.png">',
            '<div id="swagger-ui"></div><script src="/assets/swagger-ui-bundle.js"></script>'
            '<script src="/docs/start.js"></script>',
            _POLICY,
        )

    @app.get("/docs/start.js", include_in_schema=False)
    async def docs_start() -> Response:
        return Response(_SWAGGER_START, media_type="text/javascript")

    @app.get("/redoc", include_in_schema=False)
    async def redoc() -> HTMLResponse:
        return _page(
            f"{app.title} · API",
            '<link rel="icon" href="/assets/favicon.png">',
            '<redoc spec-url="/openapi.json" disable-search="true"></redoc>'
            '<script src="/assets/redoc.standalone.js"></script>',
            _POLICY,
        )


_STYLE = (
    "<style>body{font:1.05rem/1.6 system-ui,sans-serif;max-width:44rem;margin:2rem auto;"
    "padding:0 1rem;color:#1b1b1b;background:#fff}code{background:#f0f0ee;padding:.1em .3em}"
    "h1{line-height:1.25}.next{border-left:.3rem solid #0b6e4f;padding:.2rem 1rem;"
    "background:#f2f8f5}a{color:#0b5394}</style>"
)


def install_problem_pages(app: FastAPI) -> None:
    """`/problems/{code}`: the address in every problem's `type` opens a page people can read."""

    @app.get("/problems", include_in_schema=False)
    async def problems() -> HTMLResponse:
        rows = "".join(
            f'<li><a href="/problems/{one.code}"><code>{one.code}</code></a> '
            f"({one.status}) {escape(one.title)}</li>"
            for one in known_refusals()
        )
        return _page(
            "Masalah · Problems",
            _STYLE,
            f'<h1><span lang="id">Daftar masalah</span> · Problems</h1><ul>{rows}</ul>',
            _PLAIN_POLICY,
        )

    @app.get("/problems/{code}", include_in_schema=False)
    async def problem_page(code: str) -> HTMLResponse:
        kind = refusal_by_code(code)
        if kind is None:
            raise NotFound("No problem has this code.")
        return _page(f"{kind.title} · {kind.code}", _STYLE, _problem_body(kind), _PLAIN_POLICY)


def _problem_body(kind: type[Refusal]) -> str:
    paragraphs = "".join(
        f"<p>{escape(' '.join(part.split()))}</p>" for part in (getdoc(kind) or "").split("\n\n")
    )
    return (
        f'<p><a href="/problems"><span lang="id">Semua masalah</span> · All problems</a></p>'
        f"<h1>{escape(kind.title)}</h1><p><code>{kind.code}</code>, HTTP {kind.status}</p>"
        f'<div class="next"><p lang="id"><strong>Yang perlu dilakukan:</strong> '
        f"{escape(kind.next_action_id)}</p><p><strong>What to do next:</strong> "
        f"{escape(kind.next_action)}</p></div>{paragraphs}"
    )
