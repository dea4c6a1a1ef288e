"""Restoring a backup: into an empty store, in one transaction, and compared with its digests before the commit."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, groupby
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple

import psycopg2
from psycopg2 import sql

from shared.database.archive import LEAVE_NUMBERS_OUT
from shared.database.backup.container import BackupReader, Piece
from shared.database.backup.errors import BackupDamaged, BackupError, BackupTooNew, StoreInUse, StoreNotEmpty
from shared.database.backup.message_digests import compare_messages, read_records
from shared.database.backup.tables import copy_statement, list_tables, read_keys, read_sequences, set_sequences
from shared.database.backup.write_backup import BODIES, DIGESTS, SPOOL_OCTETS
from shared.database.migrate import MIGRATIONS, migrate

OURS = "agora restore"
_OF_TABLE = "tables/"
_FROM_STDIN = "FROM STDIN (FORMAT binary, FREEZE)"  # nobody sees the rows before the commit
_COPY_OCTETS = 1 << 20
_INDEX_MEMORY = "256MB"
# PostgreSQL reads 300 times as many pages of a table for its statistics. Bodies are found by their key alone.
_STATISTICS, _STATISTICS_OF_BODIES = 100, 10
_PATIENCE_SECONDS = 60  # for the locks on all tables, while commands that are still connected end
_BEGIN = f"""
    SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '{_PATIENCE_SECONDS}s';
    SET maintenance_work_mem = '{_INDEX_MEMORY}'; SET enable_sort = off
"""
_OTHERS = """
    SELECT DISTINCT application_name FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'agora%%' AND application_name <> %s
"""
# More than the administrator, the front page, and the rooms of the weblog and of the wiki's changes, which a first
# start makes; the second has a message for each change of a page, so its messages say nothing that the pages do not.
_HOLDS_MORE = """
    SELECT (SELECT count(*) FROM account) > 1 OR (SELECT count(*) FROM page) > 1
        OR EXISTS (SELECT FROM page WHERE revision > 1)
        OR EXISTS (SELECT FROM room WHERE name NOT IN ('agora.blog', 'agora.wiki.changes'))
        OR EXISTS (SELECT FROM entry WHERE NOT EXISTS (
            SELECT FROM room WHERE room.folder_id = entry.folder_id AND room.name = 'agora.wiki.changes'))
"""

_TABLES = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        AND relname NOT LIKE '%yoyo%'
"""
_FUNCTIONS = """
    SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
"""


class Restored(NamedTuple):
    """What came out of the backup."""

    messages: int
    release: str
    taken_at: str


def restore_backup(
    url: str, source: IO[bytes], progress: Callable[[int, int], object], *, without: frozenset[str] = frozenset()
) -> Restored:
    """Fill the store with what is in the backup, and bring it up to this release; all of it or nothing.

    Numbers go on far above those in the backup. Every message is read back and compared. The tables in `without` stay
    empty. `progress` is called with the octets that were loaded, and about how many there are. Raises NotABackup,
    BackupDamaged, BackupTooNew, StoreNotEmpty, StoreInUse, psycopg2.Error.
    """
    reader = BackupReader(source)
    known = {file.stem for file in MIGRATIONS.glob("*.sql")}
    if unknown := sorted(set(reader.head["migrations"]) - known):
        raise BackupTooNew(f"it is of release {reader.head['release']}, which knows {unknown[-1]}: this one does not")
    connection = psycopg2.connect(url, application_name=OURS)
    try:
        with connection.cursor() as cursor:
            _refuse_tables_of_others(cursor)
        connection.rollback()
        migrate(url)
        with connection, connection.cursor() as cursor:
            _fill(cursor, reader, progress, without)
    finally:
        connection.close()
    migrate(url)  # what is younger than the backup
    _analyze(url)
    return Restored(reader.end["messages"], reader.head["release"], reader.head["taken_at"])


def check_backup(source: IO[bytes], progress: Callable[[int, int], object]) -> Restored:
    """Read it to its end. Raises NotABackup, BackupDamaged."""
    reader = BackupReader(source)
    counted = _counting(reader.pieces(), progress, reader.head["octets"])
    for _ in counted:
        pass
    return Restored(reader.end["messages"], reader.head["release"], reader.head["taken_at"])


def refuse_unless_empty(url: str) -> None:
    """Raises StoreNotEmpty, psycopg2.Error; restore_backup() looks again."""
    connection = psycopg2.connect(url, application_name=OURS)
    try:
        with connection.cursor() as cursor:
            _refuse_tables_of_others(cursor)
            if list_tables(cursor):
                _refuse_contents(cursor)
    finally:
        connection.close()


def _refuse_contents(cursor: Any) -> None:
    cursor.execute(_HOLDS_MORE)
    if cursor.fetchone()[0]:
        raise StoreNotEmpty("the store has accounts, mail, rooms or pages: a backup is restored into an empty one only")


def _refuse_tables_of_others(cursor: Any) -> None:
    tables = {table.name for table in list_tables(cursor)}
    if tables and not {"account", "message", "page", "room"} <= tables:
        raise StoreNotEmpty("the database has tables of another program, or of a much older release")


