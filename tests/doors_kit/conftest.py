"""Logs of these tests are told as in production: a rendered traceback takes a second."""

from collections.abc import Iterator

import pytest
import structlog

from shared.telemetry.logs import frames_of
from tests.watched_logs import WATCH


@pytest.fixture(autouse=True)
def _plain_logs() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.ExceptionRenderer(frames_of),
            WATCH.look,
            structlog.processors.JSONRenderer(),
        ]
    )
    yield
    structlog.configure(**before)  # the defaults draw a traceback for ten seconds when it is busy
