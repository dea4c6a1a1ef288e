"""STATUS of a folder to which messages come while it is read."""

from __future__ import annotations

import contextlib

import pytest

from services.mail_access.imap.tests.conftest import House
from services.mail_access.imap.tests.wire_client import Client
from shared.testing.overtaken import overtaken


@pytest.mark.parametrize(
    "command", [b"STATUS INBOX (MESSAGES RECENT)", b'LIST "" INBOX RETURN (STATUS (MESSAGES RECENT))']
)
@pytest.mark.parametrize("behind", range(1, 5))
def test_no_more_messages_are_recent_than_there_are(
    house: House, imap_port: int, monkeypatch: pytest.MonkeyPatch, command: bytes, behind: int
) -> None:
    with contextlib.closing(Client(imap_port)) as client:
        client.do(b'LOGIN bob "correct horse"')
        arriving = overtaken(behind, lambda: house.deliver("bob", b"Subject: tea\r\n\r\n", announce=False))
        monkeypatch.setattr("shared.database.attempt.Transaction", arriving)
        status = client.do(command).untagged[-1]
    assert status in [b'STATUS "INBOX" (MESSAGES %d RECENT %d)' % (number, number) for number in (0, 1)]
