"""The pages of the wiki as one session sees them: in the store, without those that the session has put aside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from services.ssh_admin.sftp import page_store
from services.ssh_admin.sftp.audited import Audited
from services.ssh_admin.sftp.desk import Desk
from services.ssh_admin.sftp.page_attributes import PageAttributes
from services.ssh_admin.sftp.places import PAGES, FilePlace, is_file_of_page
from shared.accounts.account import Account
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.wiki.list_pages import PageLine

P = ParamSpec("P")
T = TypeVar("T")


class PageFiles:
    """The session's way to the store (operations of page_store.py), with its desk and its audit."""

    def __init__(self, database: Database, account: Account, desk: Desk, audited: Audited) -> None:
        self._database = database
        self._account_id = account.id
        self.desk = desk
        self.audited = audited
        self.attributes = PageAttributes(account.id)

    async def read(
        self, operation: Callable[Concatenate[Transaction, int, P], T], *arguments: P.args, **named: P.kwargs
    ) -> T:
        """The result of an operation that reads, for the session's account. Raises as the operation does."""
        return await self._database.read(operation, self._account_id, *arguments, **named)

    async def transact(
        self, operation: Callable[Concatenate[Transaction, int, P], T], *arguments: P.args, **named: P.kwargs
    ) -> T:
        """The result of an operation that writes, once it is committed. Raises as the operation does."""
        return await self._database.transact(operation, self._account_id, *arguments, **named)

    def can_be(self, place: FilePlace) -> bool:
        """Whether the session can see a page there."""
        return is_file_of_page(place) and not self.desk.is_aside(place.name)

    async def line(self, place: FilePlace) -> PageLine | None:
        """The line of the page that is there; None if there is no page."""
        return await self.read(page_store.line_of, place.name) if self.can_be(place) else None

    def keep_folder(self, place: FilePlace) -> None:
        """A client that removes all files of a directory removes the directory next: it is there until then."""
        folder = place.path.rpartition("/")[0]
        if folder != PAGES:
            self.desk.make_folder(folder)
