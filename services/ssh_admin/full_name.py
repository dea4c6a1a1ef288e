"""The full name, asked for once: by this door where no other was told it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from twisted.internet.defer import CancelledError

from services.ssh_admin.line_editor import LineInterrupted
from services.ssh_admin.replies import reply_to
from shared.accounts.account import Account
from shared.accounts.errors import UnusableFullName
from shared.accounts.realm import NewMember
from shared.database.database import Database
from shared.errors import DomainError

QUESTION = "What's your full name? "


async def ask_full_name(
    database: Database, member: NewMember, ask: Callable[[str], Awaitable[str]], say: Callable[[str], None]
) -> Account | None:
    """The account with its name; None when the client leaves without an answer. What cannot be a name is asked again.

    While the store is away the account goes in without one, and is asked the next time.
    """
    while True:
        try:
            return await database.transact(member.set_full_name, await ask(QUESTION))
        except LineInterrupted:
            continue
        except UnusableFullName as error:
            say(f"This cannot be a full name: {error}.\n")
        except DomainError as error:
            say(f"{reply_to(error).sentence}\n")
            return member.account
        except (EOFError, CancelledError, asyncio.CancelledError):
            return None
