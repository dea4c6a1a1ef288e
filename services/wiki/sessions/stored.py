"""The rows of sessions: begun, found, used, listed, ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.accounts.account import COLUMNS, Account, account_and_rest
from shared.accounts.channel import AccountChanged
from shared.accounts.errors import AccountNotFound
from shared.database.referred import referring
from shared.database.transaction import Transaction

MOST_OF_ACCOUNT = 50  # a new one beyond them ends the one that was used longest ago
LONGEST_AGENT = 200  # characters of the browser's name that are kept

_FIND = f"""
    SELECT {COLUMNS}, expires_at, kept, used_at FROM web_session JOIN account ON account.id = account_id
    WHERE web_session.id = %s AND enabled
"""
_DROP_OLD = """
    DELETE FROM web_session WHERE account_id = %s AND id NOT IN (
        SELECT id FROM web_session WHERE account_id = %s ORDER BY used_at DESC, id LIMIT %s
    )
"""


class StoredSession(NamedTuple):
    """What the store knows of one."""

    account: Account
    expires_at: datetime
    kept: bool
    used_at: datetime


class SessionLine(NamedTuple):
    """A session in a list; `agent` is what the browser calls itself."""

    id: bytes
    agent: str
    host: str
    began_at: datetime
    used_at: datetime


def begin_session(
    tx: Transaction, digest: bytes, account_id: int, agent: str, host: str, expires_at: datetime, kept: bool
) -> None:
    """Note a new session of the account. Raises AccountNotFound."""
    with referring(AccountNotFound):
        tx.execute(
            "INSERT INTO web_session (id, account_id, agent, host, expires_at, kept) VALUES (%s, %s, %s, %s, %s, %s)",
            (digest, account_id, agent[:LONGEST_AGENT], host, expires_at, kept),
        )
    tx.execute(_DROP_OLD, (account_id, account_id, MOST_OF_ACCOUNT))


def find_session(tx: Transaction, digest: bytes) -> StoredSession | None:
    """The session, also one that is over; None if there is none, or its account is disabled."""
    row = tx.row(_FIND, (digest,))
    if row is None:
        return None
    account, rest = account_and_rest(row)
    return StoredSession(account, *rest)


def use_session(tx: Transaction, digest: bytes, expires_at: datetime) -> None:
    """It was used now, and lasts until then."""
    tx.execute("UPDATE web_session SET used_at = now(), expires_at = %s WHERE id = %s", (expires_at, digest))


def end_session(tx: Transaction, digest: bytes, account_id: int) -> bool:
    """End one of the account's sessions; whether it was there. Announces AccountChanged: no process keeps it."""
    ended = tx.execute("DELETE FROM web_session WHERE id = %s AND account_id = %s", (digest, account_id))
    tx.announce(AccountChanged(account_id))
    return bool(ended)


def end_sessions(tx: Transaction, account_id: int, but: bytes | None = None) -> int:
    """End all sessions of the account but one; how many. Announces AccountChanged."""
    ended = tx.execute("DELETE FROM web_session WHERE account_id = %s AND id IS DISTINCT FROM %s", (account_id, but))
    tx.announce(AccountChanged(account_id))
    return ended


def list_sessions(tx: Transaction, account_id: int) -> Sequence[SessionLine]:
    """Those that are not over, the one used last first."""
    rows = tx.rows(
        "SELECT id, agent, host, began_at, used_at FROM web_session"
        " WHERE account_id = %s AND expires_at > now() ORDER BY used_at DESC, id",
        (account_id,),
    )
    return [SessionLine(bytes(number), *rest) for number, *rest in rows]


def drop_ended_sessions(tx: Transaction, before: timedelta = timedelta(days=1)) -> int:
    """Delete those that have been over for a day; how many."""
    return tx.execute("DELETE FROM web_session WHERE expires_at < now() - %s", (before,))
