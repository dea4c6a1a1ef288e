"""A POP3 client that retrieves everything, one by one or pipelined."""

from __future__ import annotations

import socket

from integration_tests.benchmarks.wire.dot_blocks import fetch_blocks

TIMEOUT_SECONDS = 600.0


class Pop3:
    """One connection, signed in; `messages` and `octets` are what STAT told."""

    def __init__(self, host: str, port: int, account: str, password: str) -> None:
        self._socket = socket.create_connection((host, port), TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._line()
        for command in (f"USER {account}", f"PASS {password}", "STAT"):
            self._socket.sendall(f"{command}\r\n".encode())
            answer = self._line()
            if not answer.startswith(b"+OK"):
                raise RuntimeError(f"{command.split()[0]}: {answer.decode(errors='replace')}")
        self.messages, self.octets = (int(word) for word in answer.split()[1:3])

    def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            received = self._socket.recv(4096)
            if not received:
                raise EOFError("the server has closed the connection")
            line += received
        return line

    def retrieve_all(self, in_flight: int) -> int:
        """RETR every message with at most `in_flight` asked for at once; returns the octets that came."""
        return fetch_blocks(self._socket, b"RETR %d\r\n", 1, self.messages, in_flight)

    def quit(self) -> None:
        """QUIT and wait for the answer."""
        self._socket.sendall(b"QUIT\r\n")
        self._line()
        self._socket.close()
