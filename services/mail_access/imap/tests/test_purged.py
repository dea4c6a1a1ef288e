"""A session slept while messages were expunged and forgotten for good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from services.mail_access.imap.tests.conftest import House
from services.mail_access.imap.tests.test_transcripts import TEA
from services.mail_access.imap.tests.wire_client import Client
from shared.folders.purge import purge
from shared.testing.reactor import wait_for


@pytest.fixture
def client(house: House, imap_port: int) -> Iterator[Client]:
    for _ in range(3):
        house.deliver("alice", TEA)
    made = Client(imap_port)
    made.do(b'LOGIN alice "correct horse"')
    made.do(b"SELECT INBOX")
    made.do(b"FETCH 1:* (UID FLAGS)")
    yield made
    made.close()


def forget(house: House, uid: int) -> None:
    house.expunge("alice", [uid])
    wait_for(lambda: purge(house.database, timedelta(0)))


def test_reading_what_is_gone_is_refused_and_the_rest_is_given(house: House, client: Client) -> None:
    forget(house, 2)
    (result,) = client.run(b"FETCH 1:3 (UID ENVELOPE BODY.PEEK[TEXT])")
    assert (result.condition, result.code) == (b"NO", b"EXPUNGEISSUED")
    rows = [line for line in result.untagged if b"ENVELOPE" in line]
    assert [row[:5] for row in rows] == [b"1 FET", b"3 FET"]
    assert client.do(b"NOOP").untagged == [b"2 EXPUNGE"]


def test_a_change_log_that_is_cut_off_is_made_up_for(house: House, client: Client) -> None:
    forget(house, 1)
    house.deliver("alice", TEA)
    result = client.do(b"UID STORE 2 +FLAGS (\\Flagged)")
    assert b"2 FETCH (UID 2 FLAGS (\\Flagged \\Recent))" in result.untagged
    client.do(b"NOOP")
    client.do(b"FETCH 1:* (UID FLAGS)")
    assert [known.uid for known in client.messages] == [2, 3, 4]


def test_searching_passes_over_what_is_gone(house: House, client: Client) -> None:
    forget(house, 3)
    assert client.do(b"SEARCH TEXT tea").untagged[-1] == b"SEARCH 1 2"
