"""Traces by FastAPI's own OpenTelemetry: off until an endpoint is named.

Spans name routes, ids and durations. Log records and exception messages are never exported: those
could hold what somebody sent. Nor is what stands in an address: a NIK may by mistake, and the word
of a receipt or a letter always does.
"""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi.telemetry import TelemetryConfig
from opentelemetry import trace

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

OFF: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
ON: TelemetryConfig = {"auto_configure": True, "logs": False}
REMOVED = "[removed]"
# Words of the request. `http.route` says which operation it was.
_SAID_BY_CLIENTS = ("url.path", "url.query", "http.request.method_original", "server.address")


def prepare(service: str, endpoint: str | None) -> None:
    """Set what OpenTelemetry reads, before the application is made. Needs the `telemetry` extra."""
    if endpoint is None:
        os.environ.setdefault("OTEL_SDK_DISABLED", "true")
        return
    os.environ.setdefault("OTEL_SERVICE_NAME", service)
    os.environ.setdefault("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    # The stable names; without this the library still emits the ones from before 2024.
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")


def config_of(endpoint: str | None) -> TelemetryConfig:
    """What FastAPI is told."""
    if endpoint is None:
        return OFF
    if (ours := provider()) is None:
        return ON  # it says itself what is not installed
    return {**ON, "tracer_provider": ours}


@cache
def provider() -> "TracerProvider | None":
    """One for this process, whose spans lose a client's words as they begin; None: no SDK here."""
    try:
        from opentelemetry.sdk.trace import SpanProcessor, TracerProvider  # noqa: PLC0415 an extra
    except ImportError:
        return None

    class WithoutWords(SpanProcessor):
        def on_start(self, span: Any, parent_context: Any = None) -> None:  # noqa: ARG002
            for name in _SAID_BY_CLIENTS:
                if name in span.attributes:
                    span.set_attribute(name, REMOVED)

    made = TracerProvider()
    made.add_span_processor(WithoutWords())
    return made


def current_trace_id() -> str | None:
    """The id of the span we are in, so that logs and problems name the trace people look at."""
    context = trace.get_current_span().get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else None
