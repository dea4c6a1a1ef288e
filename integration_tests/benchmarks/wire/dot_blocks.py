"""Dot blocks, asked for by number and counted as they come, as POP3's RETR and NNTP's ARTICLE answer."""

from __future__ import annotations

import socket

END = b"\r\n.\r\n"


def fetch_blocks(
    connection: socket.socket, command: bytes, first: int, last: int, in_flight: int, *, acknowledge: bool = False
) -> int:
    """Send `command`, which has a place for the number, for `first` to `last`, at most `in_flight` ahead of answers.

    Returns the octets that came. `acknowledge`: acknowledgements are not delayed; else a server that sends an answer in
    two pieces waits 40 ms for each.
    """
    buffer = bytearray(1 << 18)
    asked, got, octets, kept = first, first, 0, b""
    while got <= last:
        if asked <= last and asked - got <= in_flight // 2:
            until = min(got + in_flight, last + 1)
            connection.sendall(b"".join(command % number for number in range(asked, until)))
            asked = until
        if acknowledge:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        size = connection.recv_into(buffer)
        if not size:
            raise EOFError("the server has closed the connection")
        octets += size
        looked_at = kept + bytes(memoryview(buffer)[:size])
        got += looked_at.count(END) - kept.count(END)
        kept = looked_at[-len(END) + 1 :]
    return octets
