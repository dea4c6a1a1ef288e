"""`ssh host backup > file`: the archive of `./agora backup`, sent as fast as the client takes it."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from services.ssh_admin import streams
from services.ssh_admin.access import tree_of
from services.ssh_admin.streams import OUTPUT_LOST
from services.ssh_admin.tests.conftest import SshDoor, add_key, make_key, openssh
from services.ssh_admin.tests.shell_process import service
from services.ssh_admin.words import names
from shared.accounts.find_account import find_account
from shared.command_line.terminal.surroundings import follow_surroundings
from shared.database.backup.errors import BackupDamaged
from shared.database.backup.restore_backup import check_backup, restore_backup
from shared.database.blocking import BlockingDatabase
from shared.database.tests.ask import ask
from shared.database.tests.test_backup import contents, deliver, no_progress, other_store
from shared.database.transaction import Transaction
from shared.runtime.tests.running import EchoProcess
from shared.testing.eventually import eventually
from shared.testing.store_outage import StoreOutage

__all__ = ["other_store", "service"]
MANY = 64  # messages of 1 MiB: more than is held on the whole way to a client that does not read
BEGUN = 2 << 20  # octets that are read of it
MOST_MEMORY = 30_000  # kB
# What the door itself writes meanwhile: the command's end, and, some seconds behind, the keys of messages.
MEANWHILE = ("command_audit", "event_trace_key", "event_trace_reach")


def fill(url: str) -> None:
    """Messages that cannot be compressed."""
    deliver(BlockingDatabase(url, "test"), "alice", [b"Subject: %d\r\n\r\n" % number for number in range(MANY)])
    BlockingDatabase(url, "test").transact(lambda tx: tx.execute("UPDATE body SET octets = %s", (os.urandom(1 << 20),)))


@pytest.fixture
def key(door: SshDoor) -> Path:
    file = door.make_key("ed25519")
    door.add_key(file)
    return file


@contextlib.contextmanager
def unread(door: SshDoor, key: Path, database_url: str) -> Iterator[tuple[subprocess.Popen[bytes], bytes]]:
    """A client that has read the beginning and takes nothing more, while PostgreSQL waits for us."""
    fill(database_url)
    with follow_surroundings(), a_client(openssh(door.port, door.folder, "backup", key=key)) as client:
        assert client.stdout is not None
        begun = client.stdout.read(BEGUN)
        eventually(lambda: waits(database_url) == ["ClientWrite"], "a backup that nobody reads")
        yield client, begun


@contextlib.contextmanager
def a_client(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe) as client:
        try:
            yield client
        finally:
            client.kill()


def waits(url: str) -> list[str | None]:
    """What the backups that are under way wait for."""
    backups = "SELECT wait_event FROM pg_stat_activity WHERE application_name = 'agora backup'"
    return [event for (event,) in ask(url, f"{backups} AND datname = current_database()")]


def test_what_comes_is_the_whole_store_and_is_in_the_audit(
    door: SshDoor, key: Path, database_url: str, other_store: str
) -> None:
    deliver(BlockingDatabase(database_url, "test"), "alice", [b"Subject: tea\r\n\r\n", bytes(range(256)) * 5000])
    done = door.ssh("backup", key=key)
    assert done.returncode == 0
    first, *_, last = done.stderr.decode().splitlines()
    assert re.fullmatch(r"Backup: \d+ % of about [\d.]+ [KM]iB", first)
    assert last.startswith("2 messages and everything else of ")
    restored = restore_backup(other_store, io.BytesIO(done.stdout), no_progress)
    assert restored.messages == 2
    there, back = contents(database_url), contents(other_store)
    assert {**back, **dict.fromkeys(MEANWHILE)} == {**there, **dict.fromkeys(MEANWHILE)}
    audited = "SELECT account, command, status FROM command_audit"
    assert ask(other_store, audited) == [("root", "backup", None)]  # written before it ran
    assert ask(database_url, audited) == [("root", "backup", 0)]


def test_a_member_has_no_such_command(door: SshDoor) -> None:
    key = door.make_key("ed25519")
    door.add_key(key, "alice")
    done = door.ssh("backup", key=key, user="alice")
    assert (done.stdout, done.stderr, done.returncode) == (b"", b"No such command: backup. Try help.\n", 127)


def test_a_terminal_is_told_how_to_call_it(door: SshDoor, key: Path) -> None:
    done = door.ssh("backup", key=key, RequestTTY="force")
    said = r"agora: a backup is nothing for a terminal: on your own machine, `ssh -p \d+ root@ssh\.example\.test backup"
    assert re.fullmatch(said + r" > FILE` writes it to a file\r\n", done.stdout.decode())
    assert done.returncode == 1


def test_it_is_in_the_help_and_among_the_words_that_are_completed(door: SshDoor, key: Path) -> None:
    assert door.ssh("help", "backup", key=key).stdout.startswith(b"Usage: backup [OPTIONS] [FILE]\n")
    assert "backup" in names(tree_of(find_account(door.transaction, "root")))
    assert "restore" not in names(tree_of(find_account(door.transaction, "root")))


def test_a_file_of_the_server_is_not_written(door: SshDoor, key: Path) -> None:
    done = door.ssh("backup", "/tmp/agora.backup", key=key)
    assert (done.returncode, b"over SSH a file is always -" in done.stderr) == (2, True)


def test_a_client_that_is_killed_ends_the_transaction_and_the_next_backup_runs(
    door: SshDoor, key: Path, database_url: str
) -> None:
    with unread(door, key, database_url) as (client, _):
        second = door.ssh("backup", key=key)
        assert (second.stdout, second.returncode) == (b"", 75)
        assert second.stderr == b"agora: another backup is being sent: try again when it has ended\n"
        client.kill()
        eventually(lambda: waits(database_url) == [], "the end of the transaction")
        statuses = "SELECT status FROM command_audit ORDER BY id LIMIT 1"
        eventually(lambda: ask(database_url, statuses) == [(130,)], "the end in the audit")
        ask(database_url, "DELETE FROM body")
        assert door.ssh("backup", key=key).returncode == 0


def test_a_client_that_takes_nothing_for_long_ends_the_transaction(
    door: SshDoor, key: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "STALLED_SECONDS", 0.5)
    fill(database_url)
    with follow_surroundings(), a_client(openssh(door.port, door.folder, "backup", key=key)):
        statuses = "SELECT status FROM command_audit"
        eventually(lambda: ask(database_url, statuses) == [(OUTPUT_LOST,)], "the end in the audit")
        eventually(lambda: waits(database_url) == [], "the end of the transaction")


def test_a_store_that_goes_away_is_a_sentence_and_what_came_is_refused(
    door: SshDoor, key: Path, database_url: str, server_url: str
) -> None:
    outage = StoreOutage(database_url, server_url)
    with unread(door, key, database_url) as (client, begun):
        outage.begin()
        outage.end()  # its connections are gone
        half, said = client.communicate(timeout=30)
    last = said.decode().splitlines()[-1]
    assert last.startswith("agora: this backup is not whole: PostgreSQL: ")
    assert client.returncode == 1
    with pytest.raises(BackupDamaged):
        check_backup(io.BytesIO(begun + half), no_progress)


def test_a_client_that_stops_reading_costs_bounded_memory(
    service: EchoProcess, transaction: Transaction, database_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    key = make_key(folder, "ed25519")
    add_key(transaction, key)
    _, port = service.place("ssh")

    def backs_up() -> bool:  # connections are closed until the service has made its keys
        done = subprocess.run(openssh(port, folder, "backup", key=key), capture_output=True, check=False)
        return done.returncode == 0

    eventually(backs_up, "the door's keys")  # and all modules are loaded
    fill(database_url)
    Path(f"/proc/{service.process.pid}/clear_refs").write_text("5")  # the peak is counted from here on: proc(5)
    before = memory(service.process.pid, "VmRSS")
    with a_client(openssh(port, folder, "backup", key=key)) as client:
        looks: list[list[str | None]] = []
        eventually(lambda: stands_still(database_url, looks), "a backup that nobody reads")
        octets = sum(map(len, read_pieces(client)))
        assert client.wait() == 0
    assert octets > MANY << 20
    assert memory(service.process.pid, "VmHWM") - before < MOST_MEMORY


def read_pieces(client: subprocess.Popen[bytes]) -> Iterator[bytes]:
    assert client.stdout is not None
    while piece := client.stdout.read(1 << 16):
        yield piece


def stands_still(url: str, looks: list[list[str | None]]) -> bool:
    """PostgreSQL has been seen waiting for us, and nothing else."""
    looks.append(waits(url))
    return looks[-10:] == [["ClientWrite"]] * 10


def memory(pid: int, name: str) -> int:
    """In kB: proc(5), status."""
    [found] = re.findall(rf"^{name}:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found)
