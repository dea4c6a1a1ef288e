"""The metrics of this process for Prometheus, and those of several workers as one page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from shared.activity.record import flush

PREFIX = "agora_"


def process_metrics() -> CollectorRegistry:
    """The registry of this process; a metric made with prometheus_client and no `registry` is in it, too."""
    return REGISTRY


def exposition(registry: CollectorRegistry) -> bytes:
    """All numbers in Prometheus' text format."""
    flush()  # events that wait to be written are not counted yet
    return generate_latest(registry)


def merge(pages: Mapping[str, str]) -> bytes:
    """One page from those of several workers: every sample gets the label `worker`, and families stay together."""
    families: dict[str, Metric] = {}
    for worker, page in pages.items():
        for family in text_string_to_metric_families(page):
            merged = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            for sample in family.samples:
                labels = {**sample.labels, "worker": worker}
                merged.samples.append(sample._replace(labels=labels))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Fixed(families.values()))
    return generate_latest(registry)


class _Fixed:
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families
