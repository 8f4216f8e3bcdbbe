"""Structured logs: one JSON line per event on stdout, pretty on a terminal.

`event` names are an interface: `room.what_happened`. Values are ids, counts, codes and durations.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import Processor

# A belt beside the braces: no event of ours carries these, and none ever shall.
PERSONAL_KEYS = frozenset(
    {"nik", "name", "mother_name", "birth_date", "birth_place", "street", "family_card", "card"}
)


# Sixteen digits, not within a hexadecimal id: what a NIK looks like.
_NIK = re.compile(r"(?<![0-9a-fA-F])[0-9]{16}(?![0-9a-fA-F])")
REMOVED = "[removed]"
FRAMES_MAX = 40
EXCEPTIONS_MAX = 8
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def _without_personal(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key in PERSONAL_KEYS:
            event[key] = REMOVED
        elif isinstance(value, str):
            event[key] = _NIK.sub(REMOVED, value)
    return event


def frames_of(exc_info: _ExcInfo) -> str:
    """Where it happened and what kind of thing, cause first; never a message.

    Messages repeat values: pydantic's the input, PostgreSQL's the row a constraint refused.
    """
    return "\n".join(line for one in reversed(_chain(exc_info[1])) for line in _told(one))


def _chain(trouble: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    following: BaseException | None = trouble
    while following is not None and following not in chain and len(chain) < EXCEPTIONS_MAX:
        chain.append(following)
        hidden = following.__suppress_context__
        following = following.__cause__ or (None if hidden else following.__context__)
    return chain


def _told(trouble: BaseException) -> Iterator[str]:
    kind = type(trouble)
    number = getattr(trouble, "errno", None)
    state = getattr(getattr(trouble, "orig", trouble), "sqlstate", None)
    yield " ".join(
        [
            f"{kind.__module__}.{kind.__qualname__}",
            *([f"errno={number}"] if isinstance(number, int) else []),
            *([f"sqlstate={state}"] if isinstance(state, str) else []),
        ]
    )
    for frame in traceback.extract_tb(trouble.__traceback__)[-FRAMES_MAX:]:
        yield f"  {frame.filename}:{frame.lineno} {frame.name}"
    if isinstance(trouble, BaseExceptionGroup):
        for inner in trouble.exceptions[:EXCEPTIONS_MAX]:
            yield from (f"  {line}" for line in _told(inner))


def set_up(service: str, log_format: str, level: str) -> None:
    """Route everything, uvicorn and libraries included, through structlog."""
    is_pretty = log_format == "pretty" or (log_format == "auto" and sys.stdout.isatty())

    def name_service(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service.name"] = service
        return event

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
        name_service,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.dev.ConsoleRenderer() if is_pretty else structlog.processors.JSONRenderer()
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(frames_of),
                _without_personal,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in (
        "httpx",
        "httpcore",
        "sqlalchemy.engine",
        "uvicorn.access",
        "asyncio",
        "alembic",
    ):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    for routed in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(routed).handlers[:] = []
        logging.getLogger(routed).propagate = True
