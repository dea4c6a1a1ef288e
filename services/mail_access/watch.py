"""Events, as far as they concern who is signed in: an account that is disabled or gone loses its sessions."""

from __future__ import annotations

from collections.abc import Collection

from services.mail_access.signed_in import SignedIn
from shared.accounts.errors import AccountNotFound
from shared.accounts.find_account import find_account_by_id
from shared.database.database import Database
from shared.events.bus import Bus
from shared.events.watches import Watch
from shared.runtime.spawn import spawn


def watch_accounts(bus: Bus, database: Database, doors: Collection[SignedIn]) -> Watch:
    """Keep `doors` free of those who may not be there any more, for as long as the process lives."""

    def look_at(account_id: int | None) -> None:
        for door in doors:
            present = door.accounts()
            for each in present if account_id is None else {account_id}.intersection(present):
                spawn(_look_at(database, each, door), "looking whether an account may stay")

    return bus.watch_accounts(look_at)


async def _look_at(database: Database, account_id: int, door: SignedIn) -> None:
    try:
        account = await database.read(find_account_by_id, account_id)
    except AccountNotFound:
        door.shut_out(account_id)
        return
    if not account.enabled:
        door.shut_out(account_id)
