"""The user that a stack runs as when root starts it. Each case is a process of its own: giving up root is for good."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared.command_line.state_directory import ROOT

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up root")

PROGRAM = """
import json, os, pathlib, socket, sys
from shared.command_line.stack import leave_root
leave_root._code = lambda: [pathlib.Path(path) for path in json.loads(sys.argv[2])]
from shared.command_line.state_directory import StateDirectory
why = leave_root.leave_root(StateDirectory(pathlib.Path(sys.argv[1])), sys.argv[3] or None)
probe = socket.socket()
try:
    probe.bind(("127.0.0.1", int(sys.argv[4])))
    low = "opened"
except OSError as error:
    low = error.strerror
status = pathlib.Path("/proc/self/status").read_text()
rights = next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff"))
print(json.dumps({"why": why, "uid": os.geteuid(), "groups": os.getgroups(), "low": low, "rights": int(rights, 16)}))
"""
FROM_A_CLOSED_FOLDER = """
import os, pathlib, sys
from shared.command_line.stack import leave_root, wrong_settings
from shared.command_line.state_directory import StateDirectory
from shared.command_line.stack.supervisor import run
from shared.runtime.environment_example import settings_classes
from twisted.internet import reactor
settings_classes()  # imported while it can be
leave_root._code = lambda: []
run.ROOT = wrong_settings.ROOT = pathlib.Path(sys.argv[1])
directory = StateDirectory(run.ROOT / "state")
leave_root.leave_root(directory, None)
print(run.supervise(directory, None, print))
"""
LOW_PORT = "1023"
NET_BIND_SERVICE = 1 << 10


def _run(state: Path, user: str = "", code: list[str] | None = None) -> subprocess.CompletedProcess[str]:
    arguments = [str(state), json.dumps(code or []), user, LOW_PORT]
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def open_dir(session_dir: Path, tmp_path: Path) -> Path:
    """A folder that every user can reach."""
    folder = session_dir / f"leave-{tmp_path.name}"
    folder.mkdir(mode=0o755)
    return folder


def test_root_becomes_a_user_that_keeps_one_right_only(open_dir: Path) -> None:
    found = json.loads(_run(open_dir / "state").stdout)
    assert (found["why"], found["groups"]) == (None, [])
    assert found["uid"] == (open_dir / "state").stat().st_uid != 0
    assert (found["low"], found["rights"]) in [("opened", NET_BIND_SERVICE), ("Permission denied", 0)]


def test_the_owner_of_the_state_is_who_it_runs_as(open_dir: Path) -> None:
    state = open_dir / "state"
    (state / "postgres").mkdir(parents=True)
    daemon = pwd.getpwnam("daemon")
    os.chown(state, daemon.pw_uid, daemon.pw_gid)
    assert json.loads(_run(state).stdout)["uid"] == daemon.pw_uid


def test_what_ran_as_root_before_is_handed_over(open_dir: Path) -> None:
    state = open_dir / "state"
    (state / "logs").mkdir(parents=True)
    (state / "logs" / "a.log").touch(mode=0o600)
    outside = open_dir / "outside"
    outside.touch(mode=0o600)
    (state / "link").symlink_to(outside)
    uid = json.loads(_run(state, "daemon").stdout)["uid"]
    assert {path.lstat().st_uid for path in (state, state / "logs", state / "logs" / "a.log")} == {uid}
    assert outside.stat().st_uid == 0


def test_a_stack_is_started_from_a_folder_that_its_user_cannot_enter(open_dir: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "AGORA_SHUTDOWN_GRACE": "tomorrow"}
    command = [sys.executable, "-c", FROM_A_CLOSED_FOLDER, str(open_dir)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["1"]), done.stderr
    assert "AGORA_SHUTDOWN_GRACE is 'tomorrow'" in done.stdout


def test_code_that_others_cannot_reach_runs_as_root_and_says_why(open_dir: Path) -> None:
    closed = open_dir / "closed"
    closed.mkdir(mode=0o700)
    (closed / "python").touch()
    found = json.loads(_run(open_dir / "state", code=[str(closed / "python")]).stdout)
    assert found["uid"] == 0
    assert found["why"].startswith(f"The services run as root: {closed} is closed to the user ")
    assert closed.stat().st_mode & 0o777 == 0o700  # nobody's folder was opened for it


def test_a_user_who_was_asked_for_and_cannot_reach_the_code_ends_it(open_dir: Path) -> None:
    closed = open_dir / "closed"
    closed.mkdir(mode=0o700)
    (closed / "python").touch()
    done = _run(open_dir / "state", "daemon", [str(closed / "python")])
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert done.stderr.startswith(f"agora: --user daemon: {closed} is closed to this user.")


@pytest.mark.parametrize("user", ["", "root"])
def test_a_state_that_others_cannot_reach_is_refused_and_not_opened(open_dir: Path, user: str) -> None:
    closed = open_dir / "closed"
    closed.mkdir(mode=0o700)
    done = _run(closed / "state", user)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert f"{closed} is closed to" in done.stderr
    assert closed.stat().st_mode & 0o777 == 0o700


def test_an_unknown_user_is_named(open_dir: Path) -> None:
    assert "agora: --user teapot: there is no such user" in _run(open_dir / "state", "teapot").stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_the_unit_file_is_one_that_systemd_takes(tmp_path: Path) -> None:
    unit = (ROOT / "docs" / "agora.service").read_text().replace("/opt/agora/agora up", f"{sys.executable} up")
    unit = unit.replace("User=agora", "User=daemon").replace("Group=agora", "Group=daemon")
    (tmp_path / "agora.service").write_text(unit)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / "agora.service"], capture_output=True, text=True
    )
    assert [line for line in done.stderr.splitlines() if "agora" in line] == []
    assert done.returncode == 0, done.stderr
