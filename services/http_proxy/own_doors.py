"""Which addresses and ports are this proxy's own: a request for one of them would come back to us."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import ip_address

_EVERYWHERE = frozenset(("", "0.0.0.0", "::"))


class OwnDoors:
    """The doors that listen on TCP, by Twisted's endpoint descriptions; ports that the system chose are unknown."""

    def __init__(self, endpoints: Sequence[str]) -> None:
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
