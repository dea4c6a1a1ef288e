"""Members' own forwards: addresses elsewhere that an account has its mail sent on to, once they have confirmed."""

from __future__ import annotations

from typing import NamedTuple

from shared.accounts.account import Account
from shared.accounts.find_account import find_account
from shared.administration import audit
from shared.database.transaction import Transaction
from shared.outbound.own_forwards import change as changing
from shared.outbound.own_forwards.ask import ask_own_forward
from shared.outbound.own_forwards.confirm import AskedForward, confirm_own_forward
from shared.outbound.own_forwards.letters import ForwardChange
from shared.outbound.own_forwards.own_forward import OwnForward, OwnForwarding, own_forwarding


class CameBy(NamedTuple):
    """How a change came that was no command: the door, and the host of its client. It is put into the audit."""

    door: str
    peer: str


def add(tx: Transaction, name: str, target: str, change: ForwardChange, came: CameBy | None = None) -> OwnForward:
    """Ask `target` whether mail of the account `name` may be sent on to it; until it confirms, nothing is.

    Raises AccountNotFound, BadAddress, GuestHasNoMail, TargetIsLocal, ForwardExists, TooManyOwnForwards,
    TooManyQuestions, QuotaExceeded.
    """
    account = find_account(tx, name)
    made = ask_own_forward(tx, account, target, change)
    _note(tx, account, came, f"add {account.name} {made.target}")
    return made


def list_all(tx: Transaction, name: str) -> OwnForwarding:
    """Those of the account `name`. Raises AccountNotFound."""
    return own_forwarding(tx, find_account(tx, name).id)


def delete(tx: Transaction, name: str, target: str, change: ForwardChange, came: CameBy | None = None) -> None:
    """Send nothing of the account `name` on to `target`. Raises AccountNotFound, BadAddress, ForwardNotFound."""
    account = find_account(tx, name)
    changing.end_own_forward(tx, account, target, change)
    _note(tx, account, came, f"delete {account.name} {target}")


def keep_copy(
    tx: Transaction, name: str, change: ForwardChange, came: CameBy | None = None, *, keeps_copy: bool
) -> None:
    """Keep what is sent on in the mailbox here, too, or not. Raises AccountNotFound."""
    account = find_account(tx, name)
    changing.keep_forwarded(tx, account, change, keeps_copy=keeps_copy)
    _note(tx, account, came, f"copy {account.name} {'on' if keeps_copy else 'off'}")


def confirm(tx: Transaction, token: str, change: ForwardChange, came: CameBy) -> AskedForward:
    """Send mail on from now on, as the holder of the token wants. Raises ForwardNotAsked."""
    asked = confirm_own_forward(tx, token, change)
    _note(tx, asked.account, came, f"confirm {asked.account.name} {asked.target}")
    return asked


def _note(tx: Transaction, account: Account, came: CameBy | None, words: str) -> None:
    if came is not None:
        audit.note(tx, account, came.door, came.peer, f"user forward {words}")
