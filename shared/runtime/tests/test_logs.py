"""Log lines, and the file they go to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.runtime.log_file import LogFile
from shared.runtime.log_writer import LogWriter
from shared.runtime.tests.running import ROOT, EchoProcess

SCRIPT = """
import logging, warnings
from twisted.logger import Logger
from shared.runtime.logs import start_logging
from shared.runtime.settings import LogFormat
start_logging("echo", LogFormat({form!r}), {least!r})
log = Logger(namespace="tests")
log.debug("hardly worth it")
log.info("{{who}} said {{what}}", who="mallory", what="x\\n2026-01-01T00:00:00.000Z error forged", size=3, raw=b"\\xff")
logging.getLogger("library").warning("from %s", "afar")
Logger(namespace="twisted.internet.protocol").info("Starting factory")
try:
    1 / 0
except ZeroDivisionError:
    log.failure("dividing failed")
"""


def lines_of(form: str, least: str = "info") -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(form=form, least=least)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr.splitlines()


def test_json_has_one_line_per_event_with_its_fields() -> None:
    events = [json.loads(line) for line in lines_of("json")]
    assert [event["level"] for event in events] == ["info", "warn", "critical"]
    said = events[0]
    assert (said["service"], said["logger"], said["who"], said["size"]) == ("echo", "tests", "mallory", 3)
    assert said["raw"] == "\\xff"
    assert said["message"].startswith("mallory said x\n")
    assert said["time"].endswith("Z")
    assert events[1]["message"] == "from afar"
    assert "ZeroDivisionError" in events[2]["traceback"]


def test_console_line_cannot_be_forged() -> None:
    lines = lines_of("console")
    assert lines[0].endswith(r"mallory said x\n2026-01-01T00:00:00.000Z error forged")
    assert all(line.startswith("    ") for line in lines[3:])
    assert lines[-1].strip() == "builtins.ZeroDivisionError: division by zero"


def test_least_level_is_kept() -> None:
    assert len(lines_of("json", "error")) == 1
    assert any("hardly" in line for line in lines_of("json", "debug"))


def test_file_that_was_moved_is_not_written_to_any_more(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = LogFile(path, 0, 5)
    file.write("one\n")
    path.rename(tmp_path / "log.old")
    file.write("two\n")
    assert (tmp_path / "log.old").read_text() == "one\n"
    assert path.read_text() == "two\n"


def test_file_is_put_aside_when_it_has_grown(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = LogFile(path, 4, 2)
    for word in ("one\n", "two\n", "three\n", "four\n"):
        file.write(word)
    kept = {each.name: each.read_text() for each in tmp_path.iterdir()}
    assert kept == {"log": "four\n", "log.1": "three\n", "log.2": "two\n"}


def test_file_that_cannot_be_put_aside_closes_nobody_elses_file(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = LogFile(path, 1, 1)
    file.write("one\n")
    (tmp_path / "log.1" / "full").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        file.write("two\n")
    with (tmp_path / "other").open("w") as other:  # has the number that the log's descriptor had
        with pytest.raises(IsADirectoryError):
            file.write("three\n")
        other.write("still open\n")
    assert (tmp_path / "other").read_text() == "still open\n"


def test_processes_lose_no_line_while_files_are_put_aside(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys; from shared.runtime.log_file import LogFile;"
        "file = LogFile(pathlib.Path(sys.argv[1]), 2000, 100);"
        "[file.write(f'{sys.argv[2]} {number}\\n') for number in range(1000)]"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    writers = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "log"), name], env=environment) for name in "abc"
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    written = [line for each in tmp_path.iterdir() for line in each.read_text().splitlines()]
    assert sorted(written) == sorted(f"{name} {number}" for name in "abc" for number in range(1000))


def test_closed_output_does_not_stop_anyone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = SCRIPT.format(form="json", least="info") + "print('went on')"
    command = [sys.executable, "-c", "import os; os.close(2)\n" + script]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert done.stdout == "went on\n"


class Lines:
    """A file of lines that notes each write."""

    def __init__(self) -> None:
        self.writes: list[str] = []

    def write(self, text: str) -> None:
        self.writes.append(text)

    def flush(self) -> None:
        pass


def test_lines_of_one_writing_go_together_each_with_its_severity() -> None:
    output = Lines()
    LogWriter(output, None, for_journal=False).write_together(6, ["one", "two"])
    LogWriter(output, None, for_journal=True).write_together(6, ["one", "two"])
    assert output.writes == ["one\ntwo\n", "<6>one\n<6>two\n"]


def test_error_is_in_both_logs_and_a_warning_in_one() -> None:
    output, errors = Lines(), Lines()
    writer = LogWriter(output, errors, for_journal=False)
    writer.write(4, "careful")
    writer.write(3, "broken\n    Traceback")
    assert output.writes == ["careful\n", "broken\n    Traceback\n"]
    assert errors.writes == ["broken\n    Traceback\n"]


def test_every_line_for_the_journal_begins_with_its_severity(tmp_path: Path) -> None:
    script = (
        "import os\nstate = os.fstat(2)\nos.environ['JOURNAL_STREAM'] = f'{state.st_dev}:{state.st_ino}'\n"
    ) + SCRIPT.format(form="console", least="debug")
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    lines = done.stderr.splitlines()
    assert [line[:3] for line in lines[:4]] == ["<7>", "<6>", "<4>", "<3>"]
    assert all(line.startswith("<3>    ") for line in lines[4:])
    beside = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(form="console", least="info")],
        env={**os.environ, "PYTHONPATH": str(ROOT), "JOURNAL_STREAM": "1:1"},
        capture_output=True,
        text=True,
    )
    assert not any(line.startswith("<") for line in beside.stderr.splitlines())


def test_error_log_is_made_with_the_first_error_and_begun_anew_at_every_start(tmp_path: Path) -> None:
    log = tmp_path / "errors.log"
    with EchoProcess(tmp_path, "--error-logfile", "errors.log") as service:
        service.wait_until_open()
        assert not log.exists()
        service.ask_to_leave()
    log.write_text("of an earlier run\n")
    failing = {"AGORA_FAILS": "true"}
    with EchoProcess(tmp_path, "--error-logfile", "errors.log", settings=failing) as service:
        service.wait_until_ended()
        written = log.read_text()
        assert "as the setting says" in written
        assert "as the setting says" in service.output()
        assert "listens on" not in written
    assert (tmp_path / "errors.log.1").read_text() == "of an earlier run\n"


def test_error_log_of_a_setting_is_shared_and_not_begun_anew(tmp_path: Path) -> None:
    log = tmp_path / "errors.log"
    log.write_text("of another service\n")
    with EchoProcess(tmp_path, settings={"AGORA_FAILS": "true", "AGORA_ERROR_LOG_FILE": str(log)}) as service:
        service.wait_until_ended()
    assert log.read_text().startswith("of another service\n")
    assert "RuntimeError" in log.read_text()


def test_error_log_that_could_not_be_made_is_told_at_the_start(tmp_path: Path) -> None:
    with EchoProcess(tmp_path, "--error-logfile", "/nowhere/errors.log") as service:
        assert service.wait_until_ended() == 2
        assert service.output() == (
            "echo: --error-logfile: the user that the service runs as cannot make files in /nowhere.\n"
        )
