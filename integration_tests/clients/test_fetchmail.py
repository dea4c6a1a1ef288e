"""fetchmail takes mail away by POP3 and IMAP, or leaves it and does not take it twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from integration_tests.clients.delivery_script import DeliveryScript, as_delivered, delivery_script
from integration_tests.clients.documented import documented
from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import append, stored
from integration_tests.clients.program import Finished, Program
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

NO_NEW_MAIL, NOT_SIGNED_IN = 1, 3  # its exit statuses
Fetch = Callable[..., Finished]


@pytest.fixture
def letters(member: Member) -> list[bytes]:
    """Three letters, in INBOX."""
    kept = [letter(subject) for subject in ("one", "two", "three")]
    with member.imap() as session:
        for octets in kept:
            append(session, "INBOX", octets)
    return kept


@pytest.fixture
def fetchmail(program: Callable[[str], Program]) -> Program:
    return program("fetchmail")


@pytest.fixture
def script(fetchmail: Program) -> DeliveryScript:
    return delivery_script(fetchmail)


@pytest.fixture
def fetch(fetchmail: Program, script: DeliveryScript, stack: Stack, member: Member) -> Fetch:
    def run(protocol: str, options: str, *, tls: bool = True, password: str = member.password) -> Finished:
        ports = {"imap": (stack.imap, stack.imaps), "pop3": (stack.pop3, stack.pop3s)}
        here = {
            "2995": ports[protocol][tls][1],
            "pop3": protocol,
            "alice": member.name,
            "secret": password,
            " ssl ": " ssl " if tls else " ",  # without it, STARTTLS
            "/path/to/authority.pem": stack.ca_file,
            "/usr/bin/maildrop": script.path,
            " keep": f" {options} no rewrite",
        }
        settings = "set invisible\n" + documented("fetchmail", here)  # without a Received of its own
        fetchmail.write(".fetchmailrc", settings)
        return fetchmail.run("--pidfile", fetchmail.home / "pid")

    return run


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
@pytest.mark.parametrize("tls", [True, False], ids=["implicit TLS", "STARTTLS"])
def test_letters_are_taken_away(
    fetch: Fetch, script: DeliveryScript, member: Member, letters: list[bytes], protocol: str, tls: bool
) -> None:
    finished = fetch(protocol, "nokeep fetchall", tls=tls)
    assert finished.status == 0, finished.text
    assert script.delivered() == as_delivered(letters)
    assert stored(member) == []


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_letters_that_stay_are_taken_once(
    fetch: Fetch, script: DeliveryScript, member: Member, letters: list[bytes], protocol: str
) -> None:
    finished = fetch(protocol, "keep")
    assert finished.status == 0, finished.text
    assert fetch(protocol, "keep").status == NO_NEW_MAIL
    later = letter("later")
    with member.imap() as session:
        append(session, "INBOX", later)
    assert fetch(protocol, "keep").status == 0
    assert script.delivered() == as_delivered([*letters, later])
    read = {"\\Seen"} if protocol == "imap" else set()  # in POP3 it says TOP for what stays, so as to mark nothing
    assert [message.flags for message in stored(member)] == [read] * 4


def test_other_folders_are_fetched_too(fetch: Fetch, script: DeliveryScript, member: Member) -> None:
    kept = letter("in Archive")
    with member.imap() as session:
        append(session, "Archive", kept)
    assert fetch("imap", "folder INBOX,Archive nokeep").status == 0
    assert script.delivered() == as_delivered([kept])
    assert stored(member, "Archive") == []


def test_wrong_password_fetches_nothing(
    fetch: Fetch, script: DeliveryScript, member: Member, letters: list[bytes]
) -> None:
    assert fetch("pop3", "nokeep", password="wrong").status == NOT_SIGNED_IN
    assert script.delivered() == []
    assert len(stored(member)) == len(letters)
