"""The pace at which a client has to send a message, so that it cannot hold its place and its octets for ever."""

from __future__ import annotations

from shared.conversation.limits import Limits


class Pace:
    """The deadline of one transfer, moved by every piece that comes.

    A credit of time begins at `limits.transfer`; waiting uses it up and each octet earns some of it back, never above
    that: a client that was fast cannot stop for hours because of it (as Postfix's smtpd_min_data_rate).
    """

    __slots__ = ("_credit", "_ends", "_limits", "_until")

    def __init__(self, limits: Limits, now: float) -> None:
        self._limits = limits
        self._credit = limits.transfer.total_seconds()
        self._until = now + self._credit
        self._ends = now + limits.transfer_in_all.total_seconds()

    def came(self, octets: int, now: float) -> None:
        """A piece of so many octets has come."""
        self._until = min(self._until + octets / self._limits.slowest_octets_per_second, now + self._credit)

    def deadline(self, now: float) -> float:
        """When the next piece has to be here."""
        return min(now + self._limits.idle.total_seconds(), self._until, self._ends)
