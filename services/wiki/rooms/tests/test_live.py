"""Live updates: open pages are told of new messages, within bounds, and leave nothing behind."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from services.wiki.live.streams import MOST_OF_ONE
from services.wiki.rooms.tests.test_rooms import a_room, write
from services.wiki.tests.web import Web
from shared.rooms.room import Readers


class Stream:
    """A page that is open: a reader of events."""

    def __init__(self, port: int, path: str, cookies: dict[str, str] | None = None) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        cookie = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
        self._got = b""

    def until(self, mark: bytes) -> bytes:
        """Everything up to `mark`, which is taken."""
        while mark not in self._got:
            more = self.socket.recv(65536)
            assert more, self._got
            self._got += more
        before, _, self._got = self._got.partition(mark)
        return before

    def event(self) -> dict[str, Any]:
        """The next event's data."""
        self.until(b"data: ")
        data: dict[str, Any] = json.loads(self.until(b"\n"))
        return data

    def close(self) -> None:
        self.socket.close()


def numbers(event: Mapping[str, Any]) -> list[int]:
    """The messages that an event has."""
    return [number for number, _ in event["new"]]


def threads(event: Mapping[str, Any]) -> list[str]:
    """The threads of these messages."""
    return [thread for _, thread in event["new"]]


@pytest.fixture
def streams() -> Iterator[list[Stream]]:
    opened: list[Stream] = []
    yield opened
    for stream in opened:
        stream.close()


def told_up_to(high: int, stream: Stream) -> dict[str, Any]:
    """The event that tells of message `high`; those before it tell of those that were in their threads by then."""
    while (told := stream.event())["high"] != high:
        assert numbers(told) == list(range(1, told["high"] + 1))
    return told


def test_an_open_page_is_told_of_a_message_by_its_number_and_thread(web: Web, streams: list[Stream]) -> None:
    a_room(web)
    alice, bob = web.browser("alice"), web.browser("bob")
    write(alice, "/rooms/local.garden/new", "Seeds", "text")
    for _ in range(3):
        streams.append(Stream(web.port, "/rooms/local.garden/live", bob.cookies))
        head = streams[-1].until(b"\r\n\r\n")
        assert b"200 OK" in head
        assert b"text/event-stream" in head
        assert numbers(told_up_to(1, streams[-1])) == [1]
    write(alice, "/rooms/local.garden/1/reply", "Re: Seeds", "more")
    write(alice, "/rooms/local.garden/new", "Other", "text")
    for stream in streams:
        told = told_up_to(3, stream)
        assert numbers(told) == [1, 2, 3]
    assert threads(told)[0] == threads(told)[1] != threads(told)[2]
    page = alice.get("/rooms/local.garden/threads/1").text
    assert f'data-thread="{threads(told)[1]}"' in page


def test_what_came_between_a_page_and_its_stream_is_told(web: Web, streams: list[Stream]) -> None:
    a_room(web)
    alice, bob = web.browser("alice"), web.browser("bob")
    write(alice, "/rooms/local.garden/new", "Seeds", "text")
    assert 'data-high="1"' in bob.get("/rooms/local.garden/threads/1").text
    write(alice, "/rooms/local.garden/1/reply", "Re: Seeds", "more")
    streams.append(Stream(web.port, "/rooms/local.garden/live", bob.cookies))
    assert numbers(told_up_to(2, streams[0])) == [1, 2]
    write(alice, "/rooms/local.garden/1/reply", "Re: Seeds", "more")
    assert numbers(streams[0].event()) == [1, 2, 3]
    streams.append(Stream(web.port, "/rooms/local.garden/live", bob.cookies))  # one that joins
    assert numbers(streams[1].event()) == [1, 2, 3]


def test_an_account_has_a_bounded_number_of_open_pages(web: Web, streams: list[Stream]) -> None:
    a_room(web)
    for _ in range(MOST_OF_ONE):
        streams.append(Stream(web.port, "/rooms/local.garden/live"))
        assert b"200 OK" in streams[-1].until(b"\r\n\r\n")
    refused = web.browser().get("/rooms/local.garden/live")
    assert refused.status == 503
    assert "retry-after" in refused.fields
    assert web.browser("alice").ask("HEAD", "/rooms/local.garden/live").status == 200


def test_a_room_that_is_not_there_for_somebody_tells_nothing(web: Web) -> None:
    a_room(web, reading=Readers.MEMBERS)
    stranger = web.browser().get("/rooms/local.garden/live")
    assert (stranger.status, stranger.text) == (303, "")  # to the form for signing in
