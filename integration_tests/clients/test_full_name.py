"""The full name is asked for once, by the web or by SSH, whichever comes first; who runs one command is not asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from integration_tests.clients.program import Program
from integration_tests.clients.terminal import at_terminal
from integration_tests.clients.test_openssh import Ssh
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.web_client import browser, rest

QUESTION = "What's your full name? "


@pytest.fixture
def ssh(program: Callable[[str], Program], stack: Stack, member: Member) -> Ssh:
    client = Ssh(program("ssh"), program("ssh-keygen"), member)
    assert stack.agora("user", "ssh-key", "add", member.name, "-", input=client.public).returncode == 0
    return client


def whoami(ssh: Ssh) -> str:
    """What one command says, which never asks anything."""
    done = ssh.run("whoami")
    assert done.status == 0, done.text
    return done.output.decode()


def test_who_told_it_over_ssh_is_not_asked_on_the_web(ssh: Ssh, member: Member) -> None:
    assert whoami(ssh) == f"{member.name} (member) {member.name}\n"
    with at_terminal(ssh.program, *ssh.options(), "-tt") as terminal:
        terminal.wait_for(QUESTION)
        terminal.press("Abe Fettig\r")
        terminal.wait_for("Welcome Abe Fettig!")
        terminal.wait_for(f"{member.name}@localhost$")
        terminal.press("exit\r")
        assert terminal.wait_for_end() == 0
    assert whoami(ssh) == f"{member.name} (member) Abe Fettig\n"
    with browser(member) as page:
        assert page.ask("GET", "/welcome?then=/account").location == "/account"
        assert "Abe Fettig" in page.get("/account").text


def test_who_told_it_on_the_web_is_not_asked_over_ssh(ssh: Ssh, member: Member) -> None:
    with browser(member) as page:  # which answers with the account's name
        assert page.ask("GET", "/welcome?then=/account").location == "/account"
    assert rest(member, "GET", "/account")["full_name"] == member.name
    with at_terminal(ssh.program, *ssh.options(), "-tt") as terminal:
        terminal.wait_for(f"Welcome {member.name}.")
        terminal.wait_for(f"{member.name}@localhost$")
        assert QUESTION.encode() not in terminal.drawn
        terminal.press("exit\r")
        assert terminal.wait_for_end() == 0
    assert whoami(ssh) == f"{member.name} (member) {member.name}\n"
