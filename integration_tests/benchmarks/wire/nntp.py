"""NNTP clients that post as fast as articles are taken, and that read a group."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable

from integration_tests.benchmarks.wire.dot_blocks import fetch_blocks

TIMEOUT_SECONDS = 600.0


async def _post(host: str, port: int, next_article: Callable[[], bytes | None]) -> list[float]:
    """One connection: POST is no command to be pipelined (RFC 3977 §6.3.1). Returns the seconds from dot to 240."""
    reader, writer = await asyncio.open_connection(host, port)
    await reader.readline()
    waits = []
    while (article := next_article()) is not None:
        for octets, code in ((b"POST\r\n", b"340 "), (article + b".\r\n", b"240 ")):
            sent = time.perf_counter()
            writer.write(octets)
            answer = await reader.readline()
            if not answer.startswith(code):
                raise RuntimeError(answer.decode(errors="replace"))
        waits.append(time.perf_counter() - sent)
    writer.write(b"QUIT\r\n")
    await reader.read()
    writer.close()
    return waits


async def post_all(host: str, port: int, connections: int, next_article: Callable[[], bytes | None]) -> list[float]:
    """Over so many connections at once."""
    waits = await asyncio.gather(*[_post(host, port, next_article) for _ in range(connections)])
    return [wait for each in waits for wait in each]


class Nntp:
    """One connection that reads. `first` and `last` are the numbers of the group that was selected."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self.socket.makefile("rb", 1 << 18)
        self._file.readline()
        self.say("MODE READER", b"20")

    def say(self, command: str, code: bytes) -> bytes:
        """The first line of the answer."""
        self.socket.sendall(f"{command}\r\n".encode())
        return self.expect(code, command)

    def expect(self, code: bytes, command: str = "POST") -> bytes:
        """The next line, which begins with this."""
        answer = self._file.readline()
        if not answer.startswith(code):
            raise RuntimeError(f"{command}: {answer.decode(errors='replace')}")
        return answer

    def group(self, name: str) -> None:
        """GROUP."""
        _, self.count, self.first, self.last = (int(word) for word in self.say(f"GROUP {name}", b"211 ").split()[:4])

    def lines(self, command: str, code: bytes) -> int:
        """How many there are in the block that answers."""
        self.say(command, code)
        return sum(1 for _ in iter(self._file.readline, b".\r\n"))

    def articles(self, first: int, last: int, in_flight: int) -> int:
        """ARTICLE of each number, at most `in_flight` asked for at once; returns the octets that came."""
        return fetch_blocks(self.socket, b"ARTICLE %d\r\n", first, last, in_flight, acknowledge=True)

    def close(self) -> None:
        """QUIT."""
        self.say("QUIT", b"205 ")
        self._file.close()
        self.socket.close()
