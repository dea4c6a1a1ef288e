"""The counts of a factory's conversations: plain numbers, read when metrics are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric


class Said(NamedTuple):
    """The octets and commands of a conversation.

    Each conversation counts its own, which costs less than counting for the door.
    """

    lines: int = 0  # that were read as commands
    octets_in: int = 0
    octets_out: int = 0

    def and_of(self, conversation: Speaker) -> Said:
        """These counts and those of `conversation` together."""
        lines, octets_in, octets_out = conversation.said()
        return Said(self.lines + lines, self.octets_in + octets_in, self.octets_out + octets_out)


class Speaker(Protocol):
    """A conversation, as far as it is counted."""

    def said(self) -> Said:
        """So far."""


@dataclass(slots=True)
class Counts:
    """Since the process began, except `open_now`; `said` is that of conversations that are over, None: not counted."""

    open_now: int = 0
    accepted: int = 0
    refused: int = 0
    timed_out: int = 0
    said: Said | None = None


class ConversationCollector(Collector):
    """Gives the counts of several factories to Prometheus, by the factory's name."""

    def __init__(self, counts: Callable[[], Iterable[tuple[str, Counts]]]) -> None:
        self._counts = counts

    def collect(self) -> Iterable[Metric]:
        """The numbers of this moment."""
        open_now = GaugeMetricFamily("agora_connections_open", "Connections open now.", labels=["door"])
        families = {
            "accepted": CounterMetricFamily("agora_connections_accepted", "Connections accepted.", labels=["door"]),
            "refused": CounterMetricFamily("agora_connections_refused", "Connections above a limit.", labels=["door"]),
            "timed_out": CounterMetricFamily(
                "agora_connections_timed_out", "Clients silent for long.", labels=["door"]
            ),
        }
        commands = CounterMetricFamily("agora_commands", "Lines read as commands.", labels=["door"])
        octets = CounterMetricFamily(
            "agora_session_bytes", "Octets of sessions, from the client (in) and to it (out), without TLS.",
            labels=["door", "direction"],
        )  # fmt: skip
        for name, counts in self._counts():
            open_now.add_metric([name], counts.open_now)
            for field, family in families.items():
                family.add_metric([name], getattr(counts, field))
            if counts.said is not None:
                commands.add_metric([name], counts.said.lines)
                octets.add_metric([name, "in"], counts.said.octets_in)
                octets.add_metric([name, "out"], counts.said.octets_out)
        return [open_now, *families.values(), commands, octets]
