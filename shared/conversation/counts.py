"""What a factory counts of its conversations; plain numbers, read when somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric


@dataclass(slots=True)
class Counts:
    """Since the process began, except `open_now`. A counter with a lock would cost a line a tenth of its time."""

    open_now: int = 0
    accepted: int = 0
    refused: int = 0
    lines: int = 0
    timed_out: int = 0


class ConversationCollector(Collector):
    """Gives the counts of several factories to Prometheus, by the factory's name."""

    def __init__(self, counts: Callable[[], Iterable[tuple[str, Counts]]]) -> None:
        self._counts = counts

    def collect(self) -> Iterable[Metric]:
        """The numbers of this moment."""
        open_now = GaugeMetricFamily("agora_connections_open", "Connections open now", labels=["door"])
        families = {
            "accepted": CounterMetricFamily("agora_connections_accepted", "Connections accepted", labels=["door"]),
            "refused": CounterMetricFamily("agora_connections_refused", "Connections above a limit", labels=["door"]),
            "lines": CounterMetricFamily("agora_lines_read", "Command lines read", labels=["door"]),
            "timed_out": CounterMetricFamily("agora_connections_timed_out", "Clients silent too long", labels=["door"]),
        }
        for name, counts in self._counts():
            open_now.add_metric([name], counts.open_now)
            for field, family in families.items():
                family.add_metric([name], getattr(counts, field))
        return [open_now, *families.values()]
