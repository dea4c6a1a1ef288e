"""Messages that APPEND brings count in the intake: above it NO, and afterwards the session goes on."""

from __future__ import annotations

import imaplib

from services.mail_access.imap.tests.conftest import PASSWORD, House

MESSAGE = b"Subject: tea\r\n\r\nAt four?\r\n"


def test_append_above_the_intake_is_refused_for_now(house: House, imap_port: int) -> None:
    intake = house.backing.intake
    memory, files = intake.memory.room(None), intake.files.room(None)
    intake.memory.take(None, memory)  # as other members' messages do
    intake.files.take(None, files)
    with imaplib.IMAP4("127.0.0.1", imap_port) as client:
        client.login("alice", PASSWORD)
        status, (text,) = client.append("INBOX", "", "", MESSAGE)
        assert status == "NO"
        assert text.startswith(b"[UNAVAILABLE] ")
        intake.memory.give_back(None, memory)
        assert client.append("INBOX", "", "", MESSAGE)[0] == "OK"
        assert client.select("INBOX") == ("OK", [b"1"])
    assert intake.memory.octets == 0
