"""A local stack from `agora up` to `agora down`, and what happens when something on the way dies."""

from __future__ import annotations

import contextlib
import imaplib
import json
import os
import re
import shlex
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.command_line.ports import free_ports
from shared.command_line.state_directory import ROOT, StateDirectory
from shared.doors import DOORS, LOOPBACK, SERVICES
from shared.testing.eventually import eventually

pytestmark = pytest.mark.local_only
PATIENCE_SECONDS = 60
PATIENCE = timedelta(seconds=PATIENCE_SECONDS)
MAIL_ACCESS = [door.name.upper() for door in DOORS if door.service == "mail_access"]


class LocalStack:
    """A stack of the test's own, driven by the command line only."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.directory = StateDirectory(state)

    def agora(self, *arguments: str, python: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
        environment = {
            name: value for name, value in os.environ.items() if name == "AGORA_VENV" or not name.startswith("AGORA_")
        }
        return subprocess.run(
            [*filter(None, [python]), ROOT / "agora", *arguments],
            env={**environment, **settings, "AGORA_STATE": str(self.state)},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS * 2,
        )

    def up(self, *options: str, **settings: str) -> str:
        done = self.agora("up", "--detach", "--ports", "free", *options, **settings)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = json.loads(self.agora("status", "--json").stdout)
        return status

    def pids(self) -> dict[str, int]:
        record = self.directory.record()
        assert record is not None
        return {name: process.pid for name, process in record.processes.items() if process.pid is not None}


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def imap_greeting(port: int) -> bytes:
    with socket.create_connection((LOOPBACK, port), timeout=10) as connection:
        return connection.recv(200)


@dataclass(frozen=True)
class Mailbox:
    """INBOX as IMAP shows it."""

    subjects: list[str]
    uid_validity: int
    uid_next: int


def _deliver(local: LocalStack, subject: str) -> None:
    with smtplib.SMTP(LOOPBACK, local.status()["ports"]["smtp"], timeout=20) as session:
        session.sendmail("stranger@example.org", ["alice@localhost"], f"Subject: {subject}\r\n\r\nx\r\n")


def _mailbox(local: LocalStack, password: str) -> Mailbox:
    with imaplib.IMAP4(LOOPBACK, local.status()["ports"]["imap"], timeout=20) as session:
        session.login("alice", password)
        told = session.status("INBOX", "(UIDVALIDITY UIDNEXT)")[1][0]
        uid_validity, uid_next = map(int, re.findall(r"\d+", str(told)))
        session.select("INBOX")
        fetched = session.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
        subjects = [part[1].decode().strip().removeprefix("Subject: ") for part in fetched if isinstance(part, tuple)]
        return Mailbox(subjects, uid_validity, uid_next)


@pytest.fixture
def local(session_dir: Path, tmp_path: Path) -> Iterator[LocalStack]:
    made = LocalStack(session_dir / f"life-{tmp_path.name}")
    try:
        yield made
    finally:
        made.agora("down")


def test_up_comes_back_when_every_door_is_open_and_down_leaves_nothing(local: LocalStack) -> None:
    said = local.up()
    assert re.search(r"password, shown only now: +\S{20,}", said)
    ports = json.loads(local.directory.ports_file.read_text())
    assert sorted(ports) == sorted(door.name for door in DOORS)
    assert imap_greeting(ports["imap"]).startswith(b"* OK ")
    status = local.status()
    assert [row["condition"] for row in status["programs"]] == ["running", "running", *["ready"] * len(SERVICES)]
    doors = local.agora("status", "--doors", "--json")
    assert [row["answers"] for row in json.loads(doors.stdout)] == [True] * len(DOORS)
    assert doors.returncode == 0
    pids = local.pids()
    done = local.agora("down")
    assert done.returncode == 0
    assert not [name for name, pid in pids.items() if lives(pid)]
    assert local.agora("status").returncode == 3
    assert local.agora("down").stdout.startswith("No stack is running")


def test_the_second_start_keeps_ports_accounts_and_the_password_to_itself(local: LocalStack) -> None:
    local.up()
    ports = json.loads(local.directory.ports_file.read_text())
    added = local.agora("user", "add", "alice", "--generate-password")
    assert added.returncode == 0, added.stderr
    local.agora("down")
    said = local.agora("up", "--detach")
    assert said.returncode == 0, said.stdout
    assert "password" not in said.stdout
    assert json.loads(local.directory.ports_file.read_text()) == ports
    assert [row["name"] for row in json.loads(local.agora("user", "list", "--json").stdout)] == ["admin", "alice"]


def test_a_second_up_finds_the_first(local: LocalStack) -> None:
    local.up()
    pids = local.pids()
    again = local.agora("up", "--detach")
    assert (again.returncode, "already" in again.stdout) == (0, True)
    assert local.agora("up").returncode == 1
    assert local.pids() == pids


def test_two_stacks_do_not_disturb_each_other(local: LocalStack, session_dir: Path) -> None:
    other = LocalStack(session_dir / "other")
    local.up()
    try:
        other.up()
        mine, theirs = local.status()["ports"], other.status()["ports"]
        assert not set(mine.values()) & set(theirs.values())
        local.agora("user", "add", "alice", "--generate-password")
        assert [row["name"] for row in json.loads(other.agora("user", "list", "--json").stdout)] == ["admin"]
    finally:
        other.agora("down")
    assert imap_greeting(mine["imap"]).startswith(b"* OK ")


@pytest.mark.parametrize(
    "program", ["smtp_ingest", "mail_access", "news_gateway", "wiki", "ssh_admin", "http_proxy", "redis", "postgres"]
)
def test_what_is_killed_comes_back(local: LocalStack, program: str) -> None:
    local.up()
    before = local.pids()
    os.kill(before[program], signal.SIGKILL)
    eventually(
        lambda: local.pids().get(program) not in (None, before[program]), f"{program} is started again", PATIENCE
    )
    eventually(lambda: local.agora("status").returncode == 0, "everything is ready again", PATIENCE)
    after = local.pids()
    assert {name for name in after if after[name] != before[name]} == {program}
    row = next(row for row in local.status()["programs"] if row["program"] == program)
    assert (row["restarts"], row["ended_last"]) == (1, "signal 9")


def test_one_service_is_restarted_and_the_others_are_not(local: LocalStack) -> None:
    local.up()
    before = local.pids()
    done = local.agora("restart", "mail_access")
    assert (done.returncode, "mail_access is ready again" in done.stdout) == (0, True), done.stderr
    after = local.pids()
    assert {name for name in after if after[name] != before[name]} == {"mail_access"}


def test_up_names_unread_settings_and_the_tour_works_with_a_catch_all(
    local: LocalStack,
) -> None:
    said = local.up(AGORA_IMPA_PORT="1430")
    assert "AGORA_IMPA_PORT is no setting. Is AGORA_IMAP_PORT meant?" in said
    assert local.agora("address", "add", "*@localhost", "admin").returncode == 0
    tour = local.agora("tour")
    assert (tour.returncode, "250, as *@localhost takes it" in tour.stdout) == (0, True), tour.stdout + tour.stderr


def test_the_stack_is_restarted_with_its_state(local: LocalStack) -> None:
    local.up()
    before, ports = local.pids(), local.status()["ports"]
    done = local.agora("restart")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not set(before.values()) & set(local.pids().values())
    assert local.status()["ports"] == ports


def test_a_backup_of_a_running_stack_is_restored_and_numbers_go_on(local: LocalStack, tmp_path: Path) -> None:
    local.up()
    added = local.agora("user", "add", "alice", "--generate-password", "--json")
    password = json.loads(added.stdout)["password"]
    _deliver(local, "before")
    before = _mailbox(local, password)
    archive = tmp_path / "agora.dump"
    done = local.agora("store", "dump", str(archive))
    assert (done.returncode, archive.stat().st_mode & 0o777) == (0, 0o600), done.stderr
    assert "is there already" in local.agora("store", "dump", str(archive)).stderr
    _deliver(local, "after")
    assert "is running" in local.agora("store", "load", str(archive)).stderr
    local.agora("down")
    no_backup = local.agora("store", "load", "--replace", str(ROOT / "README.md"))
    assert no_backup.stderr.startswith(f"agora: {ROOT / 'README.md'} is not a backup that ")
    assert "--replace deletes them" in local.agora("store", "load", str(archive)).stderr
    assert local.agora("store", "load", "--replace", str(archive)).returncode == 0
    local.up()
    after = _mailbox(local, password)
    assert (after.subjects, after.uid_validity) == (["before"], before.uid_validity)
    assert after.uid_next == before.uid_next + 100_000
    local.agora("down")
    assert local.agora("store", "dump", "--force", str(archive)).returncode == 0  # PostgreSQL is started for it


def test_the_store_alone_answers_other_programs(local: LocalStack) -> None:
    environment = {**os.environ, "AGORA_STATE": str(local.state)}
    with subprocess.Popen([ROOT / "agora", "store", "up"], env=environment, stdout=subprocess.PIPE, text=True) as store:
        assert store.stdout is not None
        lines = iter(store.stdout.readline, "Ctrl-C stops it.\n")
        psql, dump = [shlex.split(line) for line in lines if line.startswith("  ")]
        assert subprocess.run([*psql, "-Atc", "SELECT 6 * 7"], capture_output=True, text=True).stdout == "42\n"
        target = local.state / "own.dump"
        assert subprocess.run([word.replace("agora.dump", str(target)) for word in dump]).returncode == 0
        assert target.stat().st_size
        store.send_signal(signal.SIGINT)
        assert store.wait(PATIENCE_SECONDS) == 0
    assert local.directory.supervisor() is None


def test_a_killed_supervisor_leaves_nothing_and_the_next_up_recovers(local: LocalStack) -> None:
    local.up()
    pids = local.pids()
    supervisor = local.directory.supervisor()
    assert supervisor is not None
    os.kill(supervisor, signal.SIGKILL)
    eventually(lambda: not any(map(lives, pids.values())), "every program ends with its supervisor", PATIENCE)
    assert local.agora("status").returncode == 3
    local.up()
    assert local.agora("status").returncode == 0


def test_ctrl_c_stops_services_before_the_store(local: LocalStack) -> None:
    environment = {**os.environ, "AGORA_STATE": str(local.state)}
    with subprocess.Popen(
        [ROOT / "agora", "up", "--ports", "free"], env=environment, stdout=subprocess.PIPE, text=True
    ) as stack:
        assert stack.stdout is not None
        for line in stack.stdout:
            if "Ctrl-C stops it" in line:
                break
        pids = local.pids()
        stack.send_signal(signal.SIGINT)
        assert "Everything is stopped." in stack.stdout.read()
        assert stack.wait(PATIENCE_SECONDS) == 0
    assert not any(map(lives, pids.values()))
    assert "Connection refused" not in (local.directory.logs / "mail_access.log").read_text()
    assert "database system is shut down" in (local.directory.logs / "postgres.log").read_text()


def test_ctrl_c_on_the_way_up_leaves_nothing(local: LocalStack) -> None:
    """As a terminal sends it, to all processes of the group: the migration may end by it before the supervisor does."""
    environment = {**os.environ, "AGORA_STATE": str(local.state)}
    command = [str(ROOT / "agora"), "up", "--ports", "free"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True) as stack:
        assert stack.stdout is not None
        eventually(
            lambda: local.directory.record() is not None and "postgres" in local.pids(),
            "the way up has begun",
            PATIENCE,
        )
        pids = local.pids()
        os.killpg(stack.pid, signal.SIGINT)
        said = stack.stdout.read()
        assert stack.wait(PATIENCE_SECONDS) == 0
        assert (said.splitlines()[-1], "agora:" in said) == ("Everything is stopped.", False)
    assert not any(map(lives, pids.values()))
    assert local.directory.supervisor() is None


def test_a_port_that_is_taken_is_named(local: LocalStack) -> None:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        port = listener.getsockname()[1]
        done = local.agora("up", "--detach", "--ports", "free", AGORA_IMAP_PORT=str(port))
    assert done.returncode == 1
    *remarks, reason = done.stdout.splitlines()  # root may be told that the services would run as root
    assert reason == f"agora: port {port}, wanted for IMAP by AGORA_IMAP_PORT, is taken by another program"
    assert "AGORA_" not in "".join(remarks)
    assert local.directory.supervisor() is None


def test_a_default_port_that_is_taken_never_ends_the_first_start(local: LocalStack) -> None:
    """Nothing is set, and 2024 is held: by this test, unless another program of this machine holds it already."""
    with socket.socket() as listener, contextlib.suppress(OSError):
        listener.bind((LOOPBACK, 2024))
        listener.listen()
        try:
            done = local.agora("up", "--detach")
            assert done.returncode == 0, done.stdout
            told = re.search(r"LMTP: 2024 is taken, (\d+) instead \(kept for this stack; AGORA_LMTP_PORT", done.stdout)
            assert told, done.stdout
            lmtp = next(row for row in local.status()["doors"] if row["door"] == "LMTP")
            assert lmtp["where"] == f"127.0.0.1:{told[1]}"
            assert lmtp["note"] == "kept for this stack instead of 2024; AGORA_LMTP_PORT chooses"
            assert local.agora("tour").returncode == 0
            assert local.agora("check").returncode == 0
            local.agora("down")
            again = local.agora("up", "--detach")
            assert again.returncode == 0
            assert "2024 is taken" not in again.stdout  # it was kept
            assert local.status()["ports"]["lmtp"] == int(told[1])
        finally:
            local.agora("down")


def test_a_start_that_failed_leaves_no_port_behind_that_fails_the_next(local: LocalStack) -> None:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert local.agora("up", "--detach", AGORA_LMTP_PORT=str(port)).returncode == 1
        local.directory.keep_ports({"imap": port})  # as earlier releases did before they had looked
        local.up()
    ports = local.status()["ports"]
    assert port not in ports.values()


def test_a_port_that_a_variable_chose_once_is_not_kept(local: LocalStack) -> None:
    (port,) = free_ports(1)
    local.up(AGORA_IMAP_PORT=str(port))
    row = next(row for row in local.status()["doors"] if row["door"] == "IMAP")
    assert (row["where"], row["note"]) == (f"127.0.0.1:{port}", "by AGORA_IMAP_PORT")
    assert "imap" not in local.directory.kept_ports()


def test_in_a_container_the_services_are_asked_at_their_hosts(local: LocalStack) -> None:
    local.up()
    status = local.status()
    ports = {f"AGORA_{name.upper()}_PORT": str(port) for name, port in status["ports"].items()}
    record = local.directory.record()
    assert record is not None
    settings = {
        **{name: record.environment[name] for name in ("AGORA_DATABASE_URL", "AGORA_REDIS_URL")},
        **ports,
        "AGORA_IN_CONTAINER": "1",
        "AGORA_SERVICE": "mail_access",
        "AGORA_SERVICE_HOSTS": "smtp_ingest=127.0.0.1 news_gateway=127.0.0.1 wiki=127.0.0.1 ssh_admin=127.0.0.1 "
        "http_proxy=localhost",
        **{f"AGORA_{name}_ENDPOINTS": record.environment[f"AGORA_{name}_ENDPOINTS"] for name in MAIL_ACCESS},
        "AGORA_HEALTH_ENDPOINTS": f"tcp:{status['health']['mail_access']}",
    }
    elsewhere = LocalStack(local.state / "nothing")
    checked = json.loads(elsewhere.agora("check", "--json", python=sys.executable, **settings).stdout)
    doors = [
        finding
        for finding in checked
        if finding["subject"].startswith(
            ("SMTP", "IMAP", "POP3", "LMTP", "NNTP", "web", "Perspective", "SSH", "HTTP", "word")
        )
    ]
    assert {finding["grade"] for finding in doors} == {"fine"}, doors
    assert len(doors) == len([door for door in DOORS if not door.name.startswith("submission")])
    assert not [finding for finding in checked if "no stack is running" in finding["fact"]]
    shown = elsewhere.agora("status", "--json", python=sys.executable, **settings)
    conditions = {row["service"]: row["condition"] for row in json.loads(shown.stdout)["services"]}
    assert conditions["mail_access"] == "ready"
    proxy = json.loads(elsewhere.agora("proxy", "status", "--json", python=sys.executable, **settings).stdout)
    assert {door["where"] for door in proxy["doors"]} == {
        f"localhost:{status['ports'][name]}" for name in ("http_proxy", "http_proxy_tls", "http_proxy_report")
    }
    local.agora("down")
    gone = elsewhere.agora("status", python=sys.executable, **settings)
    assert (gone.returncode, "not ready" in gone.stdout) == (1, True)


def test_wrong_settings_are_named_before_anything_is_started(local: LocalStack) -> None:
    done = local.agora("up", "--detach", "--ports", "free", AGORA_SHUTDOWN_GRACE="tomorrow", AGORA_SMTP_ERRORS="0")
    assert done.returncode == 1
    assert "AGORA_SHUTDOWN_GRACE is 'tomorrow'" in done.stdout
    assert "AGORA_SMTP_ERRORS is '0'" in done.stdout
    assert local.directory.supervisor() is None
    assert local.directory.record() is None
    assert not (local.state / "postgres").exists()
    assert not local.directory.kept_ports()


def test_logs_are_kept_by_program(local: LocalStack) -> None:
    local.up()
    local.agora("down")
    one = local.agora("logs", "mail_access").stdout
    assert one
    everything = local.agora("logs").stdout
    assert {line.split()[0] for line in everything.splitlines() if line.strip()} >= {"mail_access", "postgres"}
    assert local.agora("logs", "teapot").returncode == 1


def test_errors_have_a_file_of_their_own_and_commands_and_messages_can_be_found(local: LocalStack) -> None:
    local.up()
    assert not local.directory.errors_file.exists()
    assert local.status()["errors"] == 0
    assert local.agora("user", "add", "alice", "--generate-password").returncode == 0
    with smtplib.SMTP("127.0.0.1", local.status()["ports"]["smtp"], timeout=PATIENCE_SECONDS) as client:
        client.ehlo()
        client.mail("smith@elsewhere.test")
        client.rcpt("alice@localhost")
        queue_id = client.data(b"Subject: x\r\n\r\ny\r\n")[1].decode().split()[-1]
    eventually(
        lambda: queue_id in local.agora("logs", "--message", queue_id).stdout, "the message is in the log", PATIENCE
    )
    (line,) = local.agora("logs", "smtp_ingest", "--message", queue_id).stdout.splitlines()
    assert "outcome=accepted door=smtp" in line
    assert "to=alice@localhost:250" in line
    assert "agora user add alice" in local.agora("logs", "admin").stdout
    os.kill(local.pids()["mail_access"], signal.SIGKILL)
    eventually(lambda: local.status()["errors"] == 1, "the error is counted", PATIENCE)
    assert "mail_access ended with signal 9" in local.directory.errors_file.read_text()
    assert "mail_access ended with signal 9" in (local.directory.logs / "supervisor.log").read_text()
    assert "mail_access ended with signal 9" in local.agora("logs", "--errors").stdout
    assert "1 error is in the logs" in local.agora("status").stdout
    local.agora("down")
    local.up()
    assert not local.directory.errors_file.exists()
    assert (local.directory.logs / "errors.log.1").exists()
    assert local.status()["errors"] == 0
