"""Sending, closing and looking at a transport at once where the socket is ready, not in a later turn of the reactor.

Twisted waits until its next poll says that the socket is ready: two more system calls and a turn of the reactor, which
is half of what passing a message on costs. `_tempDataLen`, `_writeDisconnected` and `_shouldShutdown` have no public
names in Twisted 26.10.
"""

from __future__ import annotations

import contextlib
import socket
from typing import Any

from twisted.internet import tcp

_PLAIN = (tcp.Server, tcp.Client)


def send(transport: Any, octets: bytes) -> None:
    """Send `octets`; what the socket does not take waits in the transport, which pauses its producer if it is much."""
    if type(transport) in _PLAIN and not (transport.TLS or transport.dataBuffer or transport._tempDataLen):
        try:
            sent = transport.socket.send(octets)
        except OSError:  # the socket is full, or lost, which the reactor will notice
            sent = 0
        if sent == len(octets):
            return
        if sent:
            transport.write(octets[sent:])
            return
    transport.write(octets)


def sent_at_once(transport: Any, octets: bytes) -> bytes:
    """Try to send what a client gets; returns what is left to be written as usual.

    Only for the last of what is written in a turn, so that a protocol that writes much still gives way to the others.
    """
    if type(transport) is not tcp.Server or transport.TLS or transport.dataBuffer or transport._tempDataLen:
        return octets
    try:
        sent: int = transport.socket.send(octets)
    except OSError:  # the socket is full, or lost, which the reactor finds out in its own time
        return octets
    return b"" if sent == len(octets) else octets[sent:]


def receive(transport: Any) -> None:
    """Take what has come with a connection that was just made; a fault or the end is left to the reactor."""
    if type(transport) is tcp.Server and not transport.TLS:
        transport.doRead()


def say_no_more(transport: Any) -> None:
    """Close our half, once all is sent."""
    if _has_sent_all(transport):
        transport._writeDisconnected = True
        with contextlib.suppress(OSError):
            transport.socket.shutdown(socket.SHUT_WR)
    else:
        transport.loseWriteConnection()


def close(transport: Any) -> None:
    """Close, once all is sent: the protocol's `connectionLost` may be called before this returns."""
    if _has_sent_all(transport):
        transport._writeDisconnected = True  # nothing to wait for
        transport._shouldShutdown = False  # close() is enough: no other process has the descriptor
    transport.loseConnection()


def has_hung_up(transport: Any) -> bool:
    """Whether an idle connection was closed by its peer, though the reactor has not noticed yet."""
    try:
        transport.socket.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True  # the end, or octets that were not asked for


def _has_sent_all(transport: Any) -> bool:
    return (
        type(transport) in _PLAIN
        and bool(transport.connected)
        and not (transport.TLS or transport.dataBuffer or transport._tempDataLen or transport.disconnecting)
    )
