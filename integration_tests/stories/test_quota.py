"""An account without room can read and delete, and then has room again."""

from __future__ import annotations

import smtplib

import pytest

from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import append, only_stored, stored
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack


def test_full_mailbox_refuses_by_every_door_until_something_is_deleted(stack: Stack, member: Member) -> None:
    assert stack.agora("user", "set-quota", member.name, "10KiB").returncode == 0
    with member.imap("INBOX") as session:
        kept = append(session, "INBOX", letter("kept") + b"x" * 990 + b"\r\n")
        filling = append(session, "Archive", b"Subject: filling\r\n\r\n" + b"x" * 900 + b"\r\n")
        with pytest.raises(AssertionError, match="OVERQUOTA"):
            append(session, "INBOX", letter("large") + (b"y" * 78 + b"\r\n") * 100)
        assert (kept, filling) == (1, 1)
        assert session.copy("1", "Archive")[0] == "OK"
    with pytest.raises((smtplib.SMTPDataError, smtplib.SMTPRecipientsRefused), match=r"452.*mailbox full"):
        member.receive(letter("from outside") + (b"y" * 78 + b"\r\n") * 100)
    with member.pop3() as maildrop:
        assert maildrop.stat()[0] == 1
        maildrop.dele(1)
    with member.imap("Archive") as session:
        session.store("1:*", "+FLAGS.SILENT", "(\\Deleted)")
        session.expunge()
    member.receive(letter("there is room"))
    assert only_stored(member).subject == "there is room"
    assert stored(member, "Archive") == []
