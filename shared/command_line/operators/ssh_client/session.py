"""A session at an SSH server: one command, its streams octet for octet, its exit status (RFC 4254 §6)."""

from __future__ import annotations

import os
import signal
import struct
import threading
from typing import Any

from twisted.conch.ssh.channel import SSHChannel
from twisted.conch.ssh.common import NS, getNS
from twisted.conch.ssh.connection import SSHConnection
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from shared.command_line.operators.ssh_client.errors import SshFailed

STDIN, STDOUT, STDERR = 0, 1, 2
READ_OCTETS = 32_768
BY_SIGNAL = 128  # as shells say it


class OneSession(SSHConnection):
    """The connection service, which opens one session."""

    def __init__(self, session: ClientSession) -> None:
        super().__init__()
        self._session = session

    def serviceStarted(self) -> None:
        """Somebody has signed in: open the session."""
        self.openChannel(self._session)


class ClientSession(SSHChannel):
    """Runs `command`. `ended` fires with its exit status, and fails with SshFailed without one.

    What the command writes to its standard output is in `output`; it has no standard input.
    """

    name = b"session"
    conn: Any

    def __init__(self, command: str) -> None:
        super().__init__()
        self.ended: Deferred[int] = Deferred()
        self.output = b""
        self._command = command.encode("utf-8", "surrogateescape")
        self._status: int | None = None

    def channelOpen(self, specificData: bytes) -> None:
        """It is open: ask for the command, and give it the standard input."""
        asked: Deferred[Any] = self.conn.sendRequest(self, b"exec", NS(self._command), wantReply=True)
        asked.addCallbacks(lambda _: self.begin(), lambda _: self._fail("the server does not run commands"))

    def openFailed(self, reason: Any) -> None:
        """The server does not open it."""
        self._fail("the server opens no session")

    def dataReceived(self, data: bytes) -> None:
        """Standard output."""
        self.output += data

    def extReceived(self, dataType: int, data: bytes) -> None:
        """Standard error."""

    def begin(self) -> None:
        """The command runs."""
        self.conn.sendEOF(self)

    def request_exit_status(self, data: bytes) -> bool:
        """The command has ended."""
        (self._status,) = struct.unpack(">L", data[:4])
        return True

    def request_exit_signal(self, data: bytes) -> bool:
        """The command was ended by a signal."""
        name = getNS(data)[0].decode("ascii", "replace")
        number = getattr(signal, f"SIG{name}", signal.SIGTERM)
        self._status = BY_SIGNAL + int(number)
        return True

    def eofReceived(self) -> None:
        """The command writes no more."""

    def closed(self) -> None:
        """It is over."""
        if not self.ended.called:
            if self._status is None:
                self._fail("the connection ended before the command did")
            else:
                self.ended.callback(self._status)

    def lost(self, why: SshFailed) -> None:
        """The connection is gone."""
        if not self.ended.called:
            self.ended.errback(Failure(why))

    def _fail(self, why: str) -> None:
        self.lost(SshFailed(why))


class StandardSession(ClientSession):
    """One whose streams are the standard streams of this process."""

    def __init__(self, reactor: Any, command: str) -> None:
        super().__init__(command)
        self._reactor = reactor
        self._room = threading.Event()  # the server takes more of the standard input
        self._room.set()

    def dataReceived(self, data: bytes) -> None:
        """Standard output. A slow reader holds up the connection, as it should."""
        self._write(STDOUT, data)

    def extReceived(self, dataType: int, data: bytes) -> None:
        """Standard error."""
        self._write(STDERR, data)

    def startWriting(self) -> None:
        """The server takes more."""
        self._room.set()

    def stopWriting(self) -> None:
        """The server takes no more for now."""
        self._room.clear()

    def closed(self) -> None:
        """It is over."""
        self._room.set()
        super().closed()

    def begin(self) -> None:
        """The command runs: give it the standard input."""
        threading.Thread(target=self._read_input, name="standard input", daemon=True).start()

    def _read_input(self) -> None:
        while True:
            self._room.wait()
            try:
                data = os.read(STDIN, READ_OCTETS)
            except OSError:
                data = b""
            self._reactor.callFromThread(self._send, data)
            if not data:
                return

    def _send(self, data: bytes) -> None:
        if self.localClosed:
            return
        if data:
            self.write(data)
        else:
            self.conn.sendEOF(self)

    def _write(self, stream: int, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(stream, data) :]
        except BrokenPipeError:
            self._status = BY_SIGNAL + int(signal.SIGPIPE)
            self.loseConnection()
