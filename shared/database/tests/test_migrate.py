"""Migrations when several start at once, when one is killed, and when PostgreSQL is not there yet."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

import shared.database.migrate
from shared.database.migrate import MIGRATIONS, migrate

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def empty_url(database_url: str) -> Iterator[str]:
    """A database without anything in it."""
    name = urlsplit(database_url).path.lstrip("/") + "_empty"
    ask(database_url, f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(database_url)._replace(path="/" + name))
    ask(database_url, f"DROP DATABASE {name} WITH (FORCE)")


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def names() -> list[str]:
    return sorted(path.stem for path in MIGRATIONS.glob("*.sql"))


def test_all_are_applied_once_and_in_order(empty_url: str) -> None:
    assert migrate(empty_url) == names()
    assert migrate(empty_url) == []
    assert ask(empty_url, "SELECT next_uidvalidity() > 1000000000") == [(True,)]


def test_several_at_once_apply_each_once(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(migrate, [empty_url] * 4))
    assert sorted(applied) == [[], [], [], names()]


def test_a_migration_that_fails_leaves_nothing_of_itself(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.database.migrate, "MIGRATIONS", tmp_path)
    (tmp_path / "0001_good.sql").write_text("CREATE TABLE good (id int);")
    (tmp_path / "0002_bad.sql").write_text("CREATE TABLE half (id int);\nINSERT INTO nowhere VALUES (1);")
    with pytest.raises(psycopg2.errors.UndefinedTable):
        migrate(empty_url)
    assert ask(empty_url, "SELECT to_regclass('good')::text, to_regclass('half')") == [("good", None)]
    (tmp_path / "0002_bad.sql").write_text("CREATE TABLE half (id int);")
    assert migrate(empty_url) == ["0002_bad"]


def test_one_that_is_killed_leaves_nothing_locked_and_nothing_half_done(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.database.migrate, "MIGRATIONS", tmp_path)
    slow = tmp_path / "0001_slow.sql"
    slow.write_text("CREATE TABLE slow (id int);\nSELECT pg_sleep(60);")
    program = f"""
import pathlib, shared.database.migrate as m
m.MIGRATIONS = pathlib.Path({str(tmp_path)!r})
m.migrate({empty_url!r})
"""
    process = subprocess.Popen([sys.executable, "-c", program], cwd=REPOSITORY)
    sleeping = "SELECT pid FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60);' AND datname = current_database()"
    while not (pids := ask(empty_url, sleeping)):
        assert process.poll() is None
    process.kill()
    process.wait()
    ask(empty_url, f"SELECT pg_terminate_backend({pids[0][0]}, 10000)")  # what TCP keepalive does in the end
    slow.write_text("CREATE TABLE slow (id int);")
    assert migrate(empty_url) == ["0001_slow"]


def test_functions_with_semicolons_and_steps_outside_transactions(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.database.migrate, "MIGRATIONS", tmp_path)
    (tmp_path / "0001_function.sql").write_text("""-- Two; statements.
CREATE TABLE t (id int, note text DEFAULT 'a;b');
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE plpgsql AS $body$
DECLARE
    result int;
BEGIN
    IF n > 0 THEN result := n * 2; ELSE result := 0; END IF;
    RETURN result;  -- 100% plain; really
END;
$body$;
INSERT INTO t (id) VALUES (twice(4));
""")
    (tmp_path / "0002_index.sql").write_text("-- transactional: false\nCREATE INDEX CONCURRENTLY t_id ON t (id);")
    assert migrate(empty_url) == ["0001_function", "0002_index"]
    assert ask(empty_url, "SELECT id, note FROM t") == [(8, "a;b")]


def test_patience_with_a_server_that_is_not_there_ends(tmp_path: Path) -> None:
    with pytest.raises(psycopg2.OperationalError):
        migrate(f"postgresql://agora@/agora?host={tmp_path}", patience=timedelta(0))


def test_command_reads_the_environment(empty_url: str, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("any: @/%\n")
    settings = {"AGORA_DATABASE_URL": empty_url, "AGORA_DATABASE_PASSWORD_FILE": str(tmp_path / "password")}
    environment = {**os.environ, **settings}
    command = [sys.executable, "-m", "shared.database.migrate"]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True)
    assert names()[0] in done.stdout
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True)
    assert "up to date" in done.stdout


def test_each_migration_has_a_number_of_its_own_and_none_is_left_out() -> None:
    numbers = [int(file.name.partition("_")[0]) for file in sorted(MIGRATIONS.glob("*.sql"))]
    assert numbers == list(range(1, len(numbers) + 1))
