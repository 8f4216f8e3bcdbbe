"""Traces: one id in the span, the log and the problem; no log record or message leaves."""

from pathlib import Path

from door_world import World
from opentelemetry import trace

from shared.telemetry import traces

SPAN = trace.NonRecordingSpan(
    trace.SpanContext(
        trace_id=0xABC123, span_id=0x1, is_remote=False, trace_flags=trace.TraceFlags(1)
    )
)


async def test_a_traced_service_names_the_spans_own_trace(tmp_path: Path) -> None:
    world = World(tmp_path, otel_endpoint="http://127.0.0.1:9")
    async with world.client() as client:
        with trace.use_span(SPAN):
            problem = (await client.get("/v1/missing")).json()

    assert problem["trace_id"] == f"{0xABC123:032x}"


async def test_a_service_without_an_endpoint_exports_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)

    assert not any(world.app._telemetry[signal] for signal in ("tracing", "metrics", "logs"))


def test_log_records_are_never_exported() -> None:
    assert traces.ON["logs"] is False
