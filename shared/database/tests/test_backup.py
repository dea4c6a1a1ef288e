"""A backup of everything and back: nothing is lost, nothing is half, and no number is given twice."""

from __future__ import annotations

import contextlib
import io
import json
import re
import tarfile
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

from shared.database.backup.container import END, HEAD, BackupReader, BackupWriter
from shared.database.backup.errors import (
    BackupDamaged,
    BackupError,
    BackupTooNew,
    NotABackup,
    StoreInUse,
    StoreNotEmpty,
)
from shared.database.backup.restore_backup import check_backup, refuse_unless_empty, restore_backup
from shared.database.backup.write_backup import write_backup
from shared.database.blocking import BlockingDatabase
from shared.database.migrate import MIGRATIONS
from shared.database.tests.ask import ask
from shared.folders.append import Append, AppendTarget, append_entries
from shared.folders.find_folders import find_folders
from shared.folders.message import NewMessage
from shared.messages.render import render
from shared.testing.builders import a_member
from shared.testing.eventually import eventually

MESSAGES = 40
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def no_progress(octets: int, total: int) -> None:
    pass


def fill(url: str) -> None:
    """Two accounts, messages of many sizes, one of them in three chunks, one empty."""
    store = BlockingDatabase(url, "test")
    store.transact(lambda tx: [a_member(tx, name) for name in ("alice", "bob")])
    for name in ("alice", "bob"):
        deliver(store, name, [b"Subject: %d\r\n\r\n%b\r\n" % (i, b"x" * (i * 997)) for i in range(MESSAGES)])
    deliver(store, "alice", [b"Subject: large\r\n\r\n" + b"0123456789abcde\n" * (160 << 10), b""])


def deliver(store: BlockingDatabase, name: str, messages: list[bytes]) -> None:
    account_id = store.read(lambda tx: tx.value("SELECT id FROM account WHERE name = %s", (name,)))
    folder: Any = store.read(find_folders, {(account_id, "INBOX")})[account_id, "INBOX"]
    items = [Append(NewMessage(each, NOW, render(each)), [AppendTarget(folder.id)]) for each in messages]
    store.transact(append_entries, items)


