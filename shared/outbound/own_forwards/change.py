"""Ending a forward, and whether what is sent on is kept here, too."""

from __future__ import annotations

from shared.accounts.account import Account
from shared.accounts.channel import AccountChanged
from shared.database.transaction import Transaction
from shared.mail.errors import ForwardNotFound
from shared.mail.forwards import read_target
from shared.outbound.own_forwards.letters import ForwardChange
from shared.outbound.own_forwards.own_forward import lock_forwards, own_forwarding
from shared.outbound.own_forwards.tell import tell_owner


def end_own_forward(tx: Transaction, account: Account, target: str, change: ForwardChange) -> None:
    """Send nothing on to `target` any more, or ask no more whether it may be, and tell the account's owner.

    Raises BadAddress, ForwardNotFound. Announces AccountChanged, FolderChanged, QueueChanged where there are others.
    """
    written, _ = read_target(target)
    lock_forwards(tx, account.id)
    before = own_forwarding(tx, account.id)
    if not tx.execute(
        "DELETE FROM own_forward WHERE account_id = %s AND lower(target) = lower(%s)", (account.id, written)
    ):
        raise ForwardNotFound
    tx.announce(AccountChanged(account.id))
    tell_owner(tx, account, before, f"Your mail is not sent on to {written} any more.", change)


def keep_forwarded(tx: Transaction, account: Account, change: ForwardChange, *, keeps_copy: bool) -> None:
    """Keep what is sent on here, too, or not, and tell the account's owner if that is new.

    Announces AccountChanged, FolderChanged, QueueChanged where there are forwards.
    """
    lock_forwards(tx, account.id)
    before = own_forwarding(tx, account.id)
    if before.keeps_copy == keeps_copy:
        return
    tx.execute("UPDATE account SET keeps_forwarded = %s WHERE id = %s", (keeps_copy, account.id))
    tx.announce(AccountChanged(account.id))
    sentence = "What is sent on is kept here, too." if keeps_copy else "What is sent on is not kept here."
    tell_owner(tx, account, before, sentence, change)
