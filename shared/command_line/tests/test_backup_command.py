"""`agora backup` and `agora restore` on the database that the settings name, as in a container."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

from shared.command_line import version
from shared.command_line.state_directory import ROOT
from shared.command_line.tests.conftest import Agora, read_json


@pytest.fixture
def other_database(database_url: str) -> Iterator[str]:
    parts = urlsplit(database_url)
    name, server = f"{parts.path[1:]}_empty", urlunsplit(parts._replace(path="/postgres"))
    in_server(server, f"CREATE DATABASE {name} TEMPLATE template0")
    yield urlunsplit(parts._replace(path=f"/{name}"))
    in_server(server, f"DROP DATABASE {name} WITH (FORCE)")


def in_server(url: str, statement: str) -> None:
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_backup_through_pipes_is_restored_into_an_empty_database(
    run: Agora, database_url: str, other_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("user", "add", "alice", "--password-stdin", input="kept in a drawer\n")
    before = read_json(run("user", "list", "--json"))
    monkeypatch.setenv("AGORA_STACK_KEY_FILE", str(tmp_path / "stack-key"))
    agora = [sys.executable, "-P", "-m", "shared.command_line"]
    environment = {"PYTHONPATH": str(ROOT), "AGORA_REDIS_URL": "redis://127.0.0.1:1/0", "AGORA_IN_CONTAINER": "1"}
    environment["AGORA_STACK_KEY_FILE"] = str(tmp_path / "stack-key")
    pipe = subprocess.run(
        [*agora, "backup", "-"],
        env={**environment, "AGORA_DATABASE_URL": database_url},
        capture_output=True,
        check=True,
    )
    assert b"are in the standard output" in pipe.stderr
    target = {**environment, "AGORA_DATABASE_URL": other_database}
    done = subprocess.run([*agora, "restore", "-"], env=target, input=pipe.stdout, capture_output=True, check=True)
    assert done.stdout.startswith(b"Restored and compared: 0 messages, and everything else of ")
    monkeypatch.setenv("AGORA_DATABASE_URL", other_database)
    assert read_json(run("user", "list", "--json")) == before
    again = subprocess.run([*agora, "restore", "-"], env=target, input=pipe.stdout, capture_output=True, check=False)
    assert (again.returncode, b"nothing is changed" in again.stderr) == (1, True)


def test_half_a_file_and_another_one_are_named_as_what_they_are(run: Agora, tmp_path: Path) -> None:
    run("backup", str(tmp_path / "whole"))
    (tmp_path / "half").write_bytes((tmp_path / "whole").read_bytes()[:-4096])
    (tmp_path / "other").write_bytes(b"x" * 5000)
    assert "is whole" in run("restore", "--check", str(tmp_path / "whole")).output
    assert "its end is missing" in run("restore", "--check", str(tmp_path / "half"), status=1).output
    assert "does not begin as a backup" in run("restore", "--check", str(tmp_path / "other"), status=1).output


def test_half_a_backup_leaves_an_empty_database_that_the_whole_one_is_restored_into(
    run: Agora, other_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("user", "add", "alice", "--password-stdin", input="kept in a drawer\n")
    whole, half = tmp_path / "whole", tmp_path / "half"
    run("backup", str(whole))
    octets = whole.read_bytes()
    half.write_bytes(octets[: len(octets) // 2])
    monkeypatch.setenv("AGORA_DATABASE_URL", other_database)
    refused = run("restore", str(half), status=1).output
    assert "its end is missing" in refused
    assert "Traceback" not in refused
    assert run("restore", str(whole)).output.startswith("Restored and compared: 0 messages")
    assert "alice" in [each["name"] for each in read_json(run("user", "list", "--json"))]


def test_the_release_is_known_where_the_source_is_out_of_sight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version, "ROOT", tmp_path)  # as after chroot(2)
    assert version.version()[0].isdigit()


def test_what_fails_leaves_no_file(run: Agora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_DATABASE_URL", "postgresql://agora@127.0.0.1:1/agora")
    assert "PostgreSQL" in run("backup", str(tmp_path / "file"), status=1).output
    assert list(tmp_path.iterdir()) == []