def contents(url: str) -> dict[str, Any]:
    """Every table's rows as text, but for what a restore changes on purpose."""
    tables = ask(url, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
    found = {name: sorted(ask(url, f"SELECT t::text FROM {name} t")) for (name,) in tables if "yoyo" not in name}
    found["folder"] = sorted(ask(url, "SELECT id, account_id, name, uidvalidity, messages, octets FROM folder"))
    found["entry"] = sorted(ask(url, "SELECT folder_id, uid, message_id, flags, size_octets FROM entry"))
    return found


def keys(url: str) -> list[Any]:
    constraints = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
    return sorted(ask(url, constraints)) + sorted(ask(url, "SELECT indexname, indexdef FROM pg_indexes"))


def in_server(url: str, statement: str) -> None:
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.fixture
def backup(database_url: str) -> bytes:
    fill(database_url)
    file = io.BytesIO()
    write_backup(database_url, file, "0.1.0", no_progress)
    return file.getvalue()


@pytest.fixture
def other_store(database_url: str) -> Iterator[str]:
    """An empty database of the same server."""
    parts = urlsplit(database_url)
    name, server = f"{parts.path[1:]}_other", urlunsplit(parts._replace(path="/postgres"))
    in_server(server, f"CREATE DATABASE {name} TEMPLATE template0")
    yield urlunsplit(parts._replace(path=f"/{name}"))
    in_server(server, f"DROP DATABASE {name} WITH (FORCE)")


def test_what_was_written_comes_back_row_by_row(backup: bytes, database_url: str, other_store: str) -> None:
    restored = restore_backup(other_store, io.BytesIO(backup), no_progress)
    assert restored.messages == 2 * MESSAGES + 1  # the empty one has no octets
    assert contents(other_store) == contents(database_url)
    assert keys(other_store) == keys(database_url)


def test_numbers_go_on_above_those_that_a_program_may_know(backup: bytes, database_url: str, other_store: str) -> None:
    restore_backup(other_store, io.BytesIO(backup), no_progress)
    numbers = "SELECT name, account_id, uidnext, highest_modseq FROM folder ORDER BY id"
    for before, after in zip(ask(database_url, numbers), ask(other_store, numbers), strict=True):
        assert after == (before[0], before[1], before[2] + 100_000, before[3] + 1_000_000)
    deliver(BlockingDatabase(other_store, "test"), "bob", [b"Subject: after\r\n\r\n"])
    ((uid, message_id),) = ask(other_store, "SELECT max(uid), max(message_id) FROM entry")
    assert uid > 100_000
    assert message_id > ask(database_url, "SELECT max(id) FROM message")[0][0]


def test_a_backup_under_load_has_one_moment(database_url: str, other_store: str) -> None:
    """Every folder's counters agree with its entries, every message is whole, and nobody had to wait."""
    fill(database_url)
    store, stop, delivered = BlockingDatabase(database_url, "load"), threading.Event(), []

    def load() -> None:
        while not stop.is_set():
            deliver(store, "alice", [b"Subject: load\r\n\r\n" + b"y" * 3000] * 10)
            delivered.append(10)

    writer = threading.Thread(target=load)
    writer.start()
    file = io.BytesIO()
    try:
        eventually_more(delivered, 2)
        write_backup(database_url, file, "0.1.0", lambda octets, total: eventually_more(delivered, 1))
    finally:
        stop.set()
        writer.join()
    restored = restore_backup(other_store, io.BytesIO(file.getvalue()), no_progress)
    before = 2 * MESSAGES + 1
    assert before + 20 <= restored.messages < before + sum(delivered)
    counters = "SELECT id, messages, octets FROM folder WHERE messages > 0 ORDER BY id"
    counted = "SELECT folder_id, count(*)::int, sum(size_octets) FROM entry GROUP BY 1 ORDER BY 1"
    assert ask(other_store, counters) == [(one, two, int(octets)) for one, two, octets in ask(other_store, counted)]
    assert ask(other_store, "SELECT min(uidnext) FROM folder WHERE messages > 0")[0][0] > 100_000 + MESSAGES


def eventually_more(of: list[int], more: int) -> None:
    wanted = len(of) + more
    eventually(lambda: len(of) >= wanted, "more deliveries")


def test_the_triggers_work_again_afterwards(backup: bytes, other_store: str) -> None:
    restore_backup(other_store, io.BytesIO(backup), no_progress)
    ask(other_store, "DELETE FROM account WHERE name = 'alice'")
    assert ask(other_store, "SELECT count(*) FROM entry") == [(MESSAGES,)]


@pytest.mark.parametrize("cut", [0.0, 0.01, 0.3, 0.7, 0.97, 0.999])
def test_half_a_backup_is_refused_and_leaves_nothing(backup: bytes, other_store: str, cut: float) -> None:
    half = backup[: int((len(backup) - 1024) * cut)]  # the last two blocks are empty, and nobody needs them
    with pytest.raises((BackupDamaged, NotABackup)):
        check_backup(io.BytesIO(half), no_progress)
    with pytest.raises((BackupDamaged, NotABackup)):
        restore_backup(other_store, io.BytesIO(half), no_progress)
    there = ask(other_store, "SELECT to_regclass('account') IS NOT NULL") == [(True,)]
    assert not there or not ask(other_store, "SELECT name FROM account")


def test_a_backup_that_was_changed_is_refused(backup: bytes, other_store: str) -> None:
    where = backup.index(b"tables/body/") + 512 + 40
    changed = backup[:where] + bytes([backup[where] ^ 1]) + backup[where + 1 :]
    with pytest.raises(BackupDamaged):
        restore_backup(other_store, io.BytesIO(changed), no_progress)


def test_a_message_that_comes_out_differently_is_found(backup: bytes, other_store: str) -> None:
    """Its digest differs, though the file as a whole is in order."""
    with pytest.raises(BackupDamaged, match="message 3 is not as it was"):
        restore_backup(other_store, io.BytesIO(rewritten(backup, "message-digests", flip_third)), no_progress)


@pytest.mark.parametrize(
    "octets", [b"", b"PGDMP\x01\x0e", b"x" * 5000, bytes(20_480)], ids=["empty", "pg_dump", "text", "zeros"]
)
def test_another_file_is_no_backup(octets: bytes, other_store: str) -> None:
    with pytest.raises(NotABackup):
        restore_backup(other_store, io.BytesIO(octets), no_progress)


def test_a_store_that_is_in_use_or_not_empty_is_left_alone(backup: bytes, database_url: str, other_store: str) -> None:
    before = contents(database_url)
    with pytest.raises(StoreNotEmpty):
        restore_backup(database_url, io.BytesIO(backup), no_progress)
    assert contents(database_url) == before
    service = psycopg2.connect(other_store, application_name="agora")
    with pytest.raises(StoreInUse):
        restore_backup(other_store, io.BytesIO(backup), no_progress)
    service.close()
    ask(other_store, "DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE of_another (i integer)")
    with pytest.raises(StoreNotEmpty):
        restore_backup(other_store, io.BytesIO(backup), no_progress)


def test_a_backup_of_an_older_release_is_brought_up_to_this_one(database_url: str, other_store: str) -> None:
    """The older one had not the newest migration yet: it is undone here."""
    fill(database_url)
    newest = max(file.stem for file in MIGRATIONS.glob("*.sql"))
    statements = (MIGRATIONS / f"{newest}.sql").read_text()
    tables = re.findall(r"CREATE (?:UNLOGGED )?TABLE (\w+)", statements)
    for table in reversed(tables):
        ask(database_url, f"DROP TABLE {table}")
    for table, column in re.findall(r"ALTER TABLE (\w+) ADD COLUMN (\w+)", statements):
        ask(database_url, f"ALTER TABLE {table} DROP COLUMN {column}")
    ask(database_url, f"DELETE FROM _yoyo_migration WHERE migration_id = '{newest}'")
    file = io.BytesIO()
    write_backup(database_url, file, "0.1.0", no_progress)
    assert restore_backup(other_store, io.BytesIO(file.getvalue()), no_progress).messages == 2 * MESSAGES + 1
    assert ask(other_store, f"SELECT count(*) FROM _yoyo_migration WHERE migration_id = '{newest}'") == [(1,)]
    assert [ask(other_store, f"SELECT count(*) FROM {table}") for table in tables] == [[(0,)]] * len(tables)


def test_a_backup_of_a_newer_release_is_refused(backup: bytes, other_store: str) -> None:
    newer = rewritten(backup, "agora-backup.json", lambda text: text.replace(b'"0001_accounts"', b'"9999_tomorrow"'))
    with pytest.raises(BackupTooNew, match="9999_tomorrow"):
        restore_backup(other_store, io.BytesIO(newer), no_progress)


def test_rows_that_are_missing_are_found(backup: bytes, other_store: str) -> None:
    """What the file says of itself, and what PostgreSQL has taken."""

    def one_more(end: bytes) -> bytes:
        return re.sub(rb'"address": (\d+)', lambda found: b'"address": %d' % (int(found[1]) + 1), end)

    with pytest.raises(BackupDamaged, match=r"^\d+ rows of address came out of it, \d+ were written$"):
        restore_backup(other_store, io.BytesIO(rewritten(backup, END, one_more)), no_progress)


def test_a_pipe_is_not_read_behind_the_end(backup: bytes) -> None:
    """It may be open still, and nothing may come."""
    source = io.BytesIO(backup)
    check_backup(source, no_progress)
    assert backup[source.tell() :] == bytes(1024)


def test_tar_opens_it(backup: bytes) -> None:
    with tarfile.open(fileobj=io.BytesIO(backup)) as archive:
        names = archive.getnames()
    assert (names[0], names[-1]) == ("agora-backup.json", "end.json")
    assert "tables/body/000000.gz" in names


def test_every_reason_is_a_sentence_of_ours() -> None:
    for error in (BackupDamaged, BackupTooNew, NotABackup, StoreInUse, StoreNotEmpty):
        assert issubclass(error, BackupError)


def flip_third(records: bytes) -> bytes:
    return records[: 2 * 40 + 20] + bytes([records[2 * 40 + 20] ^ 1]) + records[2 * 40 + 21 :]


def rewritten(backup: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The backup with members of that name changed, and an end that says so."""
    reader, file = BackupReader(io.BytesIO(backup)), io.BytesIO()
    writer = BackupWriter(file)
    head = change(_json(reader.head)) if name == HEAD else _json(reader.head)
    writer.write_json(HEAD, json.loads(head))
    for piece in reader.pieces():
        octets = change(piece.octets) if piece.name == name else piece.octets
        writer.write_piece(f"{piece.name}/000000.gz", octets)
    end = _json({key: value for key, value in reader.end.items() if key != "sha256"})
    writer.end(json.loads(change(end) if name == END else end))
    writer.close()
    assert END in file.getvalue().decode("latin-1")
    return file.getvalue()


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("made", "is_empty"),
    [
        ("INSERT INTO account (name, role) VALUES ('admin', 'admin')", True),
        ("INSERT INTO account (name, role) VALUES ('admin', 'admin'), ('alice', 'member')", False),
        ("UPDATE page SET revision = 2", False),
        ("INSERT INTO entry (folder_id, message_id, modseq, uid, size_octets) VALUES (1, 1, 1, 1, 1)", False),
    ],
    ids=["first start", "accounts", "pages", "mail"],
)
def test_what_a_first_start_leaves_is_empty_and_nothing_else_is(database_url: str, made: str, is_empty: bool) -> None:
    ask(database_url, made)
    if is_empty:
        refuse_unless_empty(database_url)
        return
    with pytest.raises(StoreNotEmpty):
        refuse_unless_empty(database_url)


def test_a_backup_that_is_interrupted_while_it_waits_for_postgresql_ends_at_once_there_and_here(
    database_url: str,
) -> None:
    backups = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'agora backup' AND datname = current_database()"
    ends: list[Callable[[], None]] = []
    failed: list[psycopg2.Error] = []

    def back_up() -> None:
        try:
            write_backup(database_url, io.BytesIO(), "0.1.0", no_progress, ends.append)
        except psycopg2.Error as error:
            failed.append(error)

    with contextlib.closing(psycopg2.connect(database_url)) as migration, migration.cursor() as cursor:
        cursor.execute("LOCK TABLE account")
        thread = threading.Thread(target=back_up)
        thread.start()
        eventually(lambda: ask(database_url, f"{backups} AND wait_event_type = 'Lock'"), "the wait for the table")
        ends[0]()
        thread.join(30)
        assert not thread.is_alive()
        assert isinstance(failed[0], psycopg2.OperationalError)
        eventually(lambda: not ask(database_url, backups), "the end of the transaction")
        ends[0]()  # nothing is there any more
