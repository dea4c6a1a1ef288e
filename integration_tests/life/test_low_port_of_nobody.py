"""A whole stack that root starts with `up --user nobody`, with IMAP at its own port, 143."""

from __future__ import annotations

import imaplib
import os
import pwd
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.faults.test_service_control import IMAP, MESSAGE, doors_of, is_refused
from integration_tests.life.local_stack import PATIENCE, PATIENCE_SECONDS, LocalStack
from integration_tests.stack.local import HERE, running_stack
from integration_tests.stack.member import Member
from shared.command_line.state_directory import ROOT
from shared.doors import SERVICES
from shared.runtime.tests.ordinary_user import open_directory, python_with_packages
from shared.testing.eventually import eventually

pytestmark = [
    pytest.mark.local_only,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user"),
]
PLACE = (HERE, 143)


class NobodysStack(LocalStack):
    """Run by a Python that the user nobody may run, too."""

    def __init__(self, state: Path, python: str) -> None:
        super().__init__(state)
        self._python = python

    def agora(self, *arguments: str, python: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
        """What `./agora` becomes once the packages are there."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AGORA_")}
        return subprocess.run(
            [python or self._python, "-P", "-m", "shared.command_line", *arguments],
            cwd=ROOT,
            env={**environment, "PYTHONPATH": str(ROOT), **settings, "AGORA_STATE": str(self.state)},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS * 2,
        )


@pytest.fixture
def nobodys() -> Iterator[NobodysStack]:
    with open_directory() as directory:
        made = NobodysStack(directory / "state", python_with_packages(directory / "python"))
        try:
            yield made
        finally:
            made.agora("down")


def users_of(stack: LocalStack) -> dict[str, set[str]]:
    """By program: its real, effective, saved and file system user."""
    lines = {name: Path(f"/proc/{pid}/status").read_text().splitlines() for name, pid in stack.pids().items()}
    return {name: set(line.split()[1:]) for name, status in lines.items() for line in status if line[:4] == "Uid:"}


def mail_flows(member: Member, count: int) -> None:
    member.receive(MESSAGE)
    with imaplib.IMAP4(*PLACE, timeout=PATIENCE_SECONDS) as session:
        session.login(member.name, member.password)
        session.select()
        assert len(session.search(None, "SUBJECT", "tea")[1][0].split()) == count


def test_imap_on_143_is_stopped_and_started_in_a_stack_of_nobodys(nobodys: NobodysStack) -> None:
    nobodys.up("--user", "nobody", AGORA_IMAP_ENDPOINTS=f"tcp:143:interface={HERE}")
    stack = running_stack(nobodys.state)
    member = stack.new_member()
    assert stack.imap == PLACE
    nobody = str(pwd.getpwnam("nobody").pw_uid)
    users = users_of(nobodys)
    assert set(SERVICES) < set(users)
    assert set.union(*users.values()) == {nobody}

    stopped = nobodys.agora("service", "stop", IMAP)
    assert (stopped.stdout, stopped.returncode) == (f"{IMAP} is stopped.\n", 0), stopped.stderr
    assert is_refused(stack)
    assert doors_of(stack).startswith("imap: stopped by ")
    with member.pop3() as maildrop:
        assert maildrop.stat()[0] == 0
    started = nobodys.agora("service", "start", IMAP)
    assert (started.stdout, started.returncode) == (f"{IMAP} is started.\n", 0), started.stderr
    mail_flows(member, 1)

    killed = stack.pid("mail_access")
    assert killed is not None
    stack.kill("mail_access", signal.SIGKILL)
    eventually(lambda: stack.pid("mail_access") not in (None, killed), "another process is started", PATIENCE)
    stack.wait_until_ready()
    assert users_of(nobodys)["mail_access"] == {nobody}
    mail_flows(member, 2)
