"""Revocation: an account that is disabled or gone loses what it has open in this process."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Protocol

from twisted.internet.task import deferLater

from shared.accounts.account import Account
from shared.accounts.channel import ACCOUNTS
from shared.accounts.errors import AccountNotFound
from shared.accounts.find_account import find_account_by_id
from shared.database.database import Database
from shared.database.errors import StatementTimedOut, StoreUnavailable
from shared.events.bus import Bus
from shared.events.channel import EVERYTHING
from shared.events.watches import Watch
from shared.runtime.spawn import spawn

ASK_AGAIN = timedelta(seconds=5)


def is_enabled(account: Account) -> bool:
    """Whether the account may sign in."""
    return account.enabled


class Revocable(Protocol):
    """The sessions or connections that accounts have open."""

    def accounts(self) -> Collection[int]:
        """The accounts that have a session or connection open."""

    def shut_out(self, account_id: int) -> None:
        """End all that the account has open."""


class Revocation:
    """Asks the store, whenever an account has changed, whether it may stay; while the store is away, again and again.

    There is one question under way for each account, however often it changes meanwhile.
    """

    def __init__(
        self,
        database: Database,
        opened: Revocable,
        ask_again: timedelta = ASK_AGAIN,
        stays: Callable[[Account], bool] = is_enabled,
    ) -> None:
        """`stays`: whether an account, as it is now, keeps what it has open."""
        self._database = database
        self._opened = opened
        self._ask_again = ask_again
        self._stays = stays
        self._under_way: dict[int, bool] = {}  # accounts that are asked about; whether they changed meanwhile

    def watch(self, bus: Bus) -> Watch:
        """Look at every account that changes from now on."""
        return bus.watch(ACCOUNTS, EVERYTHING, self.look_at)

    def look_at(self, account_id: int | None) -> None:
        """The account has changed; None: any may have."""
        present = set(self._opened.accounts())
        for each in present if account_id is None else present.intersection({account_id}):
            if each in self._under_way:
                self._under_way[each] = True
            else:
                spawn(self._look(each), "looking whether an account may stay")

    async def _look(self, account_id: int) -> None:
        stays = changed = True
        try:
            while stays and changed:
                self._under_way[account_id] = False
                stays = await self._may_stay(account_id)
                changed = self._under_way[account_id]
        finally:
            del self._under_way[account_id]
        if not stays:
            self._opened.shut_out(account_id)

    async def _may_stay(self, account_id: int) -> bool:
        while True:
            try:
                return self._stays(await self._database.read(find_account_by_id, account_id))
            except AccountNotFound:
                return False
            except (StoreUnavailable, StatementTimedOut):
                if self._database.is_closed:
                    return True  # the process shuts down, and all sessions end with it
            await deferLater(self._database.clock, self._ask_again.total_seconds())  # type: ignore[arg-type]
