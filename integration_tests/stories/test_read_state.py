"""One read state, one set of folders: what is done behind one door shows behind the others."""

from __future__ import annotations

import poplib
import socket
from typing import Any

import pytest

from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import append, only_stored, stored
from integration_tests.stack.member import Member
from integration_tests.stories.idle import idling
from shared.testing.eventually import eventually


def test_letter_read_by_pop3_is_seen_by_imap(member: Member) -> None:
    member.receive(letter("to read"))
    member.receive(letter("not to read"))
    with member.pop3() as maildrop:
        maildrop.retr(1)
        maildrop.top(2, 0)
    assert [message.flags for message in stored(member)] == [{"\\Seen"}, set()]


def test_letter_deleted_by_pop3_leaves_every_imap_session(member: Member) -> None:
    member.receive(letter("to delete"))
    member.receive(letter("to keep"))
    with idling(member) as session:
        with member.pop3() as maildrop:
            maildrop.dele(1)
        assert session.wait_for("EXPUNGE") == "* 1 EXPUNGE"
    assert only_stored(member).subject == "to keep"


def test_connection_lost_before_quit_deletes_nothing(member: Member) -> None:
    member.receive(letter("stays"))
    with member.pop3() as maildrop:
        maildrop.dele(1)
        maildrop.sock.shutdown(socket.SHUT_RDWR)
    assert only_stored(member).subject == "stays"
    eventually(lambda: messages_by_pop3(member) == 1, "the maildrop is free again")


def messages_by_pop3(member: Member) -> int | None:
    """None while another session has the maildrop."""
    try:
        with member.pop3() as maildrop:
            return maildrop.stat()[0]
    except poplib.error_proto:
        return None


def test_maildrop_stays_as_it_was_at_sign_in(member: Member) -> None:
    member.receive(letter("before"))
    with member.pop3() as maildrop:
        member.receive(letter("after"))
        assert maildrop.stat()[0] == 1
        with pytest.raises(poplib.error_proto, match="no such message"):
            maildrop.retr(2)
    with member.pop3() as maildrop:
        assert maildrop.stat()[0] == 2


def test_one_pop3_session_holds_the_maildrop(member: Member) -> None:
    with member.pop3(), pytest.raises(poplib.error_proto, match="IN-USE"), member.pop3():
        pass
    with member.pop3() as maildrop:
        assert maildrop.stat() == (0, 0)


def test_unique_id_and_octets_stay_when_others_go(member: Member) -> None:
    member.receive(letter("one"))
    member.receive(letter("two"))
    with member.pop3() as maildrop:
        before = unique_id(maildrop, 2), maildrop.retr(2)[1]
    with member.imap("INBOX") as session:
        session.uid("MOVE", "1", "Archive")
    with member.pop3() as maildrop:
        assert (unique_id(maildrop, 1), maildrop.retr(1)[1]) == before


def unique_id(maildrop: Any, number: int) -> bytes:
    answer: bytes = maildrop.uidl(number)
    return answer.split()[2]


def test_flag_set_in_one_session_shows_in_another_that_idles(member: Member) -> None:
    member.receive(letter("shared"))
    with idling(member) as session:
        with member.imap("INBOX") as other:
            other.store("1", "+FLAGS", "(\\Flagged $Todo)")
        told = session.wait_for("* 1 FETCH").partition("FLAGS (")[2]
        assert {"\\Flagged", "$Todo"} <= set(told.rstrip(")").split())


def test_number_is_never_used_again(member: Member) -> None:
    with member.imap("INBOX") as session:
        first = append(session, "INBOX", letter("first"))
        session.select("INBOX")
        session.uid("STORE", str(first), "+FLAGS.SILENT", "(\\Deleted)")
        session.expunge()
        assert append(session, "INBOX", letter("second")) == first + 1
