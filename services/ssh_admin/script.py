"""A script: commands by the standard input of a session without a terminal (`ssh host < script`).

The status is that of the last one.
"""

from __future__ import annotations

from typing import Any

from services.ssh_admin.commands import Commands
from services.ssh_admin.exec_session import CommandRun
from services.ssh_admin.replies import USAGE
from services.ssh_admin.session_channel import SessionChannel
from services.ssh_admin.words import ENDS
from shared.accounts.account import Account
from shared.administration.errors import AccountShutOut
from shared.runtime.spawn import spawn

LONGEST_SCRIPT_LINE = 32_768  # octets; half the window, so that a whole one fits


class Script:
    """A session without a terminal: a Running of its channel."""

    def __init__(self, channel: SessionChannel, reactor: Any, commands: Commands) -> None:
        account = channel.conn.transport.account
        assert account is not None  # no channel is opened before
        self._account: Account = account
        self._channel = channel
        self._reactor = reactor
        self._commands = commands
        self._octets = bytearray()
        self._ended = self._busy = self._lost = False
        self._command: CommandRun | None = None
        self._status = 0

    def data_received(self, data: bytes) -> None:
        """Lines have come, or parts of them."""
        self._octets += data
        if b"\n" not in self._octets and len(self._octets) > LONGEST_SCRIPT_LINE:
            self._octets.clear()
            self._status, self._ended = USAGE, True
        self._go_on()

    def input_ended(self) -> None:
        """No more lines will come."""
        self._ended = True
        if self._octets and not self._octets.endswith(b"\n"):
            self._octets += b"\n"
        self._go_on()

    def _go_on(self) -> None:
        if not self._busy:
            self._busy = True
            spawn(self._run_all(), "a script over SSH")

    async def _run_all(self) -> None:
        try:
            while b"\n" in self._octets and not self._lost:
                line, _, rest = self._octets.partition(b"\n")
                self._octets = bytearray(rest)
                self._channel.consumed(len(line) + 1)
                words = bytes(line).decode("utf-8", "replace").strip()
                if words in ENDS:
                    self._ended = True
                    break
                await self._run(words)
            if self._ended:
                self._channel.finish(self._status)
        except AccountShutOut:
            self._channel.conn.transport.shut_out()
        finally:
            self._busy = False

    async def _run(self, line: str) -> None:
        self._command = run = CommandRun(self._channel, self._reactor, self._commands)
        run.stdin.end()
        try:
            if line and not line.startswith("#"):
                self._status = await run.run(line, self._account)
        finally:
            self._command = None

    def resized(self) -> None:
        """There is no terminal."""

    def interrupted(self) -> None:
        """SIGINT from the client."""
        if self._command is not None:
            self._command.interrupted()

    def writable(self) -> None:
        """The client has read."""
        if self._command is not None:
            self._command.writable()

    def lost(self) -> None:
        """Nobody is there any more."""
        self._lost = True
        if self._command is not None:
            self._command.lost()
