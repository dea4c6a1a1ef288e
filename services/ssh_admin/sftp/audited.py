"""The audit of what a session changes: a row before it begins, and its outcome."""

from __future__ import annotations

import shlex
from collections.abc import Awaitable, Callable
from typing import TypeVar

from twisted.logger import Logger

from shared.accounts.account import Account
from shared.accounts.errors import AccountNotFound
from shared.administration import audit
from shared.administration.errors import AccountShutOut
from shared.database.database import Database
from shared.errors import DomainError

_log = Logger()
T = TypeVar("T")


class Audited:
    """Writes the rows of one account at one door."""

    def __init__(self, database: Database, account: Account, door: str, peer: str) -> None:
        self._database = database
        self._account = account
        self._door = door
        self._peer = peer

    async def begin(self, *words: str) -> int:
        """The number of a new row. Raises AccountShutOut, and what the store raises: then nothing may be done."""
        command = shlex.join(("sftp", *words))
        try:
            begun = await self._database.transact(audit.begin, self._account.id, self._door, self._peer, command)
        except AccountNotFound:
            raise AccountShutOut(self._account.name) from None
        return begun.number

    async def end(self, number: int, status: int) -> None:
        """Note how it ended."""
        try:
            await self._database.transact(audit.end, number, status)
        except DomainError as error:
            _log.warn("the end of command {number} is not in the audit: {reason}", number=number, reason=repr(error))

    async def run(self, words: tuple[str, ...], work: Callable[[], Awaitable[T]]) -> T:
        """The outcome of `work`, which is in the audit as `words`."""
        number = await self.begin(*words)
        status = 1
        try:
            result = await work()
            status = 0
        finally:
            await self.end(number, status)
        return result
