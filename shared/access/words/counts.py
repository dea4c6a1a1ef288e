"""The counters of pages that passed, by what became of them, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric


COUNTED = "counted"


@dataclass(slots=True)
class PageCounts:
    """HTML pages since the process began, by what became of them; plain numbers, they are counted on the way."""

    counted: int = 0  # the outcome COUNTED
    opted_out: int = 0  # the account wants no words counted
    sampled_away: int = 0  # too many were waiting to be read
    other_coding: int = 0  # a Content-Encoding that is not known here
    incomplete: int = 0  # the connection broke, or the client went away
    other_charset: int = 0  # in no charset that is declared, or likely for its language
    broken: int = 0  # not what their Content-Encoding says
    bombs: int = 0
    too_slow: int = 0  # did not end for minutes, and others wanted the place

    def add(self, outcome: str) -> None:
        """One page more of the field `outcome`."""
        setattr(self, outcome, getattr(self, outcome) + 1)


class PageCollector(Collector):
    """Gives these counts to Prometheus, and how many words wait for the store."""

    def __init__(self, counts: PageCounts, pending: Callable[[], int]) -> None:
        self._counts = counts
        self._pending = pending

    def collect(self) -> Iterable[Metric]:
        """The numbers of this moment."""
        pages = CounterMetricFamily("agora_proxy_pages", "HTML pages by what the word report did", labels=["outcome"])
        for outcome, number in asdict(self._counts).items():
            pages.add_metric([outcome], number)
        pending = GaugeMetricFamily("agora_proxy_words_pending", "Words that are not in the store yet")
        pending.add_metric([], self._pending())
        return [pages, pending]
