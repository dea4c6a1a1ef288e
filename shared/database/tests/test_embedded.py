"""PostgreSQL from the wheel: killed, orphaned, with leftovers, in a folder with a long name."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg2
import pytest

from shared.database.embedded import EmbeddedPostgres
from shared.testing.eventually import eventually

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def server(session_dir: Path, request: pytest.FixtureRequest) -> Iterator[EmbeddedPostgres]:
    made = EmbeddedPostgres(session_dir / f"embedded-{abs(hash(request.node.name)):x}", scratch=True)
    yield made
    made.stop()


def ask(url: str, statement: str) -> object:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone() if cursor.description else None
    finally:
        connection.close()


def is_running(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_state_stays_between_two_runs(server: EmbeddedPostgres) -> None:
    url = server.start()
    ask(url, "CREATE TABLE kept (id int)")
    pid = server.pid
    assert server.start() == url
    assert server.pid == pid
    server.stop()
    assert server.pid is None
    assert ask(server.start(), "SELECT to_regclass('kept')::text") == ("kept",)


def test_kill_9_of_the_server_and_an_orphan_at_work_are_recovered_from(server: EmbeddedPostgres) -> None:
    url = server.start()
    ask(url, "CREATE TABLE kept (id int)")
    pid = server.pid
    assert pid is not None
    busy = psycopg2.connect(url)
    with busy.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        orphan = cursor.fetchone()[0]  # type: ignore[index]
    os.kill(orphan, signal.SIGSTOP)  # it cannot notice that the server died
    os.kill(pid, signal.SIGKILL)
    while server.pid is not None:
        pass
    assert ask(server.start(), "SELECT to_regclass('kept')::text") == ("kept",)
    assert server.pid != pid
    eventually(lambda: not is_running(orphan), "the orphan is gone")
    busy.close()


def test_pid_of_an_unrelated_process_does_not_prevent_the_start(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    data = server.state_dir / "data"
    owner = data.stat().st_uid
    other = subprocess.Popen(["sleep", "60"], user=owner)
    try:
        (data / "postmaster.pid").write_text(f"{other.pid}\n{data}\n1\n5432\n{server.state_dir}\n\n  1  1\n")
        assert server.pid is None
        assert ask(server.start(), "SELECT 1") == (1,)
    finally:
        other.kill()
        other.wait()


def test_it_ends_when_its_supervisor_is_killed(server: EmbeddedPostgres) -> None:
    program = f"""
import pathlib, signal, sys
from shared.database.embedded import EmbeddedPostgres
from shared.testing.eventually import eventually
server = EmbeddedPostgres(pathlib.Path({str(server.state_dir)!r}), scratch=True)
server.start()
print(server.pid, flush=True)
signal.pause()
"""
    supervisor = subprocess.Popen([sys.executable, "-c", program], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    pid = int(supervisor.stdout.readline())
    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()
    assert ask(server.start(), "SELECT 1") == (1,)  # waits for the other one to end
    assert not is_running(pid)


def test_a_folder_with_a_long_name_will_do(session_dir: Path) -> None:
    server = EmbeddedPostgres(session_dir / ("long" * 20) / ("name" * 10), scratch=True)
    try:
        assert ask(server.start(), "SELECT 1") == (1,)
    finally:
        server.stop()
