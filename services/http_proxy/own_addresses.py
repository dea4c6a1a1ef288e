"""The addresses and ports of this process: its doors and its private port, which are no destinations for members.

A request to a door of the proxy would come back to it, and the private port shows figures about all members. The
private ports of the other services refuse requests that came through a proxy (`shared/runtime/health.py`).
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from typing import Any

from twisted.internet import tcp

_EVERYWHERE = frozenset(("", "0.0.0.0", "::"))


class OwnAddresses:
    """The TCP listeners of this service, by the endpoint descriptions and by the reactor.

    The descriptions include the listeners of other processes of the service; only the reactor knows ports that the
    system chose.
    """

    def __init__(self, endpoints: Sequence[str], reactor: Any = None) -> None:
        self._reactor = reactor
        self._doors: set[tuple[str, int]] = set()
        for endpoint in endpoints:
            kind, _, rest = endpoint.partition(":")
            port, _, options = rest.partition(":")
            if kind not in ("tcp", "tcp6") or not port.isdigit() or port == "0":
                continue
            interface = next(
                (
                    each.partition("=")[2]
                    for each in options.replace("\\:", "\0").split(":")
                    if each[:10] == "interface="
                ),
                "",
            ).replace("\0", ":")
            self._doors.add((interface, int(port)))

    def is_own(self, address: str, port: int) -> bool:
        """Whether a connection to `address` and `port` would be one to us."""
        if self._reactor is not None:  # asked for the first time: by now everything listens
            self._doors.update(_listening(self._reactor))
            self._reactor = None
        for interface, own_port in self._doors:
            if port == own_port and (address == interface or (interface in _EVERYWHERE and self._is_here(address))):
                return True
        return False

    def _is_here(self, address: str) -> bool:
        """Whether the address is one of this machine's: a socket can be bound to it."""
        parsed = ip_address(address)
        if parsed.is_loopback or parsed.is_unspecified:
            return True
        with socket.socket(socket.AF_INET6 if parsed.version == 6 else socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((address, 0))
            except OSError:
                return False
        return True


def _listening(reactor: Any) -> Iterator[tuple[str, int]]:
    """Where this process accepts connections."""
    for reader in reactor.getReaders():
        if isinstance(reader, tcp.Port):
            here = reader.getHost()
            yield here.host, here.port
