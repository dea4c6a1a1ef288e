"""Writing a backup: one read-only transaction that sees the store as of one moment, whatever is written meanwhile."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple

import psycopg2
from psycopg2 import sql

from shared.database.backup.container import FORMAT, HEAD, PIECE_OCTETS, BackupWriter
from shared.database.backup.cut_off import CutOff
from shared.database.backup.message_digests import IN_ORDER, DigestsOfRows
from shared.database.backup.tables import Table, copy_statement, list_tables, read_sequences

BODIES = "body"
DIGESTS = "message-digests"
SPOOL_OCTETS = 64 << 20  # of digests in memory, of 1.6 million messages; more of them go to a file
_TO_STDOUT = "TO STDOUT (FORMAT binary)"
_PATIENCE_SECONDS = 60  # for the lock on a table that a migration is changing
_LOOK_SECONDS = 1  # how often PostgreSQL looks, while it is busy or waits for a lock, whether we are still there
_BEGIN = f"""
    SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '{_PATIENCE_SECONDS}s';
    SET client_connection_check_interval = '{_LOOK_SECONDS}s';
    SET enable_sort = off; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
"""


class BackupSummary(NamedTuple):
    """What is in the backup."""

    messages: int
    octets: int  # of the tables, before they are compressed
    taken_at: datetime


def write_backup(
    url: str,
    target: IO[bytes],
    release: str,
    progress: Callable[[int, int], object],
    on_interrupt: Callable[[Callable[[], None]], object] = lambda end: None,
) -> BackupSummary:
    """Write everything that the store has at this moment; nobody waits for it.

    `progress` is called with the octets that were read, and about how many there are. `on_interrupt` is given what ends
    the transaction at once, from any thread. Raises psycopg2.Error, OSError.
    """
    connection = psycopg2.connect(url, application_name="agora backup")
    writer = BackupWriter(target)
    try:
        connection.autocommit = True
        with CutOff(connection) as cut_off, connection.cursor() as cursor:
            on_interrupt(cut_off.end)
            return _write(cursor, writer, release, progress)
    finally:
        writer.close()
        connection.close()


def _write(cursor: Any, writer: BackupWriter, release: str, progress: Callable[[int, int], object]) -> BackupSummary:
    cursor.execute(_BEGIN)
    tables = list_tables(cursor)
    names = sql.SQL(", ").join(sql.Identifier(table.name) for table in tables)
    cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(names))
    tables = list_tables(cursor)  # as they are now that nobody changes them
    taken_at = datetime.now(UTC)
    writer.write_json(HEAD, _head(cursor, tables, release, taken_at))
    counter = _Counter(progress, sum(table.octets for table in tables))
    rows: dict[str, int] = {}
    with SpooledTemporaryFile(SPOOL_OCTETS) as digests:
        messages = DigestsOfRows(digests.write)
        for table in tables:
            with contextlib.closing(_Pieces(writer, f"tables/{table.name}")) as pieces:
                receivers = [counter.take, pieces.write, *([messages.write] if table.name == BODIES else [])]
                cursor.copy_expert(_statement(table), _Rows(receivers))
            rows[table.name] = cursor.rowcount
        messages.end()
        cursor.execute("COMMIT")
        digests.seek(0)
        for number, records in enumerate(iter(lambda: digests.read(PIECE_OCTETS), b"")):
            writer.write_piece(f"{DIGESTS}/{number:06d}.gz", records)
    writer.end({"rows": rows, "messages": messages.messages})
    return BackupSummary(rows.get("message", 0), counter.octets, taken_at)


def _head(cursor: Any, tables: Sequence[Table], release: str, taken_at: datetime) -> Mapping[str, Any]:
    cursor.execute("SELECT migration_id FROM _yoyo_migration ORDER BY migration_id")
    migrations = [name for (name,) in cursor.fetchall()]
    cursor.execute("SHOW server_version")
    (server,) = cursor.fetchone()
    return {
        "format": FORMAT,
        "release": release,
        "taken_at": taken_at.isoformat(timespec="seconds"),
        "postgresql": server,
        "migrations": migrations,
        "octets": sum(table.octets for table in tables),
        "tables": {table.name: list(table.columns) for table in tables},
        "sequences": read_sequences(cursor),
    }


def _statement(table: Table) -> Any:
    if table.name == BODIES and table.columns == ("message_id", "chunk", "octets"):
        return sql.SQL("COPY ({}) {}").format(sql.SQL(IN_ORDER), sql.SQL(_TO_STDOUT))
    return copy_statement(table.name, table.columns, _TO_STDOUT)


class _Pieces:
    """Cuts a stream into pieces of some size."""

    def __init__(self, writer: BackupWriter, name: str) -> None:
        self._writer = writer
        self._name = name
        self._number = 0
        self._gathered: list[bytes] = []
        self._octets = 0

    def write(self, octets: bytes) -> None:
        self._gathered.append(octets)
        self._octets += len(octets)
        if self._octets >= PIECE_OCTETS:
            self.close()

    def close(self) -> None:
        """Write what is left."""
        if self._gathered:
            self._writer.write_piece(f"{self._name}/{self._number:06d}.gz", b"".join(self._gathered))
            self._number, self._gathered, self._octets = self._number + 1, [], 0


class _Rows:
    """The file that COPY writes to: each row goes to all of `receivers`."""

    def __init__(self, receivers: Sequence[Callable[[bytes], object]]) -> None:
        self._receivers = receivers

    def write(self, row: bytes) -> None:
        for receive in self._receivers:
            receive(row)


class _Counter:
    """Counts octets, and tells of them now and then."""

    EVERY_SECONDS = 0.1

    def __init__(self, progress: Callable[[int, int], object], total: int) -> None:
        self._progress = progress
        self._total = total
        self._next = 0.0
        self.octets = 0

    def take(self, row: bytes) -> None:
        self.octets += len(row)
        if (now := time.monotonic()) >= self._next:
            self._next = now + self.EVERY_SECONDS
            self._progress(self.octets, self._total)
