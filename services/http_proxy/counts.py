"""The proxy's counters for Prometheus: plain numbers, because they are counted with each request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric


class ProxyCounts(Collector):
    """Requests and tunnels that have ended, by the first digit of their status, and octets of bodies and tunnels."""

    def __init__(self) -> None:
        self.statuses: defaultdict[int, int] = defaultdict(int)  # up to 900: what an origin says has three digits
        self.octets_in = 0
        self.octets_out = 0

    def collect(self) -> Iterable[Metric]:
        """The numbers of this moment."""
        requests = CounterMetricFamily(
            "agora_proxy_requests", "Requests and tunnels that have ended, by the kind of status.", labels=["status"]
        )
        kinds: dict[str, int] = {}
        for status, number in self.statuses.items():
            kind = f"{status // 100}xx" if 100 <= status < 600 else "other"
            kinds[kind] = kinds.get(kind, 0) + number
        for kind, number in sorted(kinds.items()):
            requests.add_metric([kind], number)
        octets = CounterMetricFamily(
            "agora_proxy_bytes", "Octets of bodies and tunnels, from clients (in) and to them (out).",
            labels=["direction"],
        )  # fmt: skip
        octets.add_metric(["in"], self.octets_in)
        octets.add_metric(["out"], self.octets_out)
        return [requests, octets]
