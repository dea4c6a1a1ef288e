"""A change by an administrator: noted in the audit before it begins, as a command that comes by SSH is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from services.wiki.site.errors import AdminsAlone
from shared.accounts.account import Account, Role
from shared.administration import audit
from shared.database.database import Database
from shared.database.transaction import Transaction

T = TypeVar("T")


class Changer(NamedTuple):
    """Who changes something, by which door and from where."""

    account: Account
    door: str
    host: str


async def noted_change(database: Database, who: Changer, command: str, change: Callable[[Transaction], T]) -> T:
    """What `change` returns. `command` is how the command line would say it, without secrets.

    Raises AdminsAlone for who is no administrator, or none any more, AccountShutOut, StoreUnavailable, and what
    `change` does.
    """
    if who.account.role is not Role.ADMIN:
        raise AdminsAlone
    begun = await database.transact(audit.begin, who.account.id, who.door, who.host, command)
    status = 1
    try:
        if begun.account.role is not Role.ADMIN:
            raise AdminsAlone
        result = await database.transact(change)
        status = 0
        return result
    finally:
        await database.transact(audit.end, begun.number, status)
