"""Listeners of a running stack that an administrator stops and starts, and what may go wrong meanwhile."""

from __future__ import annotations

import imaplib
import json
import os
import pwd
import signal
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.stack.local import HERE
from integration_tests.stack.member import TIMEOUT_SECONDS, Member
from integration_tests.stack.stack import Stack
from integration_tests.stack.wire import Wire
from integration_tests.stories.keyed_ssh import keyed_ssh
from integration_tests.stories.web_client import browser
from shared.control.process import list_processes
from shared.control.tests.store_over_tcp import store_over_tcp
from shared.database.blocking import BlockingDatabase
from shared.runtime.tests.ordinary_user import open_directory, python_for_everyone
from shared.runtime.tests.running import EchoProcess
from shared.testing.eventually import eventually

MESSAGE = b"From: stranger@example.org\r\nSubject: tea\r\n\r\nAt four?\r\n"
IMAP = "mail_access/imap"
PAGE = "/admin/services"


def an_admin(stack: Stack) -> Member:
    made = stack.new_member("admin")
    assert stack.agora("user", "set-role", made.name, "admin").returncode == 0
    return made


def is_refused(stack: Stack, door: str = "imap") -> bool:
    try:
        socket.create_connection(stack.doors[door], timeout=10).close()
    except ConnectionRefusedError:
        return True
    return False


def doors_of(stack: Stack) -> str:
    """What /readyz of mail_access, which has to be 200, says of the doors; "away" while nobody answers there."""
    host, port = stack.health("mail_access")
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/readyz", timeout=10) as page:
            reason: str = json.load(page)["doors"]["reason"]
    except OSError:
        return "away"
    return reason


def is_stopped_again(stack: Stack) -> None:
    """Of IMAP's listener at a process that was started anew. It opens at first if its store takes two seconds."""
    eventually(lambda: doors_of(stack).startswith("imap: stopped by"), "the new process says so")
    eventually(lambda: is_refused(stack), "it is closed")


def states(stack: Stack) -> list[str]:
    """Of IMAP's listener at each copy."""
    copies = BlockingDatabase(stack.environment["AGORA_DATABASE_URL"], "test").read(list_processes)
    return [copy.report.doors["imap"].state for copy in copies if copy.report.service == "mail_access"]


def mail_flows(member: Member) -> None:
    member.receive(MESSAGE)
    with member.imap("INBOX") as session:
        assert session.search(None, "SUBJECT", "tea")[1] != [b""]
    for _ in range(4):  # each process takes some
        with Wire(member.stack.imap) as client:
            assert client.line().startswith(b"* OK")
            assert client.imap(b"NOOP")[-1].startswith(b"OK ")


