"""The transaction that an operation works with: SQL in, plain values out, on one connection in one thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import psycopg2.extensions
import psycopg2.extras

from shared.database.connection import StoreConnection
from shared.database.copy_binary import PieceSource, Row, RowReader, whole_rows
from shared.database.prepared import Prepared

Parameters = Sequence[Any] | Mapping[str, Any]

READ_WRITE = "BEGIN READ WRITE;"
SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
NO_TRANSACTION = ""  # each statement by itself, read-only

COPY_CHUNK_OCTETS = 256 * 1024


class TransactionAborted(Exception):
    """A statement failed, the operation went on, and PostgreSQL has rolled everything back: a bug of ours."""


class Transaction:
    """One transaction, or one reading without a transaction; belongs to the thread it was made in.

    `BEGIN` travels with the first statement and costs no round trip of its own. `%s` and `%(name)s` in SQL are
    parameters; where there are none, `%` stands for itself. bytea arrives as bytes, timestamptz as aware UTC datetime.
    What is Prepared is planned once per connection.
    """

    __slots__ = ("_begin", "_begun", "_connection", "_cursor", "_events", "_pending")

    def __init__(self, connection: StoreConnection, begin: str = READ_WRITE) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._begin = self._pending = begin.encode()  # what travels with the next statement
        self._begun = False
        self._events: dict[Any, None] = {}  # in their order

    def announce(self, event: Any) -> None:
        """Have `event` announced once the transaction is committed, and once only; what is rolled back is not."""
        self._events[event] = None

    @property
    def events(self) -> list[Any]:
        """The events to announce if this transaction is committed."""
        return list(self._events)

    def execute(self, sql: str | Prepared, parameters: Parameters = ()) -> int:
        """Run one statement; the number of rows it touched."""
        self._run(sql, parameters)
        return self._cursor.rowcount

    def row(self, sql: str | Prepared, parameters: Parameters = ()) -> tuple[Any, ...] | None:
        """The first row."""
        self._run(sql, parameters)
        return self._cursor.fetchone()

    def rows(self, sql: str | Prepared, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """All rows."""
        self._run(sql, parameters)
        return self._cursor.fetchall()

    def rows_of_literals(self, statement: Prepared, literals: Iterable[str]) -> list[tuple[Any, ...]]:
        """The same where each parameter is a literal of SQL already: there is nothing left to be escaped."""
        self._run(self._execution_of(statement) % tuple(literals), ())
        return self._cursor.fetchall()

    def value(self, sql: str | Prepared, parameters: Parameters = ()) -> Any:
        """The first column of the first row; None when there is no row."""
        self._run(sql, parameters)
        row = self._cursor.fetchone()
        return None if row is None else row[0]

    def execute_with_next(self, sql: str | Prepared, parameters: Parameters = ()) -> None:
        """Run a statement in the round trip of the next one, or of the commit; what it returns is not asked for."""
        text = self._execution_of(sql) if isinstance(sql, Prepared) else sql
        self._pending += self._cursor.mogrify(text, parameters or None) + b";"

    def execute_arrays_with_next(self, statement: Prepared, arrays: Iterable[str]) -> None:
        """The same with a parameter for each of `arrays`: literals of digits and ASCII letters, as of array_literal().

        There is nothing in them to be escaped, and looking for it would be a third of what a statement costs here.
        """
        text = self._execution_of(statement) % tuple([f"'{literal}'" for literal in arrays])
        self._pending += text.encode("ascii") + b";"

    def execute_texts_with_next(self, statement: Prepared, texts: Mapping[bytes, bytes]) -> None:
        """The same with named parameters that may be any text in UTF-8 without NUL, its quotes doubled already."""
        self._execution_of(statement)
        self._pending += statement.execute_quoted % texts

    def execute_together(self, calls: Iterable[tuple[str | Prepared, Parameters]]) -> None:
        """Run several statements in one round trip, now."""
        for statement, parameters in calls:
            self.execute_with_next(statement, parameters)
        self._run("", ())

    def insert_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """`INSERT INTO t (a, b) VALUES %s` with all the rows in one statement."""
        if rows:
            self._start()
            psycopg2.extras.execute_values(self._cursor, sql, rows, page_size=len(rows))
            self._connection.busy_since = None

    def copy_out(self, query: str, parameters: Parameters = ()) -> list[Row]:
        """All rows of `query` as raw fields in PostgreSQL's binary format (integers big-endian, bytea as it is).

        Much faster than rows() for bytea and for many rows.
        """
        rows: list[Row] = []
        self.copy_out_to(query, parameters, rows.append)
        return rows

    def copy_out_to(self, query: str, parameters: Parameters, receive: Callable[[Row], object]) -> None:
        """The same, each row handed to `receive` as it comes: memory for one row only."""
        statement = b"COPY (" + self._cursor.mogrify(query, parameters or None) + b") TO STDOUT (FORMAT binary)"
        self._cursor.copy_expert(self._with_pending(statement), RowReader(receive))
        self._connection.busy_since = None

    def copy_in(self, table_and_columns: str, rows: Iterable[Sequence[bytes | None]]) -> None:
        """Insert rows of raw fields in PostgreSQL's binary format into, say, `body (message_id, chunk, octets)`."""
        self.copy_in_pieces(table_and_columns, whole_rows(rows))

    def copy_in_pieces(self, table_and_columns: str, pieces: Iterable[bytes]) -> None:
        """The same for rows already in that format (copy_binary.py), in pieces of any size."""
        statement = f"COPY {table_and_columns} FROM STDIN (FORMAT binary)".encode()
        source: Any = PieceSource(pieces)  # read() is all that is called
        self._cursor.copy_expert(self._with_pending(statement), source, COPY_CHUNK_OCTETS)
        self._connection.busy_since = None

    def commit(self) -> Sequence[Any]:
        """End the transaction; all changes are on disk then. Another one begins with the next statement.

        Returns the events that are to be announced now.
        """
        events = self.events
        if not self._begin or (not self._begun and self._pending == self._begin):
            if self._pending:
                self._run("", ())
            self._events.clear()
            return events  # nothing was asked yet, or there is no transaction
        self._run("COMMIT", ())
        self._forget()
        if self._cursor.statusmessage != "COMMIT":  # after an error that was caught, PostgreSQL answers "ROLLBACK"
            raise TransactionAborted
        return events

    def rollback(self) -> None:
        """Undo everything since the transaction began."""
        begun = self._begun
        self._forget()
        if begun and self._begin:
            self._cursor.execute("ROLLBACK")

    def _forget(self) -> None:
        self._pending, self._begun = self._begin, False
        self._events.clear()

    def _run(self, sql: str | Prepared, parameters: Parameters) -> None:
        if isinstance(sql, Prepared):
            sql = self._execution_of(sql)
        if self._pending:
            statement = self._with_pending(self._cursor.mogrify(sql, parameters or None) if sql else b"")
            self._cursor.execute(statement)
        else:
            self._connection.busy_since = time.monotonic()
            self._cursor.execute(sql, parameters or None)
        self._connection.busy_since = None

    def _with_pending(self, statement: bytes) -> bytes:
        """What goes to the server now: what was waiting for it, then `statement`."""
        self._connection.busy_since = time.monotonic()
        statement, self._pending, self._begun = self._pending + statement, b"", True
        return statement

    def _execution_of(self, statement: Prepared) -> str:
        """Before its first use on a connection one more round trip; a rollback does not undo it."""
        if statement not in self._connection.prepared:
            try:
                self._run(statement.prepare, ())
            except psycopg2.extensions.QueryCanceledError:
                self._connection.close()  # it is not known whether the server has it
                raise
            self._connection.prepared.add(statement)
        return statement.execute

    def _start(self) -> None:
        """For what cannot travel with BEGIN."""
        if self._pending:
            self._run("", ())
        self._connection.busy_since = time.monotonic()
