"""Many SMTP connections that hand in messages as fast as they are taken."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

Envelope = tuple[str, bytes]  # recipient, message
SENDER = "load@sender.example"


class Sending(asyncio.Protocol):
    """One connection: `next_message` gives what it sends, None when it is done. PIPELINING is used where offered."""

    def __init__(self, next_message: Callable[[], Envelope | None], sender: str = SENDER, sign_in: str = "") -> None:
        """`sign_in` is the command for it, if the server wants that."""
        self._next = next_message
        self._sender = sender
        self._sign_in = sign_in
        self._line = b""
        self._pipelining = False
        self._commands: list[bytes] = []  # of this envelope, not sent yet
        self._outstanding = 0  # replies that come before the message may go
        self._step = self._greeted
        self._message = b""
        self._sent_at = 0.0
        self.waits: list[float] = []  # from the end of DATA to its 250, in seconds
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self._failed(error or ConnectionError("the server has closed the connection"))

    def data_received(self, data: bytes) -> None:
        lines = (self._line + data).split(b"\n")
        self._line = lines.pop()
        for line in lines:
            if b"PIPELINING" in line:
                self._pipelining = True
            if line[3:4] != b"-":
                self._step(line)

    def _greeted(self, line: bytes) -> None:
        self._transport.write(b"EHLO load.sender.example\r\n")
        self._step = self._met

    def _met(self, line: bytes) -> None:
        if self._sign_in:
            self._transport.write(self._sign_in.encode() + b"\r\n")
            self._step = self._admitted
        else:
            self._admitted(line)

    def _admitted(self, line: bytes) -> None:
        if line[:1] != b"2":
            self._give_up(line)
        elif not self.ready.done():
            self.ready.set_result(None)

    def begin(self) -> None:
        """Send, now that it is ready."""
        self._may_begin(b"")

    def _may_begin(self, line: bytes) -> None:
        envelope = self._next()
        if envelope is None:
            self._step = lambda line: None
            self._transport.write(b"QUIT\r\n")
            self.done.set_result(None)
            return
        recipient, message = envelope
        self._message = message + b".\r\n"
        self._commands = [
            f"MAIL FROM:<{self._sender}>\r\n".encode(),
            f"RCPT TO:<{recipient}>\r\n".encode(),
            b"DATA\r\n",
        ]
        self._outstanding = len(self._commands)
        self._step = self._answered
        self._send_commands()

    def _send_commands(self) -> None:
        count = len(self._commands) if self._pipelining else 1
        self._transport.write(b"".join(self._commands[:count]))
        del self._commands[:count]

    def _answered(self, line: bytes) -> None:
        if line[:1] not in (b"2", b"3"):
            self._give_up(line)
            return
        self._outstanding -= 1
        if self._outstanding == 0:
            self._sent_at = time.perf_counter()
            self._step = self._taken
            self._transport.write(self._message)
        elif self._commands:
            self._send_commands()

    def _taken(self, line: bytes) -> None:
        if line[:1] != b"2":
            self._give_up(line)
            return
        self.waits.append(time.perf_counter() - self._sent_at)
        self._may_begin(line)

    def _give_up(self, line: bytes) -> None:
        self._failed(RuntimeError(f"refused: {line.decode(errors='replace').strip()}"))
        self._transport.abort()

    def _failed(self, error: Exception) -> None:
        waiting = self.done if self.ready.done() else self.ready
        if not waiting.done():
            waiting.set_exception(error)


async def open_all(
    host: str,
    port: int,
    connections: int,
    next_message: Callable[[], Envelope | None],
    sender: str = SENDER,
    sign_in: str = "",
) -> list[Sending]:
    """So many connections, ready to send what `next_message` gives."""
    loop = asyncio.get_running_loop()
    opened = await asyncio.gather(
        *[
            loop.create_connection(lambda: Sending(next_message, sender, sign_in), host, port)
            for _ in range(connections)
        ]
    )
    sendings = [sending for _, sending in opened]
    await asyncio.gather(*[sending.ready for sending in sendings])
    return sendings


async def send_by(sendings: Sequence[Sending]) -> list[float]:
    """Send all; returns the waits for each 250, in seconds."""
    for sending in sendings:
        sending.begin()
    await asyncio.gather(*[sending.done for sending in sendings])
    return [wait for sending in sendings for wait in sending.waits]


async def send_all(host: str, port: int, connections: int, next_message: Callable[[], Envelope | None]) -> list[float]:
    """Send what `next_message` gives over so many connections; returns the waits for each 250, in seconds."""
    return await send_by(await open_all(host, port, connections, next_message))
