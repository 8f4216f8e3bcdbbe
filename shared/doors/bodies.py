"""Request bodies read as bytes and validated strictly, once, with pydantic's JSON parser.

FastAPI would parse to Python objects first; strict models then refuse dates and UUIDs, and the hot
path would pay twice. The schema still stands in the OpenAPI document.
"""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from fastapi import Request
from pydantic import TypeAdapter, ValidationError
from pydantic.json_schema import models_json_schema

from shared.audit.seeing import saw_in
from shared.refusals import InvalidInput, UnsupportedMediaType

T = TypeVar("T")
COMPONENT = "#/components/schemas/{model}"
# Each unknown member is an error of its own, and a body of nothing else costs seconds to refuse.
PARTS_MAX = 20_000
_models: dict[str, Any] = {}


class JsonBody(Generic[T]):
    """A JSON request body of one model, with an example for its page."""

    def __init__(
        self, model: type[T], example: Mapping[str, Any], parts_max: int = PARTS_MAX
    ) -> None:
        """parts_max: members and items, as commas and colons count them, those in texts, too."""
        self._parts_max = parts_max
        self.adapter: TypeAdapter[T] = TypeAdapter(model)
        self._name = model.__name__
        self._example = dict(example)
        _models[self._name] = model

    @property
    def openapi(self) -> dict[str, Any]:
        """For `openapi_extra=` of the operation."""
        return {
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {"$ref": COMPONENT.format(model=self._name)},
                        "examples": {"example": {"value": self._example}},
                    }
                },
            }
        }

    async def read(self, request: Request) -> T:
        """Refuses: UnsupportedMediaType, InvalidInput (with places and kinds, never values)."""
        expect_media_type(request, "application/json")
        return self.parse(await request.body())

    def parse(self, body: bytes) -> T:
        """Refuses: InvalidInput."""
        self.check_parts(body)
        try:
            read = self.adapter.validate_json(body)
        except ValidationError as faults:
            raise InvalidInput.of(faults) from None
        saw_in(read)
        return read

    def check_parts(self, body: bytes) -> None:
        """Before anything is made of it. Refuses: InvalidInput."""
        if body.count(b",") + body.count(b":") > self._parts_max:
            raise InvalidInput("The body has far more parts than there are places for.")


def expect_media_type(request: Request, wanted: str) -> None:
    """Refuses: UnsupportedMediaType. Parameters such as charset are let pass."""
    given = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if given != wanted:
        raise UnsupportedMediaType(f"Send the body as {wanted}.")


def add_body_schemas(document: dict[str, Any]) -> None:
    """Put the schemas of the bodies that this document refers to among its components."""
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    wanted = [model for name, model in _models.items() if _is_referred(document, name)]
    if not wanted:
        return
    _, definitions = models_json_schema(
        [(model, "validation") for model in wanted], ref_template=COMPONENT
    )
    for name, schema in definitions.get("$defs", {}).items():
        schemas.setdefault(name, schema)


def _is_referred(document: dict[str, Any], name: str) -> bool:
    reference = COMPONENT.format(model=name)
    return any(
        content.get("schema", {}).get("$ref") == reference
        for path in document.get("paths", {}).values()
        for operation in path.values()
        if isinstance(operation, dict)
        for content in operation.get("requestBody", {}).get("content", {}).values()
    )
