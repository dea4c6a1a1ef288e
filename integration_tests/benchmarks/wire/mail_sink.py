"""A mail server that answers at once and keeps nothing, in a process of its own: it counts what comes, and the time."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

HOST = "127.0.0.1"
_EHLO = b"250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
_END = b"\r\n.\r\n"


class Counted(NamedTuple):
    """So many messages, in so many seconds from the end of the first to the end of the last."""

    messages: int
    seconds: float

    @property
    def rate(self) -> float:
        """Messages in a second: of those behind the first."""
        return (self.messages - 1) / self.seconds


class MailSink:
    """One that runs, from now on until all have come."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def counted(self) -> Counted:
        """Returns once the last message has come. Raises RuntimeError where it has not, after the sink's patience."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline().split()
        if len(line) != 2:
            raise RuntimeError("not all messages have come to the sink")
        return Counted(int(line[0]), float(line[1]))


@contextlib.contextmanager
def mail_sink(port: int, count: int, patience_seconds: float) -> Iterator[MailSink]:
    """A sink for `count` messages."""
    command = [sys.executable, "-m", __name__, str(port), str(count), str(patience_seconds)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        if process.stdout.readline() != b"ready\n":
            raise RuntimeError(f"nothing can listen at {HOST}:{port}")
        yield MailSink(process)
    finally:
        process.terminate()
        process.communicate()


def free_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        return port


class _Count:
    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.messages = 0
        self.first = self.last = 0.0
        self.all_have_come = asyncio.Event()

    def add(self) -> None:
        self.last = time.perf_counter()
        self.first = self.first or self.last
        self.messages += 1
        if self.messages == self.wanted:
            self.all_have_come.set()


class _Connection(asyncio.Protocol):
    """Replies are written together, as the commands came."""

    def __init__(self, count: _Count) -> None:
        self._count = count
        self._unread = b""
        self._in_message = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink.test ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._unread += data
        replies: list[bytes] = []
        while True:
            mark = _END if self._in_message else b"\r\n"
            head, found, rest = self._unread.partition(mark)
            if not found:
                break
            self._unread = rest
            replies.append(self._taken() if self._in_message else self._answer(head[:4].upper()))
        if replies:
            self._transport.write(b"".join(replies))

    def _taken(self) -> bytes:
        self._in_message = False
        self._count.add()
        return b"250 2.0.0 taken\r\n"

    def _answer(self, verb: bytes) -> bytes:
        if verb == b"EHLO":
            return _EHLO
        if verb == b"DATA":
            self._in_message = True
            return b"354 go ahead\r\n"
        if verb == b"QUIT":
            asyncio.get_running_loop().call_soon(self._transport.close)
            return b"221 2.0.0 bye\r\n"
        return b"250 2.0.0 ok\r\n"


async def _serve(port: int, wanted: int, patience_seconds: float) -> None:
    count = _Count(wanted)
    await asyncio.get_running_loop().create_server(lambda: _Connection(count), HOST, port, backlog=1024)
    print("ready", flush=True)
    await asyncio.wait_for(count.all_have_come.wait(), patience_seconds)
    print(count.messages, count.last - count.first, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # ends with the process that started us


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
