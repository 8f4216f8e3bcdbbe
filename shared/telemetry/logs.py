"""Structured logs: one JSON line per event on stdout, pretty on a terminal."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

# A belt beside the braces: no event of ours carries these, and none ever shall.
PERSONAL_KEYS = frozenset(
    {"nik", "name", "mother_name", "birth_date", "birth_place", "street", "family_card", "card"}
)


def _without_personal(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in PERSONAL_KEYS & event.keys():
        event[key] = "[removed]"
    return event


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
        _without_personal,
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
                # Tracebacks name files and lines; locals could be people, so they are left out.
                structlog.processors.format_exc_info,
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
