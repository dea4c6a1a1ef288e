"""PostgreSQL goes away and comes back: NO [UNAVAILABLE], and the session goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.mail_access.imap.tests.conftest import House
from services.mail_access.imap.tests.test_transcripts import TEA
from services.mail_access.imap.tests.wire_client import Client
from shared.testing.eventually import eventually
from shared.testing.store_outage import StoreOutage


@pytest.fixture
def outage(database_url: str, server_url: str) -> Iterator[StoreOutage]:
    made = StoreOutage(database_url, server_url)
    yield made
    made.end()


COMMANDS = [
    b"NOOP", b"FETCH 1 FLAGS", b"FETCH 1 BODY[]", b"STORE 1 +FLAGS (\\Seen)", b"SEARCH TEXT tea", b"EXPUNGE",
    b"COPY 1 Archive", b"MOVE 1 Archive", b'LIST "" *', b"STATUS Archive (MESSAGES)", b"CREATE x", b"CLOSE",
    b"APPEND INBOX {3+}\r\nabc",
]  # fmt: skip


def test_the_session_survives(house: House, imap_port: int, outage: StoreOutage) -> None:
    house.deliver("alice", TEA)
    client = Client(imap_port)
    client.do(b'LOGIN alice "correct horse"')
    client.do(b"SELECT INBOX")
    outage.begin()
    for result, command in zip(client.run(*COMMANDS), COMMANDS, strict=True):
        assert (result.condition, result.code) == (b"NO", b"UNAVAILABLE"), command
    stranger = Client(imap_port)
    (refused,) = stranger.run(b'LOGIN bob "correct horse"')
    assert (refused.condition, refused.code) == (b"NO", b"UNAVAILABLE")
    outage.end()
    eventually(lambda: client.run(b"NOOP")[0].condition == b"OK", "the store came back")
    result = client.do(b"FETCH 1 (FLAGS BODY.PEEK[TEXT])")
    assert result.untagged[-1] == b"1 FETCH (FLAGS (\\Recent) BODY[TEXT] {10}\r\nAt four?\r\n)"
    eventually(lambda: stranger.run(b'LOGIN bob "correct horse"')[0].condition == b"OK", "signing in works again")
    client.close()
    stranger.close()


def test_who_only_listens_hears_of_what_came_meanwhile(house: House, imap_port: int, outage: StoreOutage) -> None:
    client = Client(imap_port)
    client.do(b'LOGIN alice "correct horse"')
    client.do(b"SELECT INBOX")
    tag, octets = client.tagged(b"IDLE")
    client.send(octets)
    assert client.continuation().startswith(b"+")
    house.deliver("alice", TEA)
    assert client.continuation() == b"* 1 EXISTS"
    assert client.continuation() == b"* 1 RECENT"
    client.send(b"DONE\r\n")
    client.finish(tag, b"IDLE")
    client.close()
