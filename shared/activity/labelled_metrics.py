"""Counters and histograms for Prometheus that cost a door well below a microsecond.

Those of prometheus_client take a lock and two look-ups for each increment, because they may be called from any thread.
These are called in the reactor's thread alone, and are read when metrics are asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric


class LabelledCounter(Collector):
    """A counter by labels, whose values are words of ours: never an account, an address or a host."""

    def __init__(self, name: str, help_text: str, labels: Sequence[str]) -> None:
        self.name, self._help, self.labels = name, help_text, labels
        self.counts: defaultdict[tuple[str, ...], float] = defaultdict(float)
        REGISTRY.register(self)

    def add(self, labels: tuple[str, ...], amount: float = 1) -> None:
        """Count `amount` more."""
        self.counts[labels] += amount

    def describe(self) -> Iterable[Metric]:
        """The family without samples: registering must not depend on what was counted."""
        return [self._family()]

    def collect(self) -> Iterable[Metric]:
        """The numbers of this moment."""
        family = self._family()
        for labels, number in self.counts.items():
            family.add_metric(labels, number)
        return [family]

    def _family(self) -> CounterMetricFamily:
        return CounterMetricFamily(self.name, self._help, labels=self.labels)


class LabelledHistogram(Collector):
    """A histogram of seconds by labels."""

    def __init__(self, name: str, help_text: str, labels: Sequence[str], bounds: Sequence[float]) -> None:
        self.name, self._help, self.labels, self._bounds = name, help_text, labels, bounds
        self._buckets: dict[tuple[str, ...], list[int]] = {}
        self._sums: dict[tuple[str, ...], float] = {}
        REGISTRY.register(self)

    def add(self, labels: tuple[str, ...], seconds: float) -> None:
        """Count one duration."""
        self.add_all(labels, (seconds,))

    def add_all(self, labels: tuple[str, ...], durations: Sequence[float]) -> None:
        """Count several durations, in seconds."""
        buckets = self._buckets.get(labels)
        if buckets is None:
            buckets = self._buckets[labels] = [0] * (len(self._bounds) + 1)
        bounds = self._bounds
        for seconds in durations:
            buckets[bisect_left(bounds, seconds)] += 1
        self._sums[labels] = self._sums.get(labels, 0.0) + sum(durations)

    def describe(self) -> Iterable[Metric]:
        """The family without samples."""
        return [self._family()]

    def collect(self) -> Iterable[Metric]:
        """The numbers of this moment."""
        family = self._family()
        for labels, buckets in self._buckets.items():
            below, shown = 0, []
            for bound, number in zip([*map(str, self._bounds), "+Inf"], buckets, strict=True):
                below += number
                shown.append((bound, below))
            family.add_metric(labels, shown, self._sums[labels])
        return [family]

    def _family(self) -> HistogramMetricFamily:
        return HistogramMetricFamily(self.name, self._help, labels=self.labels)
