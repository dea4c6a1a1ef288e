"""Python's poplib."""

from __future__ import annotations

import poplib

import pytest

from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import append, stored
from integration_tests.stack.member import TIMEOUT_SECONDS, Member
from integration_tests.stack.stack import Stack


@pytest.fixture
def letters(member: Member) -> list[bytes]:
    """Three letters, in INBOX."""
    kept = [letter(subject) for subject in ("one", "two", "three")]
    with member.imap() as session:
        for octets in kept:
            append(session, "INBOX", octets)
    return kept


def test_stls_comes_before_the_password(stack: Stack, member: Member, letters: list[bytes]) -> None:
    host, port = stack.pop3
    session = poplib.POP3(host, port, timeout=TIMEOUT_SECONDS)
    assert "STLS" in session.capa()
    if stack.kind != "local":
        assert "USER" not in session.capa()
    session.stls(stack.tls_context())
    assert "STLS" not in session.capa()
    session.user(member.address)
    session.pass_(member.password)
    assert session.stat() == (3, sum(map(len, letters)))
    session.quit()


def test_every_line_is_as_it_was_sent(member: Member, letters: list[bytes]) -> None:
    with member.pop3() as session:
        assert session.list()[1] == [b"%d %d" % (number, len(octets)) for number, octets in enumerate(letters, 1)]
        for number, octets in enumerate(letters, 1):
            assert b"".join(line + b"\r\n" for line in session.retr(number)[1]) == octets


def test_rset_takes_deletions_back_and_quit_does_them(member: Member, letters: list[bytes]) -> None:
    with member.pop3() as session:
        session.dele(1)
        session.dele(2)
        session.rset()
        assert session.stat()[0] == 3
        session.dele(3)
        with pytest.raises(poplib.error_proto, match="no such message"):
            session.retr(3)
    assert [message.subject for message in stored(member)] == ["one", "two"]


def test_unique_ids_stay_from_session_to_session(member: Member, letters: list[bytes]) -> None:
    with member.pop3() as session:
        before = session.uidl()[1]
        session.dele(1)
    with member.pop3() as session:
        after = session.uidl()[1]
    assert [line.split()[1] for line in after] == [line.split()[1] for line in before[1:]]


def test_wrong_password_is_told_as_that(stack: Stack, member: Member) -> None:
    host, port = stack.pop3s
    session = poplib.POP3_SSL(host, port, context=stack.tls_context(), timeout=TIMEOUT_SECONDS)
    session.user(member.name)
    with pytest.raises(poplib.error_proto, match=r"\[AUTH\]"):
        session.pass_("wrong")
    session.quit()
