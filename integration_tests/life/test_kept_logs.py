"""The logs of a local stack."""

from __future__ import annotations

import os
import signal
import smtplib

import pytest

from integration_tests.life.local_stack import PATIENCE, PATIENCE_SECONDS, LocalStack
from shared.testing.eventually import eventually

pytestmark = pytest.mark.local_only


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
