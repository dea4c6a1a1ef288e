"""Everything in one file, and back: nothing is lost, and no number is given twice."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from shared.database.archive import (
    LOADING,
    REPLACED,
    ArchiveFailed,
    NotEmpty,
    check_archive,
    dump,
    has_mail_or_members,
    is_archive,
    load_in_place_of,
    load_into_empty,
)
from shared.database.embedded import EmbeddedPostgres
from shared.database.tests.ask import ask

FILL = """
    INSERT INTO account (name, role) VALUES ('alice', 'member'), ('bob', 'member');
    INSERT INTO folder (account_id, name, uidnext, highest_modseq) SELECT id, 'INBOX', 43, 77 FROM account;
"""
NUMBERS = "SELECT name, uidvalidity, uidnext, highest_modseq FROM folder ORDER BY id"


@pytest.fixture
def archive(database_url: str, tmp_path: Path) -> Path:
    ask(database_url, FILL)
    dump(database_url, tmp_path / "agora.dump")
    return tmp_path / "agora.dump"


@pytest.fixture
def other_store(session_dir: Path, tmp_path: Path) -> Any:
    server = EmbeddedPostgres(session_dir / f"archive-{abs(hash(tmp_path)):x}", scratch=True)
    yield server.start()
    server.stop()


def test_what_was_dumped_is_loaded_and_numbers_go_on_above(archive: Path, database_url: str, other_store: str) -> None:
    check_archive(archive)
    with archive.open("rb") as source:
        load_into_empty(other_store, source)
    before, after = ask(database_url, NUMBERS), ask(other_store, NUMBERS)
    assert [row[:2] for row in after] == [row[:2] for row in before]
    assert [row[2:] for row in after] == [(43 + 100_000, 77 + 1_000_000)] * 2
    assert ask(other_store, "SELECT name FROM account ORDER BY id") == [("alice",), ("bob",)]


def test_what_is_there_is_replaced_as_a_whole(archive: Path, other_store: str) -> None:
    with archive.open("rb") as source:
        load_in_place_of(other_store, source)
    ask(other_store, "DELETE FROM account WHERE name = 'bob'; CREATE TABLE of_a_later_release (id int)")
    assert has_mail_or_members(other_store) is False
    with archive.open("rb") as source:
        load_in_place_of(other_store, source)
    assert ask(other_store, "SELECT count(*) FROM account") == [(2,)]
    assert has_mail_or_members(other_store) is True
    assert ask(other_store, "SELECT to_regclass('of_a_later_release')") == [(None,)]
    assert ask(other_store, "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1") == [
        ("agora",),
        ("postgres",),
    ]


def test_what_a_killed_load_left_keeps_no_other_from_loading(archive: Path, other_store: str) -> None:
    server = psycopg2.connect(other_store)
    server.autocommit = True
    with server.cursor() as cursor:
        for left in (LOADING, REPLACED):
            cursor.execute(f"CREATE DATABASE {left} TEMPLATE template0")
    server.close()
    with archive.open("rb") as source:
        load_in_place_of(other_store, source)
    assert ask(other_store, "SELECT count(*) FROM account") == [(2,)]


@pytest.mark.parametrize("cut", [0.0, 0.5, 0.95, 0.999])
def test_a_file_that_is_not_whole_changes_nothing(archive: Path, other_store: str, cut: float) -> None:
    whole = archive.read_bytes()
    with archive.open("rb") as source:
        load_in_place_of(other_store, source)
    archive.write_bytes(whole[: int(len(whole) * cut)])
    with pytest.raises(ArchiveFailed), archive.open("rb") as source:
        load_in_place_of(other_store, source)
    assert ask(other_store, "SELECT count(*) FROM account") == [(2,)]
    with pytest.raises(ArchiveFailed):
        check_archive(archive)


def test_an_archive_is_known_by_its_beginning(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("-- PostgreSQL database dump\n")
    (tmp_path / "empty").touch()
    for path, found in ((archive, True), (tmp_path / "text", False), (tmp_path / "empty", False)):
        with path.open("rb") as source:
            assert is_archive(source) is found
            assert source.read() == path.read_bytes()
    reading, writing = os.pipe()
    os.close(writing)
    with open(reading, "rb") as pipe:
        assert is_archive(pipe)


def test_the_first_error_of_a_program_is_one_line(archive: Path, tmp_path: Path, database_url: str) -> None:
    archive.write_bytes(archive.read_bytes()[:3000])
    with pytest.raises(ArchiveFailed, match=r"^pg_restore: could not [^\n]*\Z"):
        check_archive(archive)
    with pytest.raises(ArchiveFailed, match=r"^pg_dump: [^\n]*No such file or directory\Z"):
        dump(database_url + "-of-nobody", tmp_path / "x")


def test_a_database_with_tables_is_not_loaded_into(archive: Path, database_url: str) -> None:
    with pytest.raises(NotEmpty), archive.open("rb") as source:
        load_into_empty(database_url, source)


def test_a_password_is_no_argument_of_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def run(command: list[str], env: dict[str, str], **_: Any) -> subprocess.CompletedProcess[bytes]:
        seen.append((command, env.get("PGPASSWORD")))
        return subprocess.CompletedProcess(command, 0, b"", b"")

    monkeypatch.setattr("shared.database.archive.subprocess.run", run)
    dump("postgresql://agora:mel%20lon@db.example/agora", Path(os.devnull))
    ((command, password),) = seen
    assert (password, "mel" in " ".join(command)) == ("mel lon", False)
    assert command[-1] == "postgresql://agora@db.example/agora"
