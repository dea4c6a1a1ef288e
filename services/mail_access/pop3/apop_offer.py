"""The offer of APOP: POP3's greeting has a timestamp only while some app password was made for it.

Programs that find one in the greeting use APOP and nothing else (RFC 1939 §7), also with a password that does not work
with it.
"""

from __future__ import annotations

from shared.accounts.channel import ACCOUNTS
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.events.channel import EVERYTHING
from shared.events.watches import Watch
from shared.runtime.until_quiet import UntilQuiet

_ANY = (
    "SELECT EXISTS (SELECT FROM credential"
    " WHERE apop_secret IS NOT NULL AND (protocols = '{}' OR 'pop3' = ANY (protocols)))"
)


class ApopOffer:
    """Asks the store at the start and whenever an account has changed; one question at a time."""

    def __init__(self, database: Database) -> None:
        self.stands = False
        self._database = database
        self._questions = UntilQuiet(self._ask, "asking whether APOP is offered")

    def watch(self, bus: Bus) -> Watch:
        """Follow the changes of all accounts, those of other processes too."""
        self.look()
        return bus.watch(ACCOUNTS, EVERYTHING, lambda account_id: self.look())

    def look(self) -> None:
        """Ask the store; `stands` changes when it has answered, and stays as it is while the store is away."""
        self._questions.look()

    async def _ask(self) -> None:
        self.stands = await self._database.read(_is_any_made_for_apop)


def _is_any_made_for_apop(tx: Transaction) -> bool:
    return bool(tx.value(_ANY))
