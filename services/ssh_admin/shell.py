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
from services.ssh_admin.full_name import ask_full_name
from services.ssh_admin.keys_input import KeysInput
from services.ssh_admin.line_editor import LineEditor, LineInterrupted
from services.ssh_admin.manhole_shell import WORD, ManholeShell
from services.ssh_admin.open_shells import OpenShells
from services.ssh_admin.pager import Pager
from services.ssh_admin.replies import TRY_AGAIN
from services.ssh_admin.session_channel import SessionChannel
from services.ssh_admin.settings import SshAdminSettings
from services.ssh_admin.words import ENDS, WORDS, full_name, names
from shared.accounts.account import Account, IMember, INewMember, Role
from shared.accounts.realm import AccountRealm, NewMember
from shared.administration.errors import AccountShutOut
from shared.administration.shell_lines import keep_line, read_lines
from shared.command_line.terminal.printable import printable
from shared.database.database import Database
from shared.errors import DomainError
from shared.events.bus import Bus
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
        bus: Bus,
        settings: SshAdminSettings,
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
        self._prompt = f"{account.name}@{settings.hostname}$ "
        self._manhole = ManholeShell(
            *(reactor, settings, database, bus, channel.parts.door, self._say_harmless),
            by_app_password=channel.conn.transport.by_app_password,
        )
        self._editor: LineEditor | None = None
        self._command: CommandRun | None = None
        self._pager: Pager | None = None
        self._ahead = bytearray()
        self._keys = KeysInput()
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
            if not await self._know_full_name():
                status = 0
                self._say("Goodbye.\n")
                return
            self._completer = ShellCompleter(self._account, self._database, asyncio.get_event_loop)
            self._editor = LineEditor(self._channel, self._reactor, self._history, self._completer, self._keys)
            await self._read_commands(self._editor)
            status = 0
            self._say("Goodbye.\n")
        except AccountShutOut:
            self._channel.conn.transport.shut_out()
        finally:
            self._shells.leave(self._account.id)
            self._channel.finish(status)

    async def _know_full_name(self) -> bool:
        """Greet by the full name, asked for where no door has been told it. False: the client has left."""
        _, avatar, _ = AccountRealm().requestAvatar(self._account, None, INewMember, IMember)
        welcome = f"Welcome {full_name(self._account)}."
        if isinstance(avatar, NewMember):
            account = await ask_full_name(self._database, avatar, self._ask, self._say_harmless)
            if account is None:
                return False
            self._account = self._channel.conn.transport.account = account
            welcome = f"Welcome {full_name(account)}!"
        self._say(f"{welcome}\nCommands: {', '.join(names(tree_of(self._account)))}\n")
        return True

    async def _ask(self, prompt: str) -> str:
        """A line that is no command: it is not in the history."""
        completer = ShellCompleter(self._account, self._database, asyncio.get_event_loop)
        completer.is_off = True
        self._editor = editor = LineEditor(self._channel, self._reactor, _no_history, completer, self._keys)
        editor.feed(bytes(self._ahead))
        self._ahead.clear()
        try:
            return await self._next_line(editor, prompt)
        finally:
            self._ahead += editor.take_back()
            self._editor = None

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
            if (words := self._words_for_manhole(line)) is not None:
                await self._enter_manhole(editor, words)
            else:
                self._ahead += editor.take_back()
                await self._run(line)
            await self._keep(line)

    def _words_for_manhole(self, line: str) -> Sequence[str] | None:
        """The words of a line that leads an administrator there; others have no such command."""
        words = line.split()
        return words if words[:1] == [WORD] and self._account.role is Role.ADMIN else None

    async def _enter_manhole(self, editor: LineEditor, words: Sequence[str]) -> None:
        self._completer.is_off = True
        try:
            peer = self._channel.conn.transport.peer_host
            await self._manhole.enter(words, self._account, peer, lambda prompt: self._next_line(editor, prompt))
        finally:
            self._completer.is_off = False

    async def _next_line(self, editor: LineEditor, prompt: str | None = None) -> str:
        reading = Deferred.fromCoroutine(editor.read_line(self._prompt if prompt is None else prompt))
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

    def _say_harmless(self, text: str) -> None:
        self._say(printable(text, besides="\n"))

    # Running

    def data_received(self, data: bytes) -> None:
        """Keys were pressed."""
        if self._manhole.runs and INTERRUPT in data:
            self._channel.consumed(len(data))
            self._manhole.interrupt()
            return
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
        self._manhole.interrupt()
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
        self._manhole.lost()
        self.interrupted()
        if self._command is not None:
            self._command.lost()
        if self._editor is not None:
            self._editor.close()


async def _no_history() -> Sequence[str]:
    return ()
