"""A resolver that asks whether answers were checked (DNSSEC): by the AD bit of RFC 6840 §5.7, both ways.

The bit is another server's word: it counts only where that server is on this machine, and the operator says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.outbound.dns_client import BoundedResolver


class CheckedResolver(BoundedResolver):
    """Answers have a fourth part: whether they were checked."""

    def filterAnswers(self, message: Any) -> Any:
        """As Twisted calls it; an answer that was cut is asked for again by TCP, and comes here then."""
        found = super().filterAnswers(message)
        return (*found, bool(message.authenticData)) if isinstance(found, tuple) else found

    def connectionMade(self, protocol: Any) -> None:
        """By TCP."""
        protocol.writeMessage = _asking(protocol.writeMessage)
        super().connectionMade(protocol)

    def _connectedProtocol(self, interface: str = "") -> Any:
        """By UDP."""
        made = super()._connectedProtocol(interface)
        made.writeMessage = _asking(made.writeMessage)
        return made


def _asking(write: Callable[..., None]) -> Callable[..., None]:
    """Questions carry the bit, without which no answer has it."""

    def write_asking(message: Any, *where: Any) -> None:
        message.authenticData = 1
        write(message, *where)

    return write_asking