def _fill(cursor: Any, reader: BackupReader, progress: Callable[[int, int], object], without: frozenset[str]) -> None:
    cursor.execute(_BEGIN)
    tables = list_tables(cursor)
    cursor.execute(_OTHERS, (OURS,))
    if others := [name for (name,) in cursor.fetchall()]:
        raise StoreInUse(f"programs of Agora are connected to it ({', '.join(sorted(others))}): stop them first")
    names = sql.SQL(", ").join(sql.Identifier(table.name) for table in tables)
    cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(names))
    _refuse_contents(cursor)
    _go_back_to(cursor, reader.head["migrations"])
    here = {table.name: table.columns for table in list_tables(cursor)}
    written: Mapping[str, list[str]] = reader.head["tables"]
    if any(not set(columns) <= set(here.get(name, ())) for name, columns in written.items()):
        raise BackupDamaged("its tables are not those that its migrations make")
    names = sql.SQL(", ").join(map(sql.Identifier, here))
    for name in here:
        cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(name)))
    keys = read_keys(cursor, in_order=BODIES)
    for statement in keys.drop:
        cursor.execute(statement)
    cursor.execute(sql.SQL("TRUNCATE {}").format(names))
    with SpooledTemporaryFile(SPOOL_OCTETS) as digests:
        pieces = _counting(reader.pieces(), progress, reader.head["octets"])
        _compare_rows(_copy_all(cursor, written, pieces, without, digests), reader.end["rows"], without)
        cursor.execute(LEAVE_NUMBERS_OUT)  # while no index is kept up
        for statement in keys.make:
            cursor.execute(statement)
        for name in here:
            cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(name)))
        set_sequences(cursor, reader.head["sequences"])
        digests.seek(0)
        if compare_messages(cursor, read_records(digests)) != reader.end["messages"]:
            raise BackupDamaged("it does not have as many messages as were written")


def _go_back_to(cursor: Any, migrations: list[str]) -> None:
    """Make the tables anew as they were after these migrations, where there are younger ones here."""
    cursor.execute("SELECT migration_id FROM _yoyo_migration")
    if {name for (name,) in cursor.fetchall()} == set(migrations):
        return
    _drop_everything(cursor)
    for name in sorted(migrations):
        cursor.execute((MIGRATIONS / f"{name}.sql").read_text())
    cursor.execute("DELETE FROM _yoyo_migration WHERE NOT migration_id = ANY(%s)", (migrations,))


def _drop_everything(cursor: Any) -> None:
    cursor.execute(_TABLES)
    for (name,) in cursor.fetchall():
        cursor.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier(name)))
    cursor.execute(_FUNCTIONS)
    for (signature,) in cursor.fetchall():
        cursor.execute(f"DROP FUNCTION {signature} CASCADE")
    for name in read_sequences(cursor):
        cursor.execute(sql.SQL("DROP SEQUENCE {} CASCADE").format(sql.Identifier(name)))


def _copy_all(
    cursor: Any,
    tables: Mapping[str, list[str]],
    pieces: Iterator[Piece],
    without: frozenset[str],
    digests: IO[bytes],
) -> Mapping[str, int]:
    """Copy each table; the digests of the messages go into that file. The number of rows that PostgreSQL has taken."""
    rows: Counter[str] = Counter()
    for name, of_one in groupby(pieces, lambda piece: piece.name):
        table = name.removeprefix(_OF_TABLE)
        if name == DIGESTS:
            for piece in of_one:
                digests.write(piece.octets)
        elif table not in tables or not name.startswith(_OF_TABLE):
            raise BackupDamaged(f"it has {name}, which its head does not name")
        elif table not in without:
            stream = _Stream(of_one)
            try:
                cursor.copy_expert(copy_statement(table, tables[table], _FROM_STDIN), stream, _COPY_OCTETS)
            except psycopg2.Error as error:
                raise stream.failure or error from None
            rows[table] += cursor.rowcount
    return rows


def _compare_rows(found: Mapping[str, int], written: Mapping[str, int], without: frozenset[str]) -> None:
    for name, expected in written.items():
        if name not in without and found[name] != expected:
            raise BackupDamaged(f"{found[name]} rows of {name} came out of it, {expected} were written")


class _Stream:
    """The file that COPY reads from."""

    def __init__(self, pieces: Iterator[Piece]) -> None:
        self._pieces = chain.from_iterable(_cut(piece.octets) for piece in pieces)
        self.failure: Exception | None = None  # of reading: psycopg2 makes an error of PostgreSQL's of it

    def read(self, _size: int) -> bytes:
        try:
            return next(self._pieces, b"")
        except (BackupError, OSError) as failure:
            self.failure = failure
            raise


def _cut(octets: bytes) -> Iterator[bytes]:
    for start in range(0, len(octets), _COPY_OCTETS):
        yield octets[start : start + _COPY_OCTETS]


def _counting(pieces: Iterator[Piece], progress: Callable[[int, int], object], total: int) -> Iterator[Piece]:
    octets, following = 0, 0.0
    for piece in pieces:
        yield piece
        octets += len(piece.octets)
        if (now := time.monotonic()) >= following:
            following = now + 0.1
            progress(octets, total)


def _analyze(url: str) -> None:
    connection = psycopg2.connect(url, application_name=OURS)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            for table in list_tables(cursor):
                target = _STATISTICS_OF_BODIES if table.name == BODIES else _STATISTICS
                cursor.execute("SET default_statistics_target = %s", (target,))
                cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table.name)))
    finally:
        connection.close()
