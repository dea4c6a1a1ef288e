"""Whether those who are signed in may stay, asked whenever their accounts have changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from twisted.internet.task import deferLater

from shared.accounts.errors import AccountNotFound
from shared.accounts.find_account import find_account_by_id
from shared.database.database import Database
from shared.database.errors import StatementTimedOut, StoreUnavailable
from shared.runtime.spawn import spawn

ASK_AGAIN = timedelta(seconds=5)


class Stays:
    """Has those leave whose account is disabled or gone; while the store is away it is asked again and again.

    There is one question under way for each account, however often it changes meanwhile.
    """

    def __init__(self, database: Database, leave: Callable[[int], None], ask_again: timedelta = ASK_AGAIN) -> None:
        """`leave(account_id)` ends what the account has open in this process."""
        self._database = database
        self._leave = leave
        self._ask_again = ask_again
        self._under_way: dict[int, bool] = {}  # accounts that are asked about; whether they changed meanwhile

    def look_at(self, account_id: int) -> None:
        """The account has changed."""
        if account_id in self._under_way:
            self._under_way[account_id] = True
        else:
            spawn(self._look(account_id), "looking whether an account may stay")

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
            self._leave(account_id)

    async def _may_stay(self, account_id: int) -> bool:
        while True:
            try:
                return (await self._database.read(find_account_by_id, account_id)).enabled
            except AccountNotFound:
                return False
            except (StoreUnavailable, StatementTimedOut):
                if self._database.is_closed:
                    return True  # the process is leaving, and everybody with it
            await deferLater(self._database.clock, self._ask_again.total_seconds())  # type: ignore[arg-type]
