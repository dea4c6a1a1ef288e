"""The octets of a TCP connection as the kernel has counted them, which costs nothing until somebody asks.

With TLS its own octets are among them. Of a connection that is gone, or on other systems than Linux, nothing is known.
"""

from __future__ import annotations

import socket
import struct
import sys
from typing import Any

from shared.conversation.counts import Said

# linux/tcp.h, struct tcp_info since Linux 4.2: tcpi_bytes_acked, tcpi_bytes_received.
_COUNTS = struct.Struct("=QQ")
_COUNTS_AT = 120
_OCTETS = _COUNTS_AT + _COUNTS.size


def kernel_counts(transport: Any) -> Said:
    """What the client has sent, and what it has received and acknowledged, over `transport`, of TCP or TLS on it."""
    connected = getattr(transport, "socket", None)
    if connected is None or not sys.platform.startswith("linux"):
        return Said()
    try:
        info = connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _OCTETS)
    except OSError:  # it is gone, or no TCP
        return Said()
    if len(info) < _OCTETS:
        return Said()
    octets_out, octets_in = _COUNTS.unpack_from(info, _COUNTS_AT)
    return Said(0, octets_in, octets_out)
