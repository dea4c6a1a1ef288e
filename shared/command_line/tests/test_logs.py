"""`agora logs` and its filters, the errors among what programs write, and the lines of commands."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from shared.activity.line import read_line
from shared.command_line.changes import CHANGING, READING
from shared.command_line.root import agora
from shared.command_line.stack.log_lines import Filter, count_errors, entries
from shared.command_line.stack.supervisor.error_lines import ErrorLines
from shared.command_line.state_directory import ROOT, StackRecord, StateDirectory
from shared.command_line.tests.test_root import ALL
from shared.testing.reactor import running_reactor

SMTP = """\
2026-01-02T03:04:05.100Z info  smtp_ingest smtp listens on 127.0.0.1:2025
2026-01-02T03:04:06.100Z info  smtp_ingest message id=1a outcome=accepted door=smtp from=x@y to=alice@localhost:250
2026-01-02T03:04:07.100Z info  smtp_ingest message id=1ab door=submission account=bob from=b@z to=c@d:250
2026-01-02T03:04:08.100Z error smtp_ingest a request failed
    Traceback (most recent call last):
    builtins.ZeroDivisionError: division by zero
2026-01-02T03:04:09.100Z info  smtp_ingest said id=1a
"""
IMAP = """\
{"time": "2026-01-02T03:04:06.500Z", "level": "info", "service": "mail_access", "event": "sign_in", "outcome": "signed_in", "door": "imaps", "account": "alice"}
{"time": "2026-01-02T03:04:10.500Z", "level": "error", "service": "mail_access", "message": "broken", "traceback": "…"}
"""  # noqa: E501
OLDER = "2026-01-01T00:00:00.000Z info  smtp_ingest message id=0f door=smtp from=<> to=alice+lists@localhost:250\n"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "smtp_ingest.log").write_text(SMTP)
    (logs / "smtp_ingest.log.1").write_text(OLDER)
    (logs / "mail_access.log").write_text(IMAP)
    return tmp_path


def show(state: Path, *options: str) -> list[str]:
    result = CliRunner().invoke(agora, ["logs", "--state", str(state), *options])
    assert result.exit_code == 0, result.output
    return [line.partition(" | ")[2] or line for line in result.stdout.splitlines()]


def test_message_is_found_by_its_whole_id_also_in_files_put_aside(state: Path) -> None:
    assert [read_line(line)["id"] for line in show(state, "--message", "1a")] == ["1a"]
    assert [read_line(line)["id"] for line in show(state, "--message", "0f")] == ["0f"]
    assert show(state, "--message", "nothing") == []


def test_account_is_found_in_what_it_did_and_in_its_mail_in_the_order_of_time(state: Path) -> None:
    found = [read_line(line) for line in show(state, "--account", "Alice")]
    assert [said["time"][11:19] for said in found] == ["00:00:00", "03:04:06", "03:04:06"]
    assert [said["event"] for said in found] == ["message", "message", "sign_in"]
    assert [read_line(line)["id"] for line in show(state, "--account", "bob@localhost")] == ["1ab"]


def test_door_may_be_asked_for_together_with_others(state: Path) -> None:
    assert len(show(state, "--door", "smtp")) == 2
    assert len(show(state, "--door", "imaps", "--account", "alice")) == 1
    assert len(show(state, "smtp_ingest", "--door", "imaps")) == 0


def test_errors_come_with_their_tracebacks(state: Path) -> None:
    assert [line.strip().split()[0] for line in show(state, "--errors")] == [
        "2026-01-02T03:04:08.100Z",
        "Traceback",
        "builtins.ZeroDivisionError:",
        '{"time":',
    ]


def test_without_a_filter_the_last_lines_are_shown_as_they_are(state: Path) -> None:
    assert show(state, "smtp_ingest", "--lines", "1") == [SMTP.splitlines()[-1]]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--message", "nothing"], "There is no line that matches these options in the logs."),
        (["mail_access", "--door", "smtp"], "There is no line that matches these options in the log of mail_access."),
        (["--errors", "--account", "carol"], "There is no error that matches these options in the logs."),
        (["redis"], "Nothing is in the log of redis so far."),
        (["redis", "--errors"], "There is no error in the log of redis."),
    ],
)
def test_where_nothing_is_found_the_standard_error_says_so(state: Path, options: list[str], said: str) -> None:
    (state / "logs" / "redis.log").touch()
    result = CliRunner().invoke(agora, ["logs", "--state", str(state), *options])
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"{said}\n")


def test_a_run_without_errors_says_since_when(state: Path) -> None:
    directory = StateDirectory(state)
    with directory.held():
        directory.write_record(StackRecord(os.getpid(), "ready", "2026-01-03T00:00:00+00:00", {}, {}, {}))
        result = CliRunner().invoke(agora, ["logs", "--state", str(state), "--errors"])
    said = "There is no error in the logs since the stack was started (2026-01-03T00:00:00+00:00).\n"
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", said)


def test_an_unknown_door_is_refused_with_the_names_of_all(state: Path) -> None:
    result = CliRunner().invoke(agora, ["logs", "--state", str(state), "--door", "smpt"])
    assert (result.exit_code, "'submissions'" in result.output) == (2, True), result.output


@pytest.mark.parametrize("options", [[], ["--door", "smtp"]])
def test_a_number_of_lines_below_nought_is_refused(state: Path, options: list[str]) -> None:
    result = CliRunner().invoke(agora, ["logs", "--state", str(state), "--lines", "-3", *options])
    assert (result.exit_code, "'--lines'" in result.output) == (2, True), result.output


def test_where_no_stack_was_there_are_no_logs_to_show(tmp_path: Path) -> None:
    result = CliRunner().invoke(agora, ["logs", "--state", str(tmp_path)])
    assert result.exit_code == 1
    assert result.output.startswith(f"agora: there are no logs in {tmp_path}: `agora up --detach")


def test_following_ends_by_an_interrupt_without_a_word(state: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "shared.command_line",
        "logs",
        "--follow",
        "-n",
        "1",
        "--state",
        str(state),
        "smtp_ingest",
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as follower:
        assert follower.stdout is not None
        assert follower.stdout.readline() == SMTP.splitlines()[-1] + "\n"
        with (state / "logs" / "smtp_ingest.log").open("a") as log:
            log.write("more\n")
        assert follower.stdout.readline() == "more\n"
        follower.send_signal(signal.SIGINT)
        assert (*follower.communicate(timeout=30), follower.returncode) == ("", "", 130)


class Errors:
    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_errors_of_a_program_are_copied_whatever_pieces_they_come_in(size: int) -> None:
    errors = Errors()
    copy = ErrorLines("smtp_ingest", errors)
    octets = (SMTP + IMAP).encode()
    for start in range(0, len(octets), size):
        copy.feed(octets[start : start + size])
    assert errors.text.splitlines() == [*SMTP.splitlines()[3:6], IMAP.splitlines()[1]]


def test_traceback_that_python_itself_wrote_becomes_an_error_with_its_program() -> None:
    errors = Errors()
    ErrorLines("smtp_ingest", errors).feed(
        b"on the way\nTraceback (most recent call last):\n  File x\n    raise Y\nModuleNotFoundError: z\nafterwards\n"
    )
    first, *rest = errors.text.splitlines()
    assert read_line(first)["message"] == "Traceback (most recent call last):"
    assert read_line(first)["level"] == "critical"
    assert [line.strip() for line in rest] == ["File x", "raise Y", "ModuleNotFoundError: z"]
    assert all(line.startswith("    ") for line in rest)


def test_errors_are_counted_from_a_time_on(tmp_path: Path) -> None:
    log = tmp_path / "errors.log"
    assert count_errors(log, "2026-01-02T03:04:08+00:00") == 0
    log.write_text(SMTP + IMAP)
    assert count_errors(log, "2026-01-02T03:04:08+00:00") == 2
    assert count_errors(log, "2026-01-02T03:04:09+00:00") == 1
    assert len(list(entries("", log, Filter(errors=True)))) == 2


def test_every_command_either_changes_something_or_does_not() -> None:
    leaves = {path for path, command in ALL if not isinstance(command, click.Group)}
    assert leaves == CHANGING | READING
    assert not CHANGING & READING


def commands_of(state: Path) -> list[dict[str, object]]:
    return [read_line(line) for line in (state / "logs" / "admin.log").read_text().splitlines()]


def test_command_that_changes_something_leaves_who_what_and_how_it_went(
    state: Path, database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGORA_DATABASE_URL", database_url)
    monkeypatch.setenv("AGORA_REDIS_URL", redis_url)
    monkeypatch.setenv("AGORA_STATE", str(state))
    running_reactor()
    run = CliRunner().invoke
    run(agora, ["migrate"], prog_name="agora")
    add = ["user", "add", "alice", "--role", "guest", "--password-stdin"]
    assert run(agora, add, input="a very secret one\n", prog_name="agora").exit_code == 0
    assert run(agora, add, input="a very secret one\n", prog_name="agora").exit_code == 1
    run(agora, ["user", "list"], prog_name="agora")
    monkeypatch.setenv("SUDO_USER", "ann")
    monkeypatch.setenv("AGORA_LOG_FORMAT", "json")
    run(agora, ["user", "disable", "alice"], prog_name="agora")
    migrated, first, second, third = commands_of(state)
    assert migrated["command"] == "agora migrate"
    assert first["command"] == "agora user add alice --role guest --password-stdin"
    assert (first["outcome"], second["outcome"]) == ("done", "failed")
    assert second["reason"] == "there is an account called alice already"
    assert "secret" not in (state / "logs" / "admin.log").read_text()
    assert str(third["user"]).endswith("/ann")
    assert third["command"] == "agora user disable alice"
    assert json.loads((state / "logs" / "admin.log").read_text().splitlines()[-1])["event"] == "command"


def test_line_that_cannot_be_written_does_not_make_the_command_fail(
    state: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGORA_DATABASE_URL", database_url)
    (state / "logs" / "admin.log").mkdir()
    running_reactor()
    result = CliRunner().invoke(agora, ["migrate", "--state", str(state)])
    assert result.exit_code == 0, result.output
