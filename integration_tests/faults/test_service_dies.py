"""A service that is killed while an administrator controls it, and one that dies each time that it is started."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from integration_tests.faults.test_service_control import IMAP, PAGE, an_admin, doors_of, is_refused, mail_flows
from integration_tests.stack.stack import Place, Stack
from integration_tests.stories.keyed_ssh import PROMPT, keyed_ssh
from integration_tests.stories.web_client import browser
from shared.control.change_listeners import list_stopped
from shared.control.listener import Listener
from shared.control.look_at_control import forget_process
from shared.control.process import list_processes
from shared.database.blocking import BlockingDatabase
from shared.testing.eventually import eventually

pytestmark = pytest.mark.local_only
BACK = timedelta(seconds=90)  # what dies again and again is started after up to 30 s, on a busy machine
# By what is wanted: the command, and what it says when it is done. The next process may come later than it waits.
COMMANDS = {
    "stop": (f"service stop {IMAP}", f"{IMAP} is stopped."),
    "start": (f"service start {IMAP}", f"{IMAP} is started."),
    "restart": ("service restart mail_access", "mail_access is restarted."),
}
T = TypeVar("T")
LATE = (
    "; a copy that does not answer is forgotten after 45 s",
    "agora: no process of mail_access is seen",
    "agora: mail_access is not there again after 60 s",
)


@pytest.fixture(autouse=True)
def started_again(mortal: Stack) -> Iterator[None]:
    """Whatever a test has stopped is started for the next."""
    yield
    mortal.wait_until_ready(BACK)
    mortal.agora("service", "start", "mail_access")


def store_of(stack: Stack) -> BlockingDatabase:
    return BlockingDatabase(stack.environment["AGORA_DATABASE_URL"], "test")


def is_to_be_stopped(stack: Stack) -> bool:
    return Listener("mail_access", "imap") in store_of(stack).read(list_stopped)


def is_under_way(stack: Stack, verb: str, name: str) -> bool:
    """Whether what the administrator of that name has asked for is in the store: from then on the command waits."""
    if verb != "restart":
        return is_to_be_stopped(stack) is (verb == "stop")
    asked = "SELECT EXISTS (SELECT FROM service_restart WHERE service = 'mail_access' AND asked_by = %s)"
    return bool(store_of(stack).read(lambda tx: tx.value(asked, (name,))))


def kill_while(mortal: Stack, ask: Callable[[], T], is_begun: Callable[[], bool]) -> T:
    """Have `ask` begin what the service cannot follow, for it sleeps, and then dies with it under way."""
    pid = mortal.pid("mail_access")
    mortal.kill("mail_access", signal.SIGSTOP)
    asked = ask()
    eventually(is_begun, "what is wanted is in the store", BACK)
    mortal.kill("mail_access", signal.SIGKILL)
    eventually(lambda: mortal.pid("mail_access") not in (None, pid), "another process is started", BACK)
    return asked


def bound(place: Place) -> socket.socket | None:
    try:
        return socket.create_server(place)
    except OSError:
        return None


def is_as_wanted(mortal: Stack, verb: str) -> None:
    """The listener of the process that came after."""
    mortal.wait_until_ready(BACK)
    stopped = verb == "stop"
    eventually(lambda: doors_of(mortal).startswith("imap: stopped by" if stopped else ""), "it says so", BACK)
    eventually(lambda: is_refused(mortal) is stopped, "it does so", BACK)


def test_a_service_is_killed_while_it_is_controlled_in_the_shell(mortal: Stack, tmp_path: Path) -> None:
    admin, member = an_admin(mortal), mortal.new_member()
    assert mortal.agora("user", "set-name", admin.name, admin.name).returncode == 0
    statuses = {}
    with keyed_ssh(mortal, admin, tmp_path).shell(tmp_path, patience_seconds=300) as terminal:
        for verb, (command, done) in COMMANDS.items():
            kill_while(mortal, partial(terminal.press, f"{command}\r"), partial(is_under_way, mortal, verb, admin.name))
            said = terminal.wait_for_one(done, *LATE)
            statuses[command] = 0 if said == done else 1
            terminal.wait_for(PROMPT)
            terminal.press("echo still here\r")
            terminal.wait_for("still here\r\n")
            is_as_wanted(mortal, verb)
    audited = json.loads(mortal.agora("audit", "list", "--account", admin.name, "--json").stdout)
    assert {line["command"]: line["status"] for line in audited if line["command"] in statuses} == statuses
    mail_flows(member)


def test_a_service_is_killed_while_it_is_controlled_on_the_web(mortal: Stack) -> None:
    admin, member = an_admin(mortal), mortal.new_member()
    with browser(admin) as page, ThreadPoolExecutor(1) as thread:
        for verb, form in (("stop", {"shown": IMAP}), ("start", {"shown": IMAP, "started": IMAP})):
            asked = kill_while(
                mortal, partial(thread.submit, page.send, PAGE, form), partial(is_under_way, mortal, verb, admin.name)
            )
            answer = asked.result()
            assert (answer.status, answer.location) == (303, PAGE)
            is_as_wanted(mortal, verb)
            assert (f"stopped by {admin.name} since" in page.get(PAGE).text) is (verb == "stop")
    mail_flows(member)


def test_a_service_that_dies_each_time_it_is_started_is_said_not_to_be_there(mortal: Stack) -> None:
    """Another program has taken its port. It is started all the same once the port is free."""
    admin, member = an_admin(mortal), mortal.new_member()
    assert mortal.agora("service", "stop", IMAP).returncode == 0
    with ExitStack() as held:
        with mortal.administration.hold_down("mail_access"):
            held.enter_context(eventually(partial(bound, mortal.imap), "the port is free"))
            for each in store_of(mortal).read(list_processes, "mail_access"):  # as it is 45 s after its death
                store_of(mortal).transact(forget_process, each.report.id)
        started = mortal.agora("service", "start", IMAP)
        assert (started.returncode, started.stdout) == (1, "")
        assert started.stderr.startswith("agora: no process of mail_access is seen: `agora status` says why;")
        eventually(lambda: '"ended": "status 2"' in mortal.agora("status", "--json").stdout, "it has died", BACK)
        with browser(admin) as page:
            assert f'value="{IMAP}" checked disabled' in page.get(PAGE).text
            assert "no copy is seen" in page.get(PAGE).text
    is_as_wanted(mortal, "start")
    mail_flows(member)
