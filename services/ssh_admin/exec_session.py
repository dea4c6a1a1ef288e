"""`ssh host command`: one command with its standard streams, then its exit status."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from services.ssh_admin.commands import Commands, CommandStreams
from services.ssh_admin.cooked_input import CookedInput
from services.ssh_admin.session_channel import STDERR, SessionChannel
from services.ssh_admin.streams import CommandInput, CommandOutput
from services.ssh_admin.words import CLEAR, WordAnswer
from shared.administration.errors import AccountShutOut
from shared.runtime.spawn import spawn

if TYPE_CHECKING:
    from shared.accounts.account import Account


class CommandRun:
    """One command under way, and its client's streams: a Running of its channel.

    With a terminal (`ssh -t`) the input is that of one: lines, echoed, with Ctrl-C and Ctrl-D.
    """

    def __init__(self, channel: SessionChannel, reactor: Any, commands: Commands) -> None:
        call = reactor.callFromThread
        self._channel = channel
        self._commands = commands
        is_terminal = channel.terminal is not None
        # What is typed is used as it comes, line by line.
        used: Callable[[int], None] = (
            (lambda octets: None) if is_terminal else (lambda octets: call(channel.consumed, octets))
        )
        self.stdin = CommandInput(used, is_terminal)
        self.cooked = CookedInput(self.stdin, self._echo, self.interrupted) if is_terminal else None
        self.stdout = CommandOutput(channel, call, error=False)
        self.stderr = CommandOutput(channel, call, error=True)
        self.styled = CommandOutput(channel, call, error=False, styled=True)
        self.outputs = (self.stdout, self.stderr, self.styled)
        self.streams = CommandStreams(
            stdin=self.stdin,
            stdout=self.stdout,
            stderr=self.stderr,
            styled=self.styled,
            is_terminal=is_terminal,
            columns=channel.columns,
            ask_hidden=self._ask_hidden,
            say=self._say,
            by_app_password=channel.conn.transport.by_app_password,
            interrupts=[self.stdin.interrupt, *(each.interrupt for each in self.outputs)],
        )

    async def run(self, line: str, account: Account) -> int:
        """The exit status. Raises AccountShutOut."""
        return await self._commands.run(line, account, self._channel.conn.transport.peer_host, self.streams)

    # Running

    def data_received(self, data: bytes) -> None:
        """The client has sent `data`."""
        if self.cooked is None:
            self.stdin.feed(data)
        else:
            self._channel.consumed(len(data))
            self.cooked.feed(data)

    def input_ended(self) -> None:
        """The client will send no more."""
        self.stdin.end()

    def resized(self) -> None:
        """A command keeps the width that it began with."""

    def interrupted(self) -> None:
        """Ctrl-C, or SIGINT from the client."""
        self.streams.interrupt()

    def writable(self) -> None:
        """The client has read."""
        for each in self.outputs:
            each.writable_again()

    def lost(self) -> None:
        """Nobody is there any more."""
        for each in self.outputs:
            each.lose()
        self.streams.interrupt()

    def _say(self, said: WordAnswer) -> None:
        # Clearing the screen is all that a word has to tell a terminal itself.
        text = said.text if said.text == CLEAR else self.stdout.harmless(said.text)
        if self.streams.is_terminal:
            text = text.replace("\n", "\r\n")
        stream = STDERR if said.error and not self.streams.is_terminal else 0
        self._channel.put(text.encode("utf-8", "backslashreplace"), stream)

    def _echo(self, data: bytes) -> None:
        self._channel.put(data)

    def _ask_hidden(self, prompt: str) -> str:
        """In the command's thread."""
        if self.cooked is None:
            raise OSError("there is no terminal to ask")
        self.stdout.write(prompt)
        self.cooked.hidden = True
        try:
            typed = self.stdin.readline()
        finally:
            self.cooked.hidden = False
            self.stdout.write("\n")
        return typed.rstrip("\r\n")


def run_command(channel: SessionChannel, reactor: Any, commands: Commands, line: str) -> CommandRun:
    """Begin the command `line`; the channel closes with its exit status."""
    running = CommandRun(channel, reactor, commands)
    transport = channel.conn.transport
    account = transport.account
    assert account is not None  # no channel is opened before

    async def run() -> None:
        status = 1
        try:
            status = await running.run(line, account)
        except AccountShutOut:
            transport.shut_out()
        finally:
            channel.finish(status)

    spawn(run(), "running a command over SSH")
    return running
