"""Log lines, and the file they go to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.runtime.log_file import LogFile
from shared.runtime.tests.running import ROOT

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
    assert (said["service"], said["from"], said["who"], said["size"]) == ("echo", "tests", "mallory", 3)
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