@pytest.fixture(autouse=True)
def started_again(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test has stopped is started for the next."""
    yield
    for name in ("mortal", "narrow"):
        if name in request.fixturenames:
            request.getfixturevalue(name).agora("service", "start", "mail_access")


@pytest.mark.local_only
def test_imap_of_two_workers_is_stopped_and_started_over_ssh(narrow: Stack, tmp_path: Path) -> None:
    admin, member = an_admin(narrow), narrow.new_member()
    ssh = keyed_ssh(narrow, admin, tmp_path)
    with socket.create_connection(narrow.imap, timeout=20) as client:
        assert client.recv(1000).startswith(b"* OK")
        stopped = ssh("service", "stop", IMAP)
        assert (stopped.stdout, stopped.returncode) == (f"{IMAP} is stopped.\n", 0), stopped.stderr
        assert client.recv(1000).startswith(b"* BYE")
        assert client.recv(1000) == b""
    assert all(is_refused(narrow) for _ in range(20))
    assert doors_of(narrow).startswith(f"imap: stopped by {admin.name} since 20")
    with member.pop3() as maildrop:
        assert maildrop.stat()[0] == 0
    listed = json.loads(ssh("service", "list", IMAP, "--json").stdout)
    assert [copy["state"] for copy in listed[0]["copies"]] == ["stopped", "stopped"]
    assert listed[0]["stopped_by"] == admin.name
    started = ssh("service", "start", IMAP)
    assert (started.stdout, started.returncode) == (f"{IMAP} is started.\n", 0), started.stderr
    assert doors_of(narrow) == ""
    mail_flows(member)
    own = ssh("service", "stop", "ssh_admin/ssh")
    assert (own.stderr, own.returncode) == ("agora: you came by ssh_admin/ssh: stop it from elsewhere\n", 1)
    audited = json.loads(narrow.agora("audit", "list", "--account", admin.name, "--json").stdout)
    assert f"service stop {IMAP}" in [line["command"] for line in audited]


@pytest.mark.local_only
def test_imap_is_stopped_and_started_on_the_web(mortal: Stack) -> None:
    admin, member = an_admin(mortal), mortal.new_member()
    with browser(admin) as page:
        asked = page.send(PAGE, {"shown": IMAP})
        assert (asked.status, asked.location) == (303, PAGE)
        eventually(lambda: is_refused(mortal), "it is closed")  # the site has waited for that, and not for ever
        assert not is_refused(mortal, "imaps")
        assert doors_of(mortal).startswith(f"imap: stopped by {admin.name} since 20")
        assert f"stopped by {admin.name} since" in page.get(PAGE).text
        asked = page.send(PAGE, {"shown": IMAP, "started": IMAP})
        assert (asked.status, asked.location) == (303, PAGE)
    eventually(lambda: doors_of(mortal) == "", "it is open")
    mail_flows(member)


@pytest.mark.local_only
def test_without_redis_and_after_kill_9_a_stopped_listener_stays_stopped(mortal: Stack) -> None:
    member = mortal.new_member()
    with mortal.without("redis"):
        stopped = mortal.agora("service", "stop", IMAP)
        assert stopped.returncode == 0, stopped.stderr
        assert is_refused(mortal)
    killed = mortal.pid("mail_access")
    mortal.kill("mail_access", signal.SIGKILL)
    eventually(lambda: mortal.pid("mail_access") not in (None, killed), "another process is started")
    mortal.wait_until_ready()
    is_stopped_again(mortal)
    with mortal.without("redis"):
        started = mortal.agora("service", "start", IMAP)
        assert started.returncode == 0, started.stderr
        assert not is_refused(mortal)
    mail_flows(member)


@pytest.mark.local_only
def test_a_service_that_dies_while_it_is_being_stopped_comes_back_stopped(mortal: Stack) -> None:
    member = mortal.new_member()
    pid = mortal.pid("mail_access")
    assert pid is not None
    mortal.kill("mail_access", signal.SIGSTOP)
    late = mortal.agora("service", "stop", IMAP)
    assert late.returncode == 1
    assert f":{pid}; a copy that does not answer is forgotten after 45 s" in late.stderr
    mortal.kill("mail_access", signal.SIGKILL)
    eventually(lambda: mortal.pid("mail_access") not in (None, pid), "another process is started")
    mortal.wait_until_ready()
    is_stopped_again(mortal)
    assert mortal.agora("service", "start", IMAP).returncode == 0
    assert not is_refused(mortal)
    mail_flows(member)


@pytest.mark.local_only
def test_a_service_is_restarted_by_what_started_it(mortal: Stack) -> None:
    before = mortal.pid("news_gateway")
    done = mortal.agora("service", "restart", "news_gateway")
    assert (done.stdout, done.returncode) == ("news_gateway is restarted.\n", 0), done.stderr
    assert mortal.pid("news_gateway") != before


@pytest.mark.local_only
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may open port 143, and become another user")
def test_imap_on_143_that_root_opened_is_stopped_and_started_by_a_process_of_nobodys(mortal: Stack) -> None:
    member = mortal.new_member()
    place = (HERE, 143)
    with open_directory() as directory, store_over_tcp(mortal.environment["AGORA_DATABASE_URL"]) as url:
        python, path = python_for_everyone()
        settings = {
            "AGORA_DATABASE_URL": url,
            "AGORA_MAIL_DOMAIN": mortal.domain,
            "AGORA_POLL_INTERVAL": "1s",  # as the stack's: it has no Redis, and `service stop` waits by this
            "AGORA_IMAP_ENDPOINTS": f"tcp:143:interface={HERE}",
            **{f"AGORA_{door}_ENDPOINTS": "tcp:0:interface=127.0.0.1" for door in ("IMAPS", "POP3", "POP3S")},
        }
        flags = ("--user", "nobody")
        with EchoProcess(
            directory, *flags, settings=settings, python=python, path=path, module="services.mail_access"
        ) as service:
            service.wait_until_open()
            status = Path(f"/proc/{service.process.pid}/status").read_text()
            nobody = pwd.getpwnam("nobody").pw_uid
            assert f"Uid:\t{nobody}\t{nobody}\t{nobody}\t{nobody}" in status
            assert "CapEff:\t0000000000000000" in status
            eventually(lambda: states(mortal) == ["open", "open"], "the stack's copy and this one report")
            stopped = mortal.agora("service", "stop", IMAP)
            assert (stopped.stdout, stopped.returncode) == (f"{IMAP} is stopped.\n", 0), stopped.stderr
            assert states(mortal) == ["stopped", "stopped"]
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(place, timeout=TIMEOUT_SECONDS)
            with socket.create_connection(service.place("pop3"), timeout=TIMEOUT_SECONDS) as client:
                assert client.recv(100).startswith(b"+OK")
            started = mortal.agora("service", "start", IMAP)
            assert (started.stdout, started.returncode) == (f"{IMAP} is started.\n", 0), started.stderr
            member.receive(MESSAGE)
            with imaplib.IMAP4(*place, timeout=TIMEOUT_SECONDS) as session:
                session.login(member.name, member.password)
                session.select()
                assert session.search(None, "SUBJECT", "tea") == ("OK", [b"1"])
            assert service.ask_to_leave() == 0
