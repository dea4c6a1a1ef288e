"""A web site for load, in a process of its own: `/1024` is answered by 1,024 octets, and nothing is looked at twice."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

from integration_tests.stack.local import HERE

HOST = HERE  # where the stack's own proxy lets the tests go, and nobody else listens
TUNNEL_PORT = 8443  # CONNECT leads to listed ports only; a peer must list it, too


class Origin(asyncio.Protocol):
    """Pipelined requests are answered in order; the client's pauses are the transport's buffer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._unread = b""

    def data_received(self, data: bytes) -> None:
        *requests, self._unread = (self._unread + data).split(b"\r\n\r\n")
        for request in requests:
            self._transport.write(_answer(request.split(b" ", 2)[1]))


@cache
def _answer(path: bytes) -> bytes:
    octets = int(path.strip(b"/"))
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n%b" % (
        octets,
        b"x" * octets,
    )


@contextlib.contextmanager
def origin(*, tunnels: bool = True, host: str = HOST) -> Iterator[int]:
    """Such a site; its port for plain requests. With `tunnels` it listens at TUNNEL_PORT, too."""
    command = [sys.executable, "-m", __name__, host, *([str(TUNNEL_PORT)] if tunnels else [])]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate()


async def _serve(host: str, tunnel_port: str = "") -> None:
    loop = asyncio.get_running_loop()
    plain = await loop.create_server(Origin, host, 0, backlog=1024)
    if tunnel_port:
        await loop.create_server(Origin, host, int(tunnel_port), backlog=1024)
    print(plain.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)  # ends with the process that started us


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:]))
