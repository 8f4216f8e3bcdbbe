"""Ids as a port: UUIDv7, made by whoever creates the thing (RFC 9562).

Order is never read from an id: clocks jump. Order comes from `seq` and `pos`.
"""

from collections.abc import Callable
from uuid import UUID

import uuid_utils.compat

NewId = Callable[[], UUID]


def new_id() -> UUID:
    """A fresh UUIDv7: ids made together lie together in an index."""
    return uuid_utils.compat.uuid7()
