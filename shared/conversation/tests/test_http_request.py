"""A browser that was made to speak to a line protocol's port is not obeyed."""

from __future__ import annotations

import pytest

from shared.conversation.http_request import is_http_request
from shared.conversation.tests.sessions import Client, Session, door

COMMANDS = b"Host: 127.0.0.1\r\n\r\nNOOP\r\nQUIT\r\n"
LONG = b"a" * 300  # door() allows lines of 100 octets


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET / HTTP/1.1",
        b"POST /?a=b%20c HTTP/1.1",
        b"OPTIONS * HTTP/1.0",
        b"PRI * HTTP/2.0",
        b"CONNECT mail.example.test:25 HTTP/1.1",
        b"GET /" + LONG + b" HTTP/1.1",
        b"GET /" + LONG * 10 + b" HTTP/1.1",
    ],
)
@pytest.mark.parametrize("octets_at_once", [1, 7, 10_000])
def test_a_request_ends_the_conversation_and_nothing_behind_it_is_obeyed(
    request_line: bytes, octets_at_once: int
) -> None:
    """Also where its target makes it longer than a line may be."""
    octets = request_line + b"\r\n" + COMMANDS
    client = Client(door())
    said = client.send(*(octets[at : at + octets_at_once] for at in range(0, len(octets), octets_at_once)))
    assert said == b"bye HTTP\r\n"


def test_only_the_first_line_can_be_a_request() -> None:
    client = Client(door())
    assert client.send(b"NOOP\r\n", b"GET / HTTP/1.1\r\n") == b"line b'NOOP'\r\nline b'GET / HTTP/1.1'\r\n"


async def _waits_for_news(session: Session) -> None:
    while (line := await session.read_line_or_wake()) is not None:
        session.write(b"line %r\r\n" % line)


def test_a_session_that_waits_for_news_ends_too() -> None:
    assert Client(door(_waits_for_news)).send(b"GET / HTTP/1.1\r\n" + COMMANDS) == b"bye HTTP\r\n"


@pytest.mark.parametrize(
    "line",
    [
        b"a NOOP",
        b"GET NOOP",
        b"GET LIST",
        b"A1 LOGIN x HTTP/1.1",
        b"NOOP",
        b"GET / HTTP/x",
        b"",
        b"HTTP/1.1 200 OK",
    ],
)
def test_commands_are_no_requests(line: bytes) -> None:
    assert not is_http_request(line, line)
