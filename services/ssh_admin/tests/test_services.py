"""Listeners over SSH: administrators stop and start them, and never the one they came by."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from services.ssh_admin.settings import SshAdminSettings
from services.ssh_admin.tests.conftest import SshDoor
from shared.control.look_at_control import report_process
from shared.control.process import DoorReport, ProcessReport


@pytest.fixture
def settings(settings: SshAdminSettings) -> SshAdminSettings:
    return settings.model_copy(update={"poll_interval": timedelta(milliseconds=200)})


def report(door: SshDoor, **states: str) -> None:
    """A process of mail_access, with its doors."""
    doors = {name: DoorReport(state) for name, state in states.items()}
    report_process(door.transaction, ProcessReport(uuid4(), "mail_access", "elsewhere", 7, True, doors))
    door.transaction.commit()


def test_a_start_is_done_where_a_copy_has_the_listener_open(door: SshDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.command_line.operators.service.FOLLOWING", timedelta(milliseconds=300))
    [away] = door.run("service start mail_access/imap")
    assert (away.stderr, away.stdout, away.exit_status) == (
        "agora: no process of mail_access is seen: `agora status` says why;"
        " mail_access/imap is opened as soon as one is there\n",
        "",
        1,
    )
    report(door, imap="stopped", pop3="off")
    late, off = door.run("service start mail_access/imap", "service start mail_access/pop3")
    assert (late.stdout, late.exit_status) == ("", 1)
    assert late.stderr.startswith("agora: not yet done at elsewhere:7;")
    assert (off.stdout, off.exit_status) == ("mail_access/pop3 is off, by the settings.\n", 0)


def test_an_administrator_stops_and_starts_a_listener_and_the_audit_has_it(door: SshDoor) -> None:
    stopped, listed, nobody = door.run(
        "service stop mail_access/imap", "service list mail_access --json", "service list mail_access/imap"
    )
    assert (stopped.stdout, stopped.exit_status) == ("mail_access/imap is stopped.\n", 0)
    lines = {line["listener"]: line for line in json.loads(listed.stdout)}
    assert (lines["mail_access/imap"]["wanted"], lines["mail_access/imap"]["stopped_by"]) == ("stopped", "root")
    assert lines["mail_access/pop3"]["wanted"] == "started"
    assert "no copy is seen" in nobody.stdout
    report(door, imap="open")
    [started] = door.run("service start mail_access/imap")
    assert (started.stdout, started.exit_status) == ("mail_access/imap is started.\n", 0)
    commands = door.run("audit list --json")[0].stdout
    assert "service stop mail_access/imap" in [each["command"] for each in json.loads(commands)]


def test_what_would_shut_the_administrator_out_is_refused_with_a_sentence(door: SshDoor) -> None:
    own, unknown, none = door.run("service stop ssh_admin/ssh", "service stop imap", "service restart wiki")
    assert (own.stderr, own.exit_status) == ("agora: you came by ssh_admin/ssh: stop it from elsewhere\n", 1)
    assert unknown.stderr == "agora: there is no service or listener imap: `agora service list` shows all\n"
    assert none.stderr == "agora: no process of wiki is seen\n"


def test_members_have_no_such_command(door: SshDoor) -> None:
    (refused,) = door.run("service list", username="alice")
    assert (refused.stderr, refused.exit_status) == ("No such command: service. Try help.\n", 127)


def test_members_see_and_end_their_own_sessions_alone(door: SshDoor) -> None:
    own, others, watched = door.run(
        "session list --json", "session list --account root", "session watch 0-1", username="alice"
    )
    assert (json.loads(own.stdout), own.exit_status) == ([], 0), "no process reports here"
    assert others.stderr == "agora: you may do this for your own account only\n"
    assert (watched.exit_status, watched.stderr.startswith("Usage:")) == (2, True)
    (ended,) = door.run("session end 0-1")
    assert (ended.stderr, ended.exit_status) == ("agora: there is no session 0-1\n", 1)
