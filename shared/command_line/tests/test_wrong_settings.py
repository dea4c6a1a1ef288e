"""Wrong settings in the environment are found before anything is started with them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from shared.command_line.root import agora
from shared.command_line.stack.supervisor.report import Failed, News
from shared.command_line.stack.supervisor.run import supervise
from shared.command_line.stack.wrong_settings import wrong_settings
from shared.command_line.state_directory import ROOT, StackRecord, StateDirectory


@pytest.fixture
def directory(tmp_path: Path) -> StateDirectory:
    return StateDirectory(tmp_path / "state")


def given(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


def test_every_wrong_setting_is_named_whichever_service_reads_it(
    directory: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(
        monkeypatch,
        AGORA_SHUTDOWN_GRACE="tomorrow",
        AGORA_IMAP_PORT="imap",
        AGORA_SMTP_RECIPIENTS="3",
        AGORA_HTTP_PROXY_CONNECT_PORTS="https",
        AGORA_ADMIN_PASSWORD_FILE="/nowhere",
    )
    faults = wrong_settings(directory)
    assert sorted(fault.split()[0].partition("=")[0] for fault in faults) == [
        "AGORA_ADMIN_PASSWORD_FILE",
        "AGORA_HTTP_PROXY_CONNECT_PORTS",
        "AGORA_IMAP_PORT",
        "AGORA_SHUTDOWN_GRACE",
        "AGORA_SMTP_RECIPIENTS",
    ]


@pytest.mark.parametrize(
    "endpoint", ["tcp:imap", "tcp:99999", "tcp6:143:mode=1", "unix:", "unix:/nowhere/imap", "udp:1"]
)
def test_endpoints_are_read_before_they_are_opened(
    directory: StateDirectory, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    given(monkeypatch, AGORA_IMAP_ENDPOINTS=f"tcp:2143 {endpoint}")
    (fault,) = wrong_settings(directory)
    assert fault.startswith("AGORA_IMAP_ENDPOINTS")


@pytest.mark.parametrize(
    "endpoint", ["off", "tcp:0", "tcp6:143:interface=\\:\\:1", "haproxy:tcp:143", "systemd:domain=INET:index=9"]
)
def test_endpoints_that_a_service_can_open_are_not_refused(
    directory: StateDirectory, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    given(monkeypatch, AGORA_IMAP_ENDPOINTS=endpoint)
    assert wrong_settings(directory) == []


def test_a_certificate_that_is_none_is_named(
    directory: StateDirectory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "x.pem").write_text("x")
    given(monkeypatch, AGORA_CERTIFICATE_FILE=str(tmp_path / "x.pem"), AGORA_KEY_FILE=str(tmp_path / "x.pem"))
    (fault,) = wrong_settings(directory)
    assert fault.startswith("AGORA_CERTIFICATE_FILE: ")


def test_paths_are_relative_to_where_services_run(
    directory: StateDirectory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").touch()
    monkeypatch.chdir(tmp_path)
    given(monkeypatch, AGORA_REDIS_PASSWORD_FILE="secret")
    assert wrong_settings(directory) == ["AGORA_REDIS_PASSWORD_FILE is 'secret', which names no file."]
    given(monkeypatch, AGORA_REDIS_PASSWORD_FILE="README.md")
    assert wrong_settings(directory) == []


def test_what_up_chooses_by_itself_cannot_be_wrong(directory: StateDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, AGORA_DATABASE_URL="mysql://x", AGORA_REDIS_URL="x", AGORA_HEALTH_ENDPOINTS="x")
    assert wrong_settings(directory) == []


def test_up_starts_nothing_and_keeps_no_port_for_a_wrong_setting(
    directory: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, AGORA_SHUTDOWN_GRACE="tomorrow")
    monkeypatch.chdir(ROOT)  # it goes there, and back after the test
    news: list[News] = []
    assert supervise(directory, "free", news.append) == 1
    (failed,) = news
    assert isinstance(failed, Failed)
    assert not failed.begun
    assert failed.reason.startswith("AGORA_SHUTDOWN_GRACE is 'tomorrow', which ")
    assert sorted(path.name for path in directory.path.iterdir()) == ["logs", "supervisor.lock"]


def test_restart_leaves_the_stack_as_it_is_for_a_wrong_setting(
    directory: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, AGORA_SHUTDOWN_GRACE="tomorrow")
    directory.prepare()
    with directory.held():
        record = StackRecord(os.getpid(), "ready", "2026-01-03T00:00:00+00:00", {}, {}, {}, detached=True)
        directory.write_record(record)
        said = CliRunner().invoke(agora, ["restart", "--state", str(directory.path)])
    assert (said.exit_code, "AGORA_SHUTDOWN_GRACE is 'tomorrow'" in said.output) == (1, True), said.output
