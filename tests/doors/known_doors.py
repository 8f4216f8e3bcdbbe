"""Every door of an application: operations, pages, files; and what guards each of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from shared.pages.room import NeedsSession
from tests.doors.operation_calls import PLACES


@dataclass(frozen=True)
class KnownDoor:
    """A method at an address, filled in. `roles`: of whoever signs in there; None: no session."""

    method: str
    template: str
    path: str
    roles: frozenset[str] | None
    is_operation: bool

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


def doors_of(app: FastAPI) -> Iterator[KnownDoor]:
    """Raises KeyError for an address with a place that the examples do not fill."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute):
            yield KnownDoor("GET", str(getattr(route, "path", route)), "", None, is_operation=False)
            continue
        guards = list(_guards(route.dependant))
        sessions = [one.roles for one in guards if isinstance(one, NeedsSession)]
        for method in context.methods or ():
            yield KnownDoor(
                method,
                str(context.path),
                str(context.path).format_map(PLACES),
                frozenset.intersection(*sessions) if sessions else None,
                is_operation=route.include_in_schema,
            )


def _guards(dependant: Dependant) -> Iterator[Any]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _guards(inner)
