"""The state directory of a local stack."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from shared.command_line.root import agora
from shared.command_line.state_directory import AlreadyRunning, ProcessRecord, StackRecord, StateDirectory, start_time
from shared.runtime.log_file import MODE


@pytest.fixture
def directory(tmp_path: Path) -> StateDirectory:
    made = StateDirectory(tmp_path / "state")
    made.prepare()
    return made


def _record(pid: int) -> StackRecord:
    process = ProcessRecord(pid=pid, started=start_time(pid), since="2026-01-01T00:00:00+00:00", restarts=0)
    return StackRecord(
        pid=pid, phase="ready", since="2026-01-01T00:00:00+00:00", ports={"smtp": 2025}, health={}, environment={},
        processes={"redis": process},
    )  # fmt: skip


def test_nobody_is_running_where_nothing_is(tmp_path: Path) -> None:
    directory = StateDirectory(tmp_path / "nothing")
    assert directory.supervisor() is None
    assert directory.record() is None
    assert directory.running() is None


def test_whoever_holds_the_place_is_its_supervisor(directory: StateDirectory) -> None:
    with directory.held():
        assert directory.supervisor() == os.getpid()
    assert directory.supervisor() is None


def test_a_place_has_one_supervisor(directory: StateDirectory) -> None:
    with directory.held(), pytest.raises(AlreadyRunning), directory.held():
        pass


def test_what_a_supervisor_wrote_is_read_back(directory: StateDirectory) -> None:
    record = _record(os.getpid())
    with directory.held():
        directory.write_record(record)
        assert directory.running() == record


def test_the_record_of_a_supervisor_that_is_gone_does_not_run(directory: StateDirectory) -> None:
    directory.write_record(_record(os.getpid()))
    assert directory.record() is not None
    assert directory.running() is None


def test_the_record_is_for_its_owner_only(directory: StateDirectory) -> None:
    directory.write_record(_record(os.getpid()))
    assert stat.S_IMODE(directory.record_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.logs.stat().st_mode) == 0o700


def test_the_supervisors_log_is_for_those_who_read_the_other_logs(directory: StateDirectory) -> None:
    former = os.umask(0o022)
    try:
        directory.open_supervisor_log().close()
    finally:
        os.umask(former)
    assert stat.S_IMODE(directory.supervisor_log.stat().st_mode) == MODE


def test_restart_says_what_to_do_with_a_stack_that_an_older_release_started(directory: StateDirectory) -> None:
    with directory.held():
        directory.write_record(_record(os.getpid()))
        written = json.loads(directory.record_file.read_text())
        del written["detached"]
        directory.record_file.write_text(json.dumps(written))
        result = CliRunner().invoke(agora, ["restart", "--state", str(directory.path)])
    assert result.exit_code == 1
    assert result.output.startswith("agora: an older release started this stack: `agora down")


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
def test_a_process_that_has_ended_has_no_start_time() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        assert start_time(process.pid) is not None
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert start_time(process.pid) is None  # dead, not yet reaped
    assert start_time(process.pid) is None
