"""The audit of commands that came by a door: who ran what, from where, when, and how it ended.

What is done by another way and gives lasting access to mail is there too, as the command that does the same.

A row is there before its command begins, so that one that ends its process, or the server, is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.accounts.account import Account
from shared.accounts.find_account import find_account_by_id
from shared.administration.errors import AccountShutOut
from shared.database.transaction import Transaction

LONGEST_COMMAND = 2000  # characters that are kept of one
KEPT = timedelta(days=400)  # a year, and time to look at it


class Begun(NamedTuple):
    """A command that may run now, and the account as it is now: its role may have changed since it signed in."""

    number: int
    account: Account


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One command. `status` is None while it runs, and for ever if its process died."""

    number: int
    begun_at: datetime
    ended_at: datetime | None
    account: str
    role: str
    door: str
    peer: str
    status: int | None
    command: str


def begin(tx: Transaction, account_id: int, door: str, peer: str, command: str) -> Begun:
    """Note that the account runs `command`, which has no secrets in it. Raises AccountNotFound, AccountShutOut."""
    account = find_account_by_id(tx, account_id)
    if not account.enabled:
        raise AccountShutOut(account.name)
    number = tx.value(
        "INSERT INTO command_audit (account_id, account, role, door, peer, command)"
        " VALUES (%s, %s, %s, %s, %s, %s) RETURNING id",
        (account.id, account.name, account.role.value, door, peer, command[:LONGEST_COMMAND]),
    )
    return Begun(number, account)


def end(tx: Transaction, number: int, status: int) -> None:
    """Note its exit status."""
    tx.execute("UPDATE command_audit SET ended_at = clock_timestamp(), status = %s WHERE id = %s", (status, number))


def note(tx: Transaction, account: Account, door: str, peer: str, command: str) -> None:
    """Note what the account has done by another way than a command, in the words of the command, in the same commit."""
    tx.execute(
        "INSERT INTO command_audit (account_id, account, role, door, peer, command, ended_at, status)"
        " VALUES (%s, %s, %s, %s, %s, %s, clock_timestamp(), 0)",
        (account.id, account.name, account.role.value, door, peer, command[:LONGEST_COMMAND]),
    )


def list_lines(tx: Transaction, account: str | None = None, most: int = 100) -> Sequence[AuditLine]:
    """The newest `most` commands, of all or of the account of that name, the newest first."""
    rows = tx.rows(
        "SELECT id, begun_at, ended_at, account, role, door, peer, status, command FROM command_audit"
        " WHERE %s::text IS NULL OR account = %s ORDER BY id DESC LIMIT %s",
        (account, account, most),
    )
    return [AuditLine(*row) for row in rows]


def drop_old(tx: Transaction) -> int:
    """Delete what is older than KEPT; how many rows that were."""
    return tx.execute("DELETE FROM command_audit WHERE begun_at < now() - %s", (KEPT,))
