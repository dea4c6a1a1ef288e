"""Every metric of every service keeps Prometheus' rules: names, units, help texts and bounded labels.

https://prometheus.io/docs/practices/naming/; `promtool check metrics` reads the same page where it is installed.
"""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess

import pytest
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric

from services.http_proxy.counts import ProxyCounts
from shared.access.words.counts import PageCollector, PageCounts
from shared.activity.metrics import COMMIT_SECONDS, MESSAGE_SECONDS
from shared.conversation.counts import ConversationCollector, Counts, Said

SERVICES = ("smtp_ingest", "mail_access", "news_gateway", "wiki", "ssh_admin", "http_proxy")
PER_PROCESS = ("python_", "process_")  # prometheus_client's own
LABELS = {"door", "outcome", "reason", "ending", "direction", "status", "le"}
BASE_UNITS = ("_seconds", "_bytes")
OTHER_UNITS = re.compile(r"_(ms|milliseconds|minutes|octets|kib|kilobytes)(_|$)")


def own_metrics() -> list[Metric]:
    for service in SERVICES:
        importlib.import_module(f"services.{service}.doors")
    COMMIT_SECONDS.add(("committed",), 0.003)
    MESSAGE_SECONDS.add(("smtp",), 0.003)
    registry = CollectorRegistry()
    registry.register(ConversationCollector(lambda: [("imap", Counts(said=Said(1, 2, 3)))]))
    registry.register(ProxyCounts())
    registry.register(PageCollector(PageCounts(), lambda: 0))
    metrics = [*REGISTRY.collect(), *registry.collect()]
    return [metric for metric in metrics if not metric.name.startswith(PER_PROCESS)]


METRICS = own_metrics()


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_name_unit_help_and_labels_keep_the_rules(metric: Metric) -> None:
    assert re.fullmatch(r"agora_[a-z0-9]+(_[a-z0-9]+)*", metric.name)
    assert metric.type in ("counter", "gauge", "histogram")
    assert not metric.name.endswith(("_count", "_sum", "_bucket", "_info"))
    assert not OTHER_UNITS.search(metric.name)
    if metric.type == "histogram":
        assert metric.name.endswith(BASE_UNITS)
    assert metric.documentation
    for sample in metric.samples:
        assert set(sample.labels) <= LABELS
        if metric.type == "counter":
            assert sample.name.endswith("_total")
        for name, value in sample.labels.items():
            assert re.fullmatch(r"[a-z0-9_]+" if name != "le" else r"[0-9.]+|\+Inf", value)


def test_no_name_is_given_twice() -> None:
    names = [metric.name for metric in METRICS]
    assert len(names) == len(set(names))


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_finds_nothing_to_say() -> None:
    class Fixed:
        def collect(self) -> list[Metric]:
            return METRICS

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Fixed())
    page = generate_latest(registry)
    checked = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")
