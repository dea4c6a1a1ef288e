"""A local stack from `agora up` to `agora down`, once and twice, side by side, and by Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from integration_tests.life.local_stack import PATIENCE, PATIENCE_SECONDS, LocalStack, imap_greeting
from integration_tests.stack.process import lives
from shared.command_line.state_directory import ROOT
from shared.doors import DOORS, SERVICES
from shared.testing.eventually import eventually

pytestmark = pytest.mark.local_only


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


def test_up_names_unread_settings_and_the_tour_works_with_a_catch_all(
    local: LocalStack,
) -> None:
    said = local.up(AGORA_IMPA_PORT="1430")
    assert "AGORA_IMPA_PORT is no setting. Is AGORA_IMAP_PORT meant?" in said
    assert local.agora("address", "add", "*@localhost", "admin").returncode == 0
    tour = local.agora("tour")
    assert (tour.returncode, "250, as *@localhost takes it" in tour.stdout) == (0, True), tour.stdout + tour.stderr


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


def test_wrong_settings_are_named_before_anything_is_started(local: LocalStack) -> None:
    done = local.agora("up", "--detach", "--ports", "free", AGORA_SHUTDOWN_GRACE="tomorrow", AGORA_SMTP_ERRORS="0")
    assert done.returncode == 1
    assert "AGORA_SHUTDOWN_GRACE is 'tomorrow'" in done.stdout
    assert "AGORA_SMTP_ERRORS is '0'" in done.stdout
    assert local.directory.supervisor() is None
    assert local.directory.record() is None
    assert not (local.state / "postgres").exists()
    assert not local.directory.kept_ports()
