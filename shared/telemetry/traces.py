"""Traces by FastAPI's own OpenTelemetry: off until an endpoint is named.

Spans name routes, ids and durations. Log records and exception messages are never exported: those
could hold what somebody sent.
"""

import os

from fastapi.telemetry import TelemetryConfig
from opentelemetry import trace

OFF: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
ON: TelemetryConfig = {"auto_configure": True, "logs": False}


def prepare(service: str, endpoint: str | None) -> None:
    """Set what OpenTelemetry reads, before the application is made. Needs the `telemetry` extra."""
    if endpoint is None:
        os.environ.setdefault("OTEL_SDK_DISABLED", "true")
        return
    os.environ.setdefault("OTEL_SERVICE_NAME", service)
    os.environ.setdefault("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    # The stable names; without this the library still emits the ones from before 2024.
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")


def current_trace_id() -> str | None:
    """The id of the span we are in, so that logs and problems name the trace people look at."""
    context = trace.get_current_span().get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else None
