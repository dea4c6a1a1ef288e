"""The confirmation of a forward, by the token that only its target was sent."""

from __future__ import annotations

from typing import NamedTuple

from shared.accounts.account import Account
from shared.accounts.channel import AccountChanged
from shared.accounts.find_account import find_account_by_id
from shared.database.transaction import Transaction
from shared.mail.forwards import is_local
from shared.outbound.own_forwards.errors import ForwardNotAsked
from shared.outbound.own_forwards.letters import ForwardChange
from shared.outbound.own_forwards.own_forward import CONFIRMED_WITHIN, own_forwarding
from shared.outbound.own_forwards.tell import tell_owner

_WAITING = (
    "SELECT account_id, target FROM own_forward WHERE token = %s AND confirmed_at IS NULL AND asked_at > now() - %s"
)
_CONFIRM = "UPDATE own_forward SET confirmed_at = now() WHERE token = %s AND confirmed_at IS NULL"


class AskedForward(NamedTuple):
    """Whose mail is to be sent on, and where."""

    account: Account
    target: str


def asked_forward(tx: Transaction, token: str) -> AskedForward:
    """What waits to be confirmed by the token. Raises ForwardNotAsked."""
    row = None if "\0" in token else tx.row(_WAITING, (token, CONFIRMED_WITHIN))
    if row is None:
        raise ForwardNotAsked
    account_id, target = row
    return AskedForward(find_account_by_id(tx, account_id), target)


def confirm_own_forward(tx: Transaction, token: str, change: ForwardChange) -> AskedForward:
    """Send the account's mail on from now on, and tell its owner. A token is good for one time, and for none if mail
    for the target is kept here meanwhile.

    Raises ForwardNotAsked. Announces AccountChanged, QueueChanged, FolderChanged.
    """
    asked = asked_forward(tx, token)
    before = own_forwarding(tx, asked.account.id)
    if is_local(tx, asked.target.rpartition("@")[2]) or not tx.execute(_CONFIRM, (token,)):
        raise ForwardNotAsked
    tx.announce(AccountChanged(asked.account.id))
    tell_owner(tx, asked.account, before, f"{asked.target} has confirmed: your mail is sent on to it.", change)
    return asked
