"""Sends octets without a turn of the reactor where the socket takes them at once."""

from __future__ import annotations

from typing import Any

from twisted.internet import tcp

_PLAIN = (tcp.Server, tcp.Client)


def send(transport: Any, octets: bytes) -> None:
    """Send `octets`; what the socket does not take now waits in the transport, whose producer is told when it is much.

    Twisted sends when its next poll says that the socket is ready: two more system calls and a turn of the reactor for
    each message, which is half of what passing it on costs. `_tempDataLen` has no public name in Twisted 26.10.
    """
    if type(transport) in _PLAIN and not (transport.TLS or transport.dataBuffer or transport._tempDataLen):
        try:
            sent = transport.socket.send(octets)
        except OSError:  # full; or lost, which the reactor finds out when it tries
            sent = 0
        if sent == len(octets):
            return
        if sent:
            transport.write(octets[sent:])
            return
    transport.write(octets)
