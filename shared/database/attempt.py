"""One attempt at an operation, in a thread: what went wrong, told in the words that decide what happens next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import psycopg2
from psycopg2 import errorcodes
from psycopg2.extensions import QueryCanceledError, TransactionRollbackError

from shared.database.connection import StoreConnection
from shared.database.errors import CommitUnknown, StatementTimedOut, StoreFull, StoreUnavailable
from shared.database.transaction import Transaction

T = TypeVar("T")

# The connection is from before a migration (a prepared statement's columns are others now), or from before a failover
# (its server became a standby): a new one will do.
OF_ANOTHER_TIME = ("cached plan must not change result type", "read-write mode during recovery")


class Collided(Exception):
    """Another transaction was in the way (deadlock, serialization): nothing was done, the same may be tried again."""


class ConnectionLost(Exception):
    """The connection ended before the commit: nothing was done, the same may be tried again."""


def attempt(connection: StoreConnection, begin: str, operation: Callable[[Transaction], T]) -> tuple[T, Sequence[Any]]:
    """Run `operation` and commit; its result, and the events that it announced.

    Raises Collided, ConnectionLost, StatementTimedOut, StoreUnavailable; the operation's own errors unchanged.
    """
    tx = Transaction(connection, begin)
    try:
        result = operation(tx)
    except BaseException as error:
        _roll_back(tx, connection)
        if isinstance(error, psycopg2.Error) and (told := _tell(error, connection)) is not None:
            raise told from error
        raise
    try:
        return result, tx.commit()
    except psycopg2.Error as error:
        lost = _is_lost(error, connection)
        _roll_back(tx, connection)
        if lost:
            connection.close()
            raise CommitUnknown(str(error).strip()) from error
        if (told := _tell(error, connection)) is not None:
            raise told from error
        raise


def _roll_back(tx: Transaction, connection: StoreConnection) -> None:
    """Roll back if that is possible; the pool throws a connection away that is not clean afterwards."""
    try:
        if not connection.closed:
            tx.rollback()
    except psycopg2.Error:
        connection.close()


def _tell(error: psycopg2.Error, connection: StoreConnection) -> Exception | None:
    code = error.pgcode or ""
    if isinstance(error, TransactionRollbackError):
        return Collided(str(error).strip())
    if isinstance(error, QueryCanceledError) or code in (
        errorcodes.LOCK_NOT_AVAILABLE,
        errorcodes.IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    ):
        return StatementTimedOut(str(error).strip())
    if code == errorcodes.FEATURE_NOT_SUPPORTED and any(words in str(error) for words in OF_ANOTHER_TIME):
        connection.close()
        return ConnectionLost(str(error).strip())
    if code == errorcodes.DISK_FULL:
        return StoreFull(str(error).strip())
    if _is_lost(error, connection):
        connection.close()
        return ConnectionLost(str(error).strip())
    if code.startswith(errorcodes.CLASS_INSUFFICIENT_RESOURCES):
        return StoreUnavailable(str(error).strip())
    return None


def _is_lost(error: psycopg2.Error, connection: StoreConnection) -> bool:
    """Whether the server is gone, or may be gone.

    After a crash the server's last message is a warning; the next statement then fails with a DatabaseError, while
    psycopg2 (2.9) still takes the connection for open. An error without a code is libpq's, not a statement's.
    """
    no_reply = error.pgcode is None and type(error) in (psycopg2.DatabaseError, psycopg2.OperationalError)
    return bool(connection.closed) or no_reply or isinstance(error, psycopg2.InterfaceError)
