"""`agora import` is killed in the middle of a transaction and run again: no message is missing, none comes twice."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import psycopg2.extensions

from shared.command_line.state_directory import ROOT
from shared.command_line.tests.conftest import Agora, read_json
from shared.folders.write import MOST_OCTETS_INLINE
from shared.mail.transfer.import_mailbox import BATCH_MESSAGES
from shared.testing.eventually import eventually

COUNT = 4 * BATCH_MESSAGES
COMMITTED = 2 * BATCH_MESSAGES  # before it is killed
LOCK = 482
TEXT = "tea " * (MOST_OCTETS_INLINE // BATCH_MESSAGES // 2)  # a batch is more than travels with its commit
# The third batch waits for the lock, with all of its octets written.
HOLD = f"""
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT count(*) FROM body) > {COMMITTED} THEN PERFORM pg_advisory_xact_lock({LOCK}); END IF;
        RETURN NULL;
    END
    $$;
    CREATE TRIGGER hold AFTER INSERT ON body FOR EACH STATEMENT EXECUTE FUNCTION hold();
"""
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
BACKENDS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
BODIES = "SELECT encode(octets, 'escape') FROM entry JOIN body USING (message_id) ORDER BY uid"


@contextlib.contextmanager
def a_cursor(url: str) -> Iterator[psycopg2.extensions.cursor]:
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor


def number(cursor: psycopg2.extensions.cursor, statement: str) -> int:
    cursor.execute(statement)
    (row,) = cursor.fetchall()
    return int(row[0])


def test_an_import_that_is_killed_and_run_again_brings_each_message_once(
    run: Agora, database_url: str, tmp_path: Path
) -> None:
    run("user", "add", "alice", "--password-stdin", input="kept in a drawer\n")
    for part in ("cur", "new", "tmp"):
        (tmp_path / "mail" / part).mkdir(parents=True)
    for each in range(COUNT):
        file = tmp_path / "mail" / "cur" / f"{each}.a:2,S"
        file.write_bytes(f"Subject: {each}\n\n{TEXT}\n".encode())
        os.utime(file, (1_700_000_000 + each, 1_700_000_000 + each))
    arguments = ["import", "maildir", str(tmp_path / "mail"), "--user", "alice"]
    with a_cursor(database_url) as cursor:
        cursor.execute(HOLD)
        cursor.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        command = [sys.executable, "-P", "-m", "shared.command_line", *arguments]
        with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
            eventually(lambda: number(cursor, WAITING) == 1, "the third batch is written, and not committed")
            process.kill()
        cursor.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))
        eventually(lambda: number(cursor, BACKENDS) == 0, "PostgreSQL has noticed")
        assert number(cursor, "SELECT count(*) FROM entry") == COMMITTED
        cursor.execute("DROP TRIGGER hold ON body")
        report = read_json(run(*arguments, "--json"))
        assert (report["imported"], report["already_there"], report["skipped"]) == (COUNT - COMMITTED, COMMITTED, [])
        cursor.execute(BODIES)
        found = [octets for (octets,) in cursor.fetchall()]
        assert found == [f"Subject: {each}\r\n\r\n{TEXT}\r\n" for each in range(COUNT)]
