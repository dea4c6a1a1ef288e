"""The interactive shell: a greeting, then commands one after the other, with a line editor before each."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import CancelledError, Deferred

from services.ssh_admin.access import find, tree_of
from services.ssh_admin.commands import Commands
from services.ssh_admin.completion import ShellCompleter
from services.ssh_admin.exec_session import CommandRun
from services.ssh_admin.line_editor import LineEditor, LineInterrupted
from services.ssh_admin.open_shells import OpenShells
from services.ssh_admin.pager import Pager
from services.ssh_admin.replies import TRY_AGAIN
from services.ssh_admin.session_channel import SessionChannel
from services.ssh_admin.words import ENDS, WORDS, full_name, names
from shared.accounts.account import Account
from shared.administration.errors import AccountShutOut
from shared.administration.shell_lines import keep_line, read_lines
from shared.database.database import Database
from shared.errors import DomainError
from shared.runtime.spawn import spawn

MOST_AHEAD = 4096  # octets that are typed while a command runs
INTERRUPT = b"\x03"


class Shell:
    """One session at a terminal: a Running of its channel."""

    def __init__(
        self,
        channel: SessionChannel,
        reactor: Any,
        commands: Commands,
        database: Database,
        host: str,
        shells: OpenShells,
    ) -> None:
        account = channel.conn.transport.account
        assert account is not None  # no channel is opened before
        self._account: Account = account
        self._channel = channel
        self._reactor = reactor
        self._commands = commands
        self._database = database
        self._shells = shells
        self._prompt = f"{account.name}@{host}$ "
        self._editor: LineEditor | None = None
        self._command: CommandRun | None = None
        self._pager: Pager | None = None
        self._ahead = bytearray()
        self._lost = False

    def begin(self) -> Shell:
        """Greet, and read commands."""
        spawn(self._converse(), "the shell of an account")
        return self

    async def _converse(self) -> None:
        status = 1
        if not self._shells.admit(self._account.id):
            self._say("There are too many shells: try again later.\n")
            self._channel.finish(TRY_AGAIN)
            return
        try:
            self._greet()
            completer = ShellCompleter(self._account, self._database, asyncio.get_event_loop)
            self._editor = LineEditor(self._channel, self._reactor, await self._history(), completer)
            await self._read_commands(self._editor)
            status = 0
            self._say("Goodbye.\n")
        except AccountShutOut:
            self._channel.conn.transport.shut_out()
        finally:
            self._shells.leave(self._account.id)
            self._channel.finish(status)

    def _greet(self) -> None:
        self._say(f"Welcome {full_name(self._account)}.\nCommands: {', '.join(names(tree_of(self._account)))}\n")

    async def _read_commands(self, editor: LineEditor) -> None:
        while not self._lost:
            editor.feed(bytes(self._ahead))
            self._ahead.clear()
            try:
                line = await self._next_line(editor)
            except LineInterrupted:
                continue
            except (EOFError, CancelledError, asyncio.CancelledError):
                return
            if line.strip() in ENDS:
                return
            self._ahead += editor.take_back()
            await self._run(line)
            await self._keep(line)

    async def _next_line(self, editor: LineEditor) -> str:
        reading = Deferred.fromCoroutine(editor.read_line(self._prompt))
        editor.begin_taking()
        return await reading

    async def _run(self, line: str) -> None:
        run = CommandRun(self._channel, self._reactor, self._commands)
        self._pager = pager = Pager(run.stdout.put, lambda: (self._channel.columns, self._channel.lines))
        run.stdout.page_with(pager.write)
        run.styled.page_with(pager.write)
        self._command = run
        run.stdin.wanted = lambda: self._reactor.callFromThread(self._feed_ahead)
        try:
            await run.run(line, self._account)
        finally:
            self._command = self._pager = None

    async def _history(self) -> Sequence[str]:
        try:
            return await self._database.read(read_lines, self._account.id)
        except DomainError:
            return ()

    async def _keep(self, line: str) -> None:
        """For the next session. What is no command may be a password that was typed a line too early."""
        with contextlib.suppress(DomainError, ValueError):
            words = shlex.split(line)
            if words and line[0] != " " and (words[0] in WORDS or find(tree_of(self._account), words) is not None):
                await self._database.transact(keep_line, self._account.id, line)

    def _say(self, text: str) -> None:
        self._channel.put(text.replace("\n", "\r\n").encode())

    # Running

    def data_received(self, data: bytes) -> None:
        """Keys were pressed."""
        if self._command is None and self._editor is not None:
            self._editor.feed(data)
            return
        self._channel.consumed(len(data))
        if self._pager is not None and self._pager.waits:
            self._pager.key(data[:1].decode("latin-1"))
        elif INTERRUPT in data:
            self._ahead.clear()
            self._say("^C\n")
            self.interrupted()
        else:
            self._ahead += data[: MOST_AHEAD - len(self._ahead)]
            if self._command is not None and self._command.stdin.is_waiting:
                self._feed_ahead()

    def _feed_ahead(self) -> None:
        """The command reads: what was typed is for it, up to the end of a line."""
        if self._command is not None and self._command.cooked is not None and self._ahead:
            line, end, rest = self._ahead.partition(b"\r")
            self._ahead = bytearray(rest)
            self._command.cooked.feed(bytes(line + end))

    def input_ended(self) -> None:
        """The client will send no more."""
        if self._command is not None:
            self._command.input_ended()
        if self._editor is not None:
            self._editor.close()

    def resized(self) -> None:
        """The terminal has another size."""
        if self._editor is not None:
            self._editor.resized()

    def interrupted(self) -> None:
        """Ctrl-C, or SIGINT from the client: it ends a command, not the session."""
        if self._pager is not None:
            self._pager.key(INTERRUPT.decode())
        if self._command is not None:
            self._command.interrupted()

    def writable(self) -> None:
        """The client has read."""
        if self._command is not None:
            self._command.writable()

    def lost(self) -> None:
        """Nobody is there any more."""
        self._lost = True
        self.interrupted()
        if self._command is not None:
            self._command.lost()
        if self._editor is not None:
            self._editor.close()
