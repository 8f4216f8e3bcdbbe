"""A room's operations as methods of one object that holds what they need.

@dataclass(frozen=True)
class QueueDoors(Doors):
database: Database

@door.get("/queue", summary="See the queue")
async def get_queue(self, caller: Watch) -> QueueView: ...

create_service(routers=[QueueDoors(database).router(tag="status")], ...)
"""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from fastapi import APIRouter
from fastapi.routing import APIRoute

from shared.doors.looking import LookingRoute, watched

F = TypeVar("F", bound=Callable[..., Any])
_MARK = "__door__"
BODY_BYTES_MAX = 4 * 1024 * 1024  # of an operation that says nothing else


def operation_id(route: APIRoute) -> str:
    return route.name


def new_router(tag: str, prefix: str = "", route_class: type[APIRoute] = APIRoute) -> APIRouter:
    """For routes as they will stand in the application: building one costs a millisecond."""
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        route_class=route_class,
        generate_unique_id_function=operation_id,
        max_body_size=BODY_BYTES_MAX,
    )


class Doors:
    """What has operations; `router` hands them to FastAPI in the order they are written."""

    route_class: ClassVar[type[APIRoute]] = LookingRoute

    def router(self, tag: str, prefix: str = "") -> APIRouter:
        found = new_router(tag, prefix, self.route_class)
        for name, function in vars(type(self)).items():
            mark = getattr(function, _MARK, None)
            if mark is not None:
                method, path, options = mark
                endpoint = watched(getattr(self, name))
                found.add_api_route(path, endpoint, methods=[method], **self._options(options))
        return found

    def _options(self, options: dict[str, Any]) -> dict[str, Any]:
        """What FastAPI is told of one operation."""
        return options


class _Marker:
    """Marks a method as an operation; takes what FastAPI's decorators take."""

    def get(self, path: str, **options: Any) -> Callable[[F], F]:
        return _marked("GET", path, options)

    def put(self, path: str, **options: Any) -> Callable[[F], F]:
        return _marked("PUT", path, options)

    def post(self, path: str, **options: Any) -> Callable[[F], F]:
        return _marked("POST", path, options)

    def patch(self, path: str, **options: Any) -> Callable[[F], F]:
        return _marked("PATCH", path, options)

    def delete(self, path: str, **options: Any) -> Callable[[F], F]:
        return _marked("DELETE", path, options)

    def head(self, path: str, **options: Any) -> Callable[[F], F]:
        return _marked("HEAD", path, options)


def _marked(method: str, path: str, options: dict[str, Any]) -> Callable[[F], F]:
    def mark(function: F) -> F:
        setattr(function, _MARK, (method, path, options))
        return function

    return mark


door = _Marker()
