"""Traces by FastAPI's own OpenTelemetry: off until an endpoint is named."""

import os


def prepare(service: str, endpoint: str | None) -> None:
    """Set what OpenTelemetry reads, before the first request. Needs the `telemetry` extra."""
    if endpoint is None:
        os.environ.setdefault("OTEL_SDK_DISABLED", "true")
        return
    os.environ.setdefault("OTEL_SERVICE_NAME", service)
    os.environ.setdefault("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    # The stable names; without this the library still emits the ones from before 2024.
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")
