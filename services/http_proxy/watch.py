"""Events, as far as they concern who goes out: a changed account proves itself anew, a disabled one has no tunnels."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from services.http_proxy.authorize import Authorizer
from shared.accounts.channel import ACCOUNTS
from shared.accounts.stays import Stays
from shared.database.database import Database
from shared.events.bus import Bus
from shared.events.channel import EVERYTHING
from shared.events.watches import Watch


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

    def leave(account_id: int) -> None:
        for each in [each for each in connections() if each.account_id == account_id]:
            each.cut_off()

    stays = Stays(database, leave)

    def look_at(account_id: int | None) -> None:
        if account_id is None:
            authorizer.doubt()
        else:
            authorizer.forget(account_id)
        present = {each.account_id for each in connections()} - {None}
        for each in present if account_id is None else present.intersection({account_id}):
            if each is not None:
                stays.look_at(each)

    return bus.watch(ACCOUNTS, EVERYTHING, look_at)
