"""A session's channel: its requests (RFC 4254 §6), its window, and what goes in and out of what it runs."""

from __future__ import annotations

import re
import struct
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from twisted.conch.ssh.channel import SSHChannel
from twisted.conch.ssh.common import getNS

from services.ssh_admin.parts import SshParts
from services.ssh_admin.quiet_log import QuietLogger

WINDOW = 65_536  # octets that a client may send ahead: all of what is read for it and not used yet
MOST_PACKET = 32_768  # RFC 4253 §6.1
MOST_ENVIRONMENT = 50  # variables; OpenSSH sends a handful of LC_*
LONGEST_COMMAND = 32_768  # octets of `ssh host command`
MOST_COLUMNS, MOST_LINES = 1000, 1000
STDERR = 1  # RFC 4254 §5.2
_SEQUENCE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")  # ECMA-48 §5.4: of a terminal, nothing that is seen
_END_OCTETS = 64  # of what is written: enough to see how it ends


class Running(Protocol):
    """What a session runs: one command, or the shell."""

    def data_received(self, data: bytes) -> None:
        """The client has sent `data`; `channel.consumed` says when it was used."""

    def input_ended(self) -> None:
        """The client will send no more."""

    def resized(self) -> None:
        """The terminal has another size."""

    def interrupted(self) -> None:
        """The client sends SIGINT."""

    def writable(self) -> None:
        """What was written has been taken."""

    def lost(self) -> None:
        """The channel is closed: nobody reads any more."""


class SessionChannel(SSHChannel):
    """One session. `terminal`: the name of the client's terminal, None without one."""

    name = b"session"
    _log = QuietLogger()
    conn: Any  # an SshConnection, which makes these
    remoteWindowLeft: int
    localWindowLeft: int

    def __init__(self, parts: SshParts, connection: Any, window: int, most_packet: int) -> None:
        super().__init__(WINDOW, MOST_PACKET, window, min(most_packet, MOST_PACKET), connection)
        self.parts = parts
        self.terminal: str | None = None
        self.columns, self.lines = 80, 24
        self.running: Running | None = None
        self._environment = 0
        self._used = 0  # octets that the client may send again, not told yet
        self._ended = False
        self._waiting: deque[tuple[int, bytes]] = deque()  # what is written and not sent: stream, octets
        self.waiting_octets = 0
        self.mid_line = False  # whether the terminal's cursor is behind something in its line
        self._final: Callable[[], None] | None = None

    # What is written

    def put(self, data: bytes, stream: int = 0) -> None:
        """Send `data` as soon as the client takes it; the writer looks at `waiting_octets`."""
        self._waiting.append((stream, data))
        self.waiting_octets += len(data)
        if self.terminal is not None and (seen := _SEQUENCE.sub(b"", data[-_END_OCTETS:])):
            self.mid_line = not seen.endswith((b"\n", b"\r"))
        self.go_on()

    def go_on(self) -> None:
        """Send what the client takes now."""
        transport = self.conn.transport
        sent = False
        while self._waiting and self.remoteWindowLeft > 0 and not transport.congested and not self.localClosed:
            stream, data = self._waiting.popleft()
            size = min(len(data), self.remoteWindowLeft, self.remoteMaxPacket)
            if size < len(data):
                self._waiting.appendleft((stream, data[size:]))
            self.remoteWindowLeft -= size
            self.waiting_octets -= size
            sent = True
            if stream:
                self.conn.sendExtendedData(self, stream, data[:size])
            else:
                self.conn.sendData(self, data[:size])
        if sent:
            transport.active()
            if self.running is not None:
                self.running.writable()
        if not self._waiting and self._final is not None:
            final, self._final = self._final, None
            final()

    def finish(self, status: int) -> None:
        """All is written: send the exit status once it is read, and close."""

        def close() -> None:
            if not self.localClosed:
                self.conn.sendRequest(self, b"exit-status", struct.pack(">L", status & 0xFF))
                self.conn.sendEOF(self)
                self.conn.sendClose(self)

        self._final = close
        self.go_on()

    def addWindowBytes(self, data: int) -> None:
        """The client takes so many octets more."""
        self.remoteWindowLeft += data
        self.go_on()

    # What is read

    def dataReceived(self, data: bytes) -> None:
        """The client has sent data."""
        if self.running is None or self._ended:
            self.consumed(len(data))  # before there is a command nobody reads it
        else:
            self.running.data_received(data)

    def consumed(self, octets: int) -> None:
        """So many octets of what came are used: the client may send as many again, told by the half window."""
        self._used += octets
        if self._used >= WINDOW // 2 and not self.localClosed:
            used, self._used = self._used, 0
            self.conn.adjustWindow(self, used)

    def eofReceived(self) -> None:
        """The client will send no more."""
        self._ended = True
        if self.running is not None:
            self.running.input_ended()

    def closeReceived(self) -> None:
        """The client wants nothing more of this session."""
        self._waiting.clear()
        self.waiting_octets = 0
        self._lose()
        self.conn.sendClose(self)

    def closed(self) -> None:
        """Both sides have closed it, or the connection is gone."""
        self.localClosed = True
        self._waiting.clear()
        self.waiting_octets = 0
        self._lose()

    def _lose(self) -> None:
        running, self.running = self.running, None
        if running is not None:
            running.lost()

    # Requests

    def requestReceived(self, requestType: bytes, data: bytes) -> bool:
        """Whether the request is granted. X11 and agent forwarding are not, nor subsystems but those of `parts`."""
        match requestType:
            case b"pty-req":
                return self._request_terminal(data)
            case b"window-change":
                self._resize(*struct.unpack(">2L", data[:8]))
                return True
            case b"env":
                self._environment += 1
                return self._environment <= MOST_ENVIRONMENT and getNS(data)[0].startswith((b"LC_", b"LANG"))
            case b"signal":
                if self.running is not None and getNS(data)[0] == b"INT":
                    self.running.interrupted()
                return True
            case b"shell":
                return self._begin(lambda: self.parts.begin(self, None))
            case b"exec":
                command = getNS(data)[0]
                line = command.decode("utf-8", "replace")
                return len(command) <= LONGEST_COMMAND and self._begin(lambda: self.parts.begin(self, line))
            case b"subsystem":
                subsystem = self.parts.subsystems.get(getNS(data)[0])
                return subsystem is not None and self._begin(lambda: subsystem(self))
        return False

    def _request_terminal(self, data: bytes) -> bool:
        if self.terminal is not None or self.running is not None:
            return False
        terminal, rest = getNS(data)
        self.terminal = terminal[:64].decode("ascii", "replace")
        self._resize(*struct.unpack(">2L", rest[:8]))
        return True

    def _resize(self, columns: int, lines: int) -> None:
        # A client that does not know says 0.
        self.columns = min(columns, MOST_COLUMNS) or 80
        self.lines = min(lines, MOST_LINES) or 24
        if self.running is not None:
            self.running.resized()

    def _begin(self, begin: Callable[[], Running]) -> bool:
        if self.running is not None or self.conn.transport.account is None:
            return False
        self.conn.transport.commands += 1
        self.running = begin()
        return True
