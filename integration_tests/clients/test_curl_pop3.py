"""curl empties a maildrop by POP3."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import append, stored
from integration_tests.clients.program import Program
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

Ask = Callable[..., bytes]
SUBJECTS = ["one", "two", "three"]


@pytest.fixture
def letters(member: Member) -> list[bytes]:
    """Three letters, in INBOX."""
    kept = [letter(subject) for subject in SUBJECTS]
    with member.imap() as session:
        for octets in kept:
            append(session, "INBOX", octets)
    return kept


@pytest.fixture(params=["implicit TLS", "STLS"])
def ask(request: pytest.FixtureRequest, curl: Program, stack: Stack) -> Ask:
    place = f"pop3s://localhost:{stack.pop3s[1]}/" if request.param == "implicit TLS" else None
    place = place or f"pop3://localhost:{stack.pop3[1]}/"
    return lambda path, *options: curl.succeed("--ssl-reqd", place + path, *options)


def test_list_tells_every_size_and_retr_gives_every_octet(ask: Ask, letters: list[bytes]) -> None:
    assert ask("") == b"".join(b"%d %d\r\n" % (number, len(octets)) for number, octets in enumerate(letters, 1))
    assert [ask("1"), ask("2"), ask("3")] == letters


def test_uidl_is_the_same_every_time_and_different_for_each(ask: Ask, letters: list[bytes]) -> None:
    first = ask("", "--request", "UIDL")
    assert first == ask("", "--request", "UIDL")
    assert len({line.split()[1] for line in first.splitlines()}) == len(letters)


def test_top_gives_the_header_and_as_many_lines_as_asked(ask: Ask, letters: list[bytes]) -> None:
    header, text = letters[1].split(b"\r\n\r\n", 1)
    assert ask("", "--request", "TOP 2 0") == header + b"\r\n\r\n"
    assert ask("", "--request", "TOP 2 3") == header + b"\r\n\r\n" + b"".join(text.splitlines(keepends=True)[:3])


def test_dele_removes_one_message_for_imap_too(ask: Ask, member: Member, letters: list[bytes]) -> None:
    ask("2", "--request", "DELE", "--list-only")  # --list-only: no text follows the +OK
    assert [message.subject for message in stored(member)] == ["one", "three"]
    assert ask("", "--request", "UIDL").count(b"\n") == 2
