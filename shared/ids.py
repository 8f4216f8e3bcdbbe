"""Ids as a port: UUIDv7, made by whoever creates the thing (RFC 9562).

Order is never read from an id: clocks jump. Order comes from `seq` and `pos`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import uuid_utils.compat

NewId = Callable[[], UUID]

_makers: list[NewId] = [uuid_utils.compat.uuid7]


def new_id() -> UUID:
    """A fresh UUIDv7: ids made together lie together in an index."""
    return _makers[-1]()


@contextmanager
def ids_from(maker: NewId) -> Iterator[None]:
    """Let this process take its ids from elsewhere, as a replay must; for simulations alone."""
    _makers.append(maker)
    try:
        yield
    finally:
        _makers.pop()
