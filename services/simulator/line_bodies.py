"""Bodies and errors of the line's control API, the way Toxiproxy's clients know them.

Bodies are read raw: those clients, and `curl -d`, send JSON under any content type or none.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Depends, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException

from services.simulator.line_register import BadBody, LineRefused, LineRegister
from services.simulator.line_schemas import ErrorView

BODY_BYTES_MAX = 1024 * 1024

Read = TypeVar("Read")


async def _raw_body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_BYTES_MAX:
            raise HTTPException(413, f"a body has at most {BODY_BYTES_MAX} bytes")
    return bytes(body)


RawBody = Annotated[bytes, Depends(_raw_body)]


def _register(request: Request) -> LineRegister:
    register: LineRegister = request.app.state.register
    return register


Register = Annotated[LineRegister, Depends(_register)]


def read(kind: type[Read], body: bytes) -> Read:
    """Read a JSON body. Refuses: BadBody, naming the place and never echoing what is there."""
    try:
        return TypeAdapter(kind).validate_json(body)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadBody(f"{place}: {first['msg']}" if place else first["msg"]) from None


def body_of(model: type[BaseModel], *, many: bool = False) -> dict[str, Any]:
    """Describe a raw body to OpenAPI: the schema the route reads it by."""
    schema: dict[str, Any] = {"$ref": f"#/components/schemas/{model.__name__}"}
    if many:
        schema = {"type": "array", "items": schema}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def describe_raw_bodies(app: FastAPI, models: Sequence[type[BaseModel]]) -> Callable[[], Any]:
    """Make the app's OpenAPI document name the models its raw bodies are read by."""

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            document = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
            )
            _, defined = models_json_schema(
                [(model, "validation") for model in models],
                ref_template="#/components/schemas/{model}",
            )
            document["components"]["schemas"].update(defined["$defs"])
            app.openapi_schema = document
        return app.openapi_schema

    return openapi


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Document refusals of a route."""
    said = {400: "The body makes no sense.", 404: "There is no such name.", 409: "It exists."}
    return {status: {"model": ErrorView, "description": said[status]} for status in statuses}


def answer_error(message: str, status: int) -> JSONResponse:
    return JSONResponse({"error": message, "status": status}, status)


async def answer_refused(_: Request, refused: Exception) -> JSONResponse:
    """Say a refusal in Toxiproxy's words and shape."""
    if isinstance(refused, LineRefused):
        return answer_error(str(refused), refused.status)
    if isinstance(refused, HTTPException):
        return answer_error(str(refused.detail), refused.status_code)
    raise refused
