"""Logs: one JSON line an event, with ids; nothing personal, not even by way of an exception."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from pydantic import TypeAdapter

from shared.telemetry import logs

NIK = "6172015307990001"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    yield
    root.handlers[:], root.level = handlers, level
    structlog.configure(**before)


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_an_event_is_one_line_with_its_moment_level_service_and_trace(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.set_up("regional", "json", "info")
    with structlog.contextvars.bound_contextvars(trace_id="a" * 32):
        structlog.get_logger().info("uplink.batch_sent", items=3)

    (line,) = lines_of(capsys)
    assert line.pop("ts")
    assert line == {
        "event": "uplink.batch_sent",
        "items": 3,
        "level": "info",
        "service.name": "regional",
        "trace_id": "a" * 32,
    }


def test_libraries_speak_through_the_same_lines(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("regional", "json", "info")
    logging.getLogger("uvicorn.error").warning("Invalid %s request", "HTTP")
    logging.getLogger("uvicorn.access").info("GET /v1/recordings")
    logging.getLogger("httpx").info("HTTP Request: GET http://centre/")

    (line,) = lines_of(capsys)
    assert (line["event"], line["level"]) == ("Invalid HTTP request", "warning")


def test_personal_keys_and_what_looks_like_a_nik_are_removed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.set_up("regional", "json", "info")
    structlog.get_logger().info(
        f"took {NIK}", name="Siti", nik=int(NIK), place=f"x/{NIK}/y", sha256="9" * 64
    )

    out = capsys.readouterr().out
    assert NIK not in out
    assert "Siti" not in out
    assert "9" * 64 in out


@pytest.mark.parametrize("log_format", ["json", "pretty"])
def test_an_exception_is_told_by_kind_and_place_and_not_by_its_message(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up("regional", log_format, "info")
    secret = "Siti Rahmawati"
    try:
        try:
            TypeAdapter(int).validate_python(secret)
        except ValueError as cause:
            raise LookupError(f"nobody is called {secret}") from cause
    except LookupError:
        structlog.get_logger().exception("loop.died")
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")

    out = capsys.readouterr().out
    assert "Siti" not in out
    assert out.count("LookupError") == 2
    assert out.count("ValidationError") == 2
    assert "test_logs.py" in out


def test_an_exception_group_tells_its_members() -> None:
    trouble = ExceptionGroup("two", [OSError(28, "full"), KeyError("Siti")])

    told = logs.frames_of((type(trouble), trouble, None))

    assert "builtins.OSError errno=28" in told
    assert "builtins.KeyError" in told
    assert "Siti" not in told


def test_a_ring_of_causes_ends() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first

    assert len(logs.frames_of((ValueError, first, None)).splitlines()) == 2
