"""Which mailbox a name stands for."""

from __future__ import annotations

from services.mail_access.imap.mailbox import Mailbox
from services.mail_access.imap.own_mailbox import OwnMailbox
from services.mail_access.imap.parts import ImapParts
from shared.accounts.account import Account


async def mailbox_named(parts: ImapParts, account: Account, name: str) -> Mailbox:
    """The mailbox of that name as the account sees it; whether there is one is found out when it is used."""
    return OwnMailbox(parts, account.id, name)
