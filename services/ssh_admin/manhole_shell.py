"""The manhole in the shell: lines of Python, each in the audit before it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.defer import CancelledError
from twisted.logger import Logger

from services.ssh_admin.commands import OWN_PASSWORD_WANTED
from services.ssh_admin.line_editor import LineInterrupted
from services.ssh_admin.manhole_lines import Statement
from services.ssh_admin.replies import FAILED, NOT_FOUND, reply_to
from shared.accounts.account import Account, Role
from shared.accounts.errors import AccountNotFound
from shared.administration import audit
from shared.administration.errors import AccountShutOut
from shared.control.manhole.client import ManholeClient, enter_manhole
from shared.control.manhole.errors import ManholeAway
from shared.database.database import Database
from shared.errors import DomainError
from shared.events.bus import Bus
from shared.runtime.settings import ServiceSettings
from shared.runtime.stack_key import StackKeyUnusable, read_stack_key

WORD = "manhole"
_log = Logger()


class ManholeShell:
    """What the shell needs to lead an administrator into a process and back."""

    def __init__(
        self,
        reactor: Any,
        settings: ServiceSettings,
        database: Database,
        bus: Bus,
        door: str,
        say: Callable[[str], None],
        by_app_password: bool,
    ) -> None:
        """`by_app_password`: the client has signed in with one, which opens no manhole."""
        self._reactor = reactor
        self._settings = settings
        self._database = database
        self._bus = bus
        self._door = door
        self._say = say
        self._by_app_password = by_app_password
        self._client: ManholeClient | None = None

    @property
    def runs(self) -> bool:
        """Whether a line is running: keys are not for the line editor."""
        return self._client is not None

    def interrupt(self) -> None:
        """Ctrl-C: what is awaited is cancelled; the second time it is left alone."""
        if self._client is not None:
            self._client.cancel()

    def lost(self) -> None:
        """Nobody waits any more."""
        if self._client is not None:
            self._client.cancel()
            self._client.leave()

    async def enter(self, words: Sequence[str], account: Account, peer: str, next_line: Callable[[str], Any]) -> None:
        """Until Ctrl-D. Raises AccountShutOut."""
        number = await self._begin(" ".join(words), account, peer)
        if number is None:
            return
        status = FAILED
        try:
            if self._by_app_password:
                self._say(OWN_PASSWORD_WANTED.text)
            elif len(words) != 2:
                self._say("Usage: manhole SERVICE[@COPY]\n")
            elif not self._settings.manhole:
                self._say("AGORA_MANHOLE is off: no process lets anybody in.\n")
            else:
                key = read_stack_key(self._settings.stack_key_file)
                client = await enter_manhole(self._reactor, self._database, self._bus, key, words[1])
                self._say(f"This is {client.where}. Ctrl-D leads back.\n")  # of several copies the oldest, unless named
                try:
                    await self._read(client, words[1], account, peer, next_line)
                    status = 0
                finally:
                    client.close()
        except (ManholeAway, StackKeyUnusable) as away:
            self._say(f"{away}\n")
        except DomainError as error:
            self._say(f"{reply_to(error).sentence}\n")
        finally:
            await self._end(number, status)

    async def _read(
        self, client: ManholeClient, where: str, account: Account, peer: str, next_line: Callable[[str], Any]
    ) -> None:
        statement = Statement()
        while True:
            try:
                source = statement.add(await next_line(statement.prompt))
            except LineInterrupted:
                statement.clear()
                continue
            except (EOFError, CancelledError, asyncio.CancelledError):
                return
            except ValueError as error:
                self._say(f"{error}\n")
                continue
            if source is None or not source.strip():
                continue
            number = await self._begin(f"{WORD} {where}: {source}", account, peer)
            if number is None:
                return
            self._client = client
            status = FAILED
            try:
                self._say(await client.run(source, account.name))
                status = 0
            finally:
                self._client = None
                await self._end(number, status)

    async def _begin(self, command: str, account: Account, peer: str) -> int | None:
        """The number in the audit if the account, still an administrator, may go on."""
        try:
            begun = await self._database.transact(audit.begin, account.id, self._door, peer, command)
        except AccountNotFound:
            raise AccountShutOut(account.name) from None
        except AccountShutOut:
            raise
        except DomainError as error:
            self._say(f"{reply_to(error).sentence}\n")
            return None
        if begun.account.role is not Role.ADMIN:
            self._say(f"No such command: {WORD}. Try help.\n")
            await self._end(begun.number, NOT_FOUND)
            return None
        return begun.number

    async def _end(self, number: int, status: int) -> None:
        try:
            await self._database.transact(audit.end, number, status)
        except DomainError as error:
            _log.warn("the end of command {number} is not in the audit: {reason}", number=number, reason=repr(error))
