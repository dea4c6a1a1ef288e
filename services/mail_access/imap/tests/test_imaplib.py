"""Python's own client, as somebody would write it in an afternoon."""

from __future__ import annotations

import imaplib
import time

from services.mail_access.imap.tests.conftest import PASSWORD


def test_an_afternoon_with_imaplib(imap_port: int) -> None:
    with imaplib.IMAP4("127.0.0.1", imap_port) as client:
        assert client.login("alice", PASSWORD)[0] == "OK"
        assert client.enable("CONDSTORE")[0] == "OK"
        status, listed = client.list()
        assert status == "OK"
        assert len(listed) == 6
        assert client.create('"A &- B"')[0] == "OK"
        message = b"Subject: tea\r\n\r\nAt four?\r\n"
        assert client.append("INBOX", r"(\Seen)", imaplib.Time2Internaldate(time.time()), message)[0] == "OK"
        assert client.select("INBOX") == ("OK", [b"1"])
        assert client.search(None, "SUBJECT", "tea") == ("OK", [b"1"])
        status, fetched = client.fetch("1", "(FLAGS BODY.PEEK[])")
        assert fetched[0][1] == message  # type: ignore[index]
        assert client.store("1", "+FLAGS", r"(\Deleted)")[0] == "OK"
        assert client.uid("COPY", "1", "Archive")[0] == "OK"
        assert client.expunge() == ("OK", [b"1"])
        assert client.status("Archive", "(MESSAGES)") == ("OK", [b'"Archive" (MESSAGES 1)'])
        assert client.close()[0] == "OK"
