"""Telling an account's owner by mail that a forward has changed, wherever the owner reads mail."""

from __future__ import annotations

from shared.accounts.account import Account
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.append import Append, Appended, AppendTarget, append_entries
from shared.folders.message import NewMessage
from shared.messages.render import render
from shared.outbound.own_forwards.letters import ForwardChange, news
from shared.outbound.own_forwards.own_forward import OwnForwarding, own_forwarding
from shared.outbound.queue_own import queue_own

_INBOX = "SELECT id FROM folder WHERE account_id = %s AND name = 'INBOX'"


def tell_owner(
    tx: Transaction, account: Account, before: OwnForwarding, sentence: str, change: ForwardChange
) -> DomainError | None:
    """Put the news into the INBOX, and send them to every address that had the mail before, or has it.

    Whoever has taken over a session can keep them from none of these. The error, QuotaExceeded, if the INBOX takes
    nothing at all.
    """
    after = own_forwarding(tx, account.id)
    octets = news(account.name, sentence, _state(after), change)
    message = NewMessage(octets, change.now, render(octets))
    inbox = tx.value(_INBOX, (account.id,))
    kept: Appended | DomainError | None = None
    if inbox is not None:
        (kept,) = append_entries(tx, [Append(message, [AppendTarget(inbox)], over_quota=True)])
    for target, domain in {each.target: each.domain for each in (*before.confirmed, *after.confirmed)}.items():
        queue_own(tx, message, target, domain)
    return kept if isinstance(kept, DomainError) else None


def _state(forwarding: OwnForwarding) -> str:
    if not forwarding.confirmed:
        return "Your mail is sent on to nobody."
    kept = "and is kept here, too" if forwarding.keeps_copy else "and is not kept here"
    return f"Your mail is sent on to {', '.join(each.target for each in forwarding.confirmed)}, {kept}."
