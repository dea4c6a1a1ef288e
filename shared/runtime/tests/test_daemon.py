"""The service as a classic daemon: background, pid file, log file, another user."""

from __future__ import annotations

import grp
import os
import pwd
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shared.runtime.tests.ordinary_user import open_directory, python_for_everyone
from shared.runtime.tests.running import EchoProcess, is_alive
from shared.testing.eventually import eventually


def test_daemon_answers_once_the_command_has_returned_and_leaves_no_pid_file(tmp_path: Path) -> None:
    flags = ("--daemon", "--pidfile", "pid", "--logfile", "log")
    with EchoProcess(tmp_path, *flags) as service:
        assert service.wait_until_ended() == 0
        pid = int((tmp_path / "pid").read_text())
        try:
            assert pid != service.process.pid
            assert service.greeting()[b"pid"] == pid
            assert "echo listens on" in (tmp_path / "log").read_text()
            assert service.output() == ""
            os.kill(pid, signal.SIGTERM)
            eventually(lambda: not is_alive(pid), "the daemon leaves")
        finally:
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)
        assert not (tmp_path / "pid").exists()


def test_command_fails_when_the_daemon_could_not_start(tmp_path: Path) -> None:
    with EchoProcess(tmp_path, "--daemon", "--logfile", "log", settings={"AGORA_FAILS": "true"}) as service:
        assert service.wait_until_ended() == 1
        assert "as the setting says" in (tmp_path / "log").read_text()


def test_daemon_without_a_log_file_is_refused(tmp_path: Path) -> None:
    with EchoProcess(tmp_path, "--daemon") as service:
        assert service.wait_until_ended() == 2
        assert service.output() == "echo: --daemon needs --logfile, because a daemon has no terminal.\n"


def test_second_process_with_the_same_pid_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    with EchoProcess(tmp_path, "--pidfile", str(tmp_path / "pid")).wait_until_open() as first:
        with EchoProcess(tmp_path / "second", "--pidfile", str(tmp_path / "pid")) as second:
            assert second.wait_until_ended() == 2
            assert f"process {first.process.pid} is running already" in second.output()
        assert (tmp_path / "pid").read_text() == f"{first.process.pid}\n"


def test_stale_pid_file_is_replaced(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / "pid").write_text(f"{ended.pid}\n")
    with EchoProcess(tmp_path, "--pidfile", "pid").wait_until_open() as service:
        assert (tmp_path / "pid").read_text() == f"{service.process.pid}\n"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_log_file_is_opened_again_on_hangup(tmp_path: Path, workers: str) -> None:
    log = tmp_path / "log"
    settings = {"AGORA_WORKERS": workers}
    with EchoProcess(tmp_path, "--logfile", "log", settings=settings).wait_until_open() as service:
        log.rename(tmp_path / "log.1")
        service.process.send_signal(signal.SIGHUP)
        eventually(log.exists, "the new file is there")
        with service.connect() as client:
            client.recv(100)
            client.sendall(b"log\n")
            assert client.recv(100) == b"log\n"
        assert "said hello" in log.read_text()
        assert service.ask_to_leave() == 0


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_root_binds_the_port_and_nobody_serves(workers: str) -> None:
    python, path = python_for_everyone()
    nobody = pwd.getpwnam("nobody")
    settings = {"AGORA_WORKERS": workers}
    pid_file = Path(f"/run/agora-test-{os.getpid()}.pid")
    flags = ("--user", "nobody", "--logfile", "log", "--pidfile", str(pid_file))
    with (
        open_directory() as directory,
        EchoProcess(directory, *flags, settings=settings, python=python, path=path) as service,
    ):
        service.wait_until_open()
        assert service.greeting()[b"uid"] == nobody.pw_uid
        group = grp.getgrgid(nobody.pw_gid).gr_name
        said = f"is user nobody ({nobody.pw_uid}), group {group} ({nobody.pw_gid}) from here on"
        assert (directory / "log").read_text().count(said) == 1
        status = Path(f"/proc/{service.process.pid}/status").read_text()
        assert f"Uid:\t{nobody.pw_uid}\t{nobody.pw_uid}\t{nobody.pw_uid}" in status
        assert (directory / "log").stat().st_uid == nobody.pw_uid
        assert service.ask_to_leave() == 0
    pid_file.unlink(missing_ok=True)  # nobody may not


def test_unknown_user_is_named(tmp_path: Path) -> None:
    with EchoProcess(tmp_path, "--user", "no-such-user") as service:
        assert service.wait_until_ended() == 2
        assert service.output() == "echo: --user: there is no user 'no-such-user'.\n"
