"""Traces: one id in the span, the log and the problem; no log record or message leaves."""

from pathlib import Path

from door_world import THING_ID, World
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.telemetry import traces


async def test_a_traced_service_names_the_spans_own_trace(tmp_path: Path) -> None:
    exporter, provider = InMemorySpanExporter(), traces.provider()
    assert provider is not None
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    world = World(tmp_path, otel_endpoint="http://127.0.0.1:9")
    async with world.client() as client:
        problem = (await client.get("/v1/missing")).json()

    found = {f"{one.context.trace_id:032x}" for one in exporter.get_finished_spans()}
    exporter.shutdown()
    assert found == {problem["trace_id"]}


async def test_a_service_without_an_endpoint_exports_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)

    assert not any(world.app._telemetry[signal] for signal in ("tracing", "metrics", "logs"))


def test_log_records_are_never_exported() -> None:
    assert traces.ON["logs"] is False


async def test_a_request_id_of_the_callers_comes_back(tmp_path: Path) -> None:
    world = World(tmp_path)
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    async with world.client() as client:
        named = await client.get("/livez", headers={"x-request-id": THING_ID})
        traced = await client.get("/livez", headers={"traceparent": f"00-{trace}-{'a' * 16}-01"})
        personal = await client.get("/livez", headers={"x-request-id": "6172015307990001"})

    assert named.headers["x-request-id"] == THING_ID
    assert traced.headers["x-request-id"] == trace
    assert personal.headers["x-request-id"] != "6172015307990001"
