"""What the lines have carried, as Prometheus reads it, under Toxiproxy's names."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from services.simulator.line_schemas import spelled
from services.simulator.link import STREAMS
from services.simulator.proxy import Line

_LABELS = ("direction", "listener", "proxy", "upstream")


def metrics_page(lines: Callable[[], Mapping[str, Line]]) -> bytes:
    """Write the page anew from the lines as they are."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Traffic(lines))
    return generate_latest(registry)


class _Traffic(Collector):
    def __init__(self, lines: Callable[[], Mapping[str, Line]]) -> None:
        self._lines = lines

    def collect(self) -> Iterator[CounterMetricFamily]:
        received = CounterMetricFamily(
            "toxiproxy_proxy_received_bytes", "Bytes received from a sender.", labels=_LABELS
        )
        sent = CounterMetricFamily(
            "toxiproxy_proxy_sent_bytes", "Bytes sent on to a receiver.", labels=_LABELS
        )
        for name, line in self._lines().items():
            for stream in STREAMS:
                labels = (stream, spelled(*line.listen), name, spelled(*line.upstream))
                received.add_metric(labels, line.received_bytes[stream])
                sent.add_metric(labels, line.sent_bytes[stream])
        yield received
        yield sent
