"""What a tracer exports: routes and times, and no word of a request."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from door_world import World
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.telemetry import traces
from tests.canaries import Canary, everything_of, leaks

ONE = Canary(40)


@pytest.fixture
def exported() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = traces.provider()
    assert provider is not None
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield exporter
    exporter.shutdown()


@pytest.mark.security
async def test_spans_hold_no_word_of_a_request(
    tmp_path: Path, exported: InMemorySpanExporter
) -> None:
    world = World(tmp_path, otel_endpoint="http://127.0.0.1:9")
    world.trouble = LookupError(f"nobody is called {ONE.word('name')}")
    name, nik = ONE.word("name"), ONE.nik
    async with world.client() as client:
        for path in (f"/v1/things/{nik}", f"/v1/poll/{name}", f"/v1/typed?limit={nik}&{name}=1"):
            for method in ("GET", "PUT", "POST", name):
                headers = {"host": name, "user-agent": nik, "x-request-id": nik}
                await client.request(method, path, headers=headers, json={"nik": nik, name: name})
        assert (await client.get("/v1/trouble")).status_code == 500

    said = "\n".join(span.to_json() for span in exported.get_finished_spans()).encode()

    assert b"/v1/things/{thing_id}" in said
    assert b"LookupError" in said
    assert leaks(everything_of([ONE]), {"traces": said}) == []
