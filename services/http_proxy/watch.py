"""Events, as far as they concern who goes out: a changed account proves itself anew, a disabled one has no tunnels."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from services.http_proxy.authorize import Authorizer
from shared.accounts.errors import AccountNotFound
from shared.accounts.find_account import find_account_by_id
from shared.database.database import Database
from shared.events.bus import Bus
from shared.events.watches import Watch
from shared.runtime.spawn import spawn


class Leavable(Protocol):
    """A connection that is somebody's for as long as it has an exchange or tunnel."""

    @property
    def account_id(self) -> int | None:
        """Whose it is now."""

    def cut_off(self) -> None:
        """End it."""


def watch_accounts(
    bus: Bus, database: Database, authorizer: Authorizer, connections: Callable[[], Iterable[Leavable]]
) -> Watch:
    """Forget what was proved of accounts that change, for as long as the process lives."""

    def look_at(account_id: int | None) -> None:
        if account_id is None:
            authorizer.doubt()
            return
        authorizer.forget(account_id)
        if any(each.account_id == account_id for each in connections()):
            spawn(_look_at(database, account_id, connections), "looking whether an account may stay")

    return bus.watch_accounts(look_at)


async def _look_at(database: Database, account_id: int, connections: Callable[[], Iterable[Leavable]]) -> None:
    try:
        if (await database.read(find_account_by_id, account_id)).enabled:
            return
    except AccountNotFound:
        pass
    for each in [each for each in connections() if each.account_id == account_id]:
        each.cut_off()
