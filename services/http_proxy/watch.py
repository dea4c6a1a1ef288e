"""The account events that the proxy follows: a changed account signs in again, a disabled one has no tunnels."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Protocol

from shared.accounts.channel import ACCOUNTS
from shared.accounts.http_credentials import HttpCredentials
from shared.accounts.revocation import Revocation
from shared.database.database import Database
from shared.events.bus import Bus
from shared.events.channel import EVERYTHING
from shared.events.watches import Watch


class Leavable(Protocol):
    """A client's connection, which belongs to an account for as long as it has an exchange or tunnel."""

    @property
    def account_id(self) -> int | None:
        """The account that it belongs to now."""

    def cut_off(self) -> None:
        """End it."""


class _Connections:
    """The connections of this process, as Revocation sees what accounts have open."""

    def __init__(self, connections: Callable[[], Iterable[Leavable]]) -> None:
        self._connections = connections

    def accounts(self) -> Collection[int]:
        return {each.account_id for each in self._connections() if each.account_id is not None}

    def shut_out(self, account_id: int) -> None:
        for each in [each for each in self._connections() if each.account_id == account_id]:
            each.cut_off()


def watch_accounts(
    bus: Bus, database: Database, credentials: HttpCredentials, connections: Callable[[], Iterable[Leavable]]
) -> Watch:
    """Forget what was proved of accounts that change, for as long as the process lives."""
    revocation = Revocation(database, _Connections(connections))

    def look_at(account_id: int | None) -> None:
        if account_id is None:
            credentials.doubt()
        else:
            credentials.forget(account_id)
        revocation.look_at(account_id)

    return bus.watch(ACCOUNTS, EVERYTHING, look_at)
