"""Events, as far as they concern who is signed in: an account that is disabled or gone loses its sessions."""

from __future__ import annotations

from collections.abc import Collection

from services.mail_access.signed_in import SignedIn
from shared.accounts.channel import ACCOUNTS
from shared.accounts.stays import Stays
from shared.database.database import Database
from shared.events.bus import Bus
from shared.events.channel import EVERYTHING
from shared.events.watches import Watch


def watch_accounts(bus: Bus, database: Database, doors: Collection[SignedIn]) -> Watch:
    """Keep `doors` free of those who may not be there any more, for as long as the process lives."""

    def leave(account_id: int) -> None:
        for door in doors:
            door.shut_out(account_id)

    stays = Stays(database, leave)

    def look_at(account_id: int | None) -> None:
        present = {each for door in doors for each in door.accounts()}
        for each in present if account_id is None else present.intersection({account_id}):
            stays.look_at(each)

    return bus.watch(ACCOUNTS, EVERYTHING, look_at)
