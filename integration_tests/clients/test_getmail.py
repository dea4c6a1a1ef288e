"""getmail fetches by POP3 and IMAP, once each, and deletes when it is told to."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from integration_tests.clients.delivery_script import DeliveryScript, as_delivered, delivery_script
from integration_tests.clients.documented import documented
from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import append, stored
from integration_tests.clients.program import Program
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

Fetch = Callable[..., None]


@pytest.fixture
def getmail(program: Callable[[str], Program]) -> Program:
    return program("getmail")


@pytest.fixture
def script(getmail: Program) -> DeliveryScript:
    return delivery_script(getmail)


@pytest.fixture
def fetch(getmail: Program, script: DeliveryScript, stack: Stack, member: Member) -> Fetch:
    def run(protocol: str, *, delete: bool, mailboxes: str = "INBOX") -> None:
        here = {
            "SimpleIMAPSSLRetriever": f"Simple{protocol}SSLRetriever",
            "2993": (stack.imaps if protocol == "IMAP" else stack.pop3s)[1],
            "alice": member.name,
            "secret": member.password,
            "/path/to/authority.pem": stack.ca_file,
            'mailboxes = ("INBOX",)': f"mailboxes = ({mailboxes!r},)" if protocol == "IMAP" else "",
            "path = /usr/bin/maildrop": f"path = {script.path}\nallow_root_commands = true",
            "delete = false": f"delete = {delete}\ndelivered_to = false\nreceived = false",
        }
        settings = documented("getmail", here)
        finished = getmail.run("--getmaildir", getmail.home, "--rcfile", getmail.write("getmailrc", settings))
        assert finished.status == 0, finished.text
        assert "error" not in finished.text, finished.text

    return run


def delivered(script: DeliveryScript) -> list[bytes]:
    """What was delivered, without the fields that getmail writes anew."""
    own = re.compile(rb"^(Return-Path|X-getmail-retrieved-from-mailbox): .*\n", re.MULTILINE)
    return sorted(own.sub(b"", octets) for octets in script.delivered())


@pytest.mark.parametrize("protocol", ["IMAP", "POP3"])
def test_letters_are_fetched_once_and_then_deleted(
    fetch: Fetch, script: DeliveryScript, member: Member, protocol: str
) -> None:
    letters = [letter("one"), letter("two")]
    with member.imap() as session:
        for octets in letters:
            append(session, "INBOX", octets)
    fetch(protocol, delete=False)
    fetch(protocol, delete=False)
    assert delivered(script) == as_delivered(letters)
    later = letter("later")
    with member.imap() as session:
        append(session, "INBOX", later)
    fetch(protocol, delete=True)
    assert delivered(script) == as_delivered([*letters, later])
    assert stored(member) == []


def test_other_folders_are_fetched_too(fetch: Fetch, script: DeliveryScript, member: Member) -> None:
    kept = letter("in Archive")
    with member.imap() as session:
        append(session, "Archive", kept)
    fetch("IMAP", delete=True, mailboxes="Archive")
    assert delivered(script) == as_delivered([kept])
    assert stored(member, "Archive") == []
