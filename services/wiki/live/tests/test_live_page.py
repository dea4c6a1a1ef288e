"""Open pages of the wiki are told of newer revisions, within bounds, with and without Redis."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.wiki.live.streams import MOST_OF_ONE
from services.wiki.rooms.tests.test_live import Stream, streams
from services.wiki.tests.test_pages import put, save
from services.wiki.tests.web import Web, basic
from shared.events.bus import Bus
from shared.testing.eventually import eventually
from shared.testing.reactor import running_reactor, wait_for

__all__ = ["streams"]
MEMBERS = pytest.mark.parametrize("web", [{"wiki_read": "members"}], indirect=True)


def opened(web: Web, streams: list[Stream], path: str = "/live/WikiHome") -> Stream:
    """A page that is open, and has been told of the revision that it shows."""
    stream = Stream(web.port, path)
    streams.append(stream)
    assert b"text/event-stream" in stream.until(b"\r\n\r\n")
    return stream


def test_an_open_page_is_told_of_a_revision_and_by_whom(web: Web, streams: list[Stream]) -> None:
    stream = opened(web, streams)
    assert stream.event()["revision"] == 1
    put(web, "/WikiHome", "Tea at four.")
    told = stream.event()
    assert (told["revision"], told["by"], told["there"]) == (2, "Alice Fern", True)
    assert str(told["at"]).endswith("Z")
    put(web, "/WikiHome", "Tea at five.", "bob")
    assert stream.event()["by"] == "Bob Fern"


def test_what_is_attached_is_no_news_and_a_deletion_is(web: Web, streams: list[Stream]) -> None:
    put(web, "/TeaPage", "x")
    stream = opened(web, streams, "/live/TeaPage")
    assert stream.event()["revision"] == 1
    url = "/api/v1/pages/TeaPage/attachments/a.txt"
    assert web.script().ask("PUT", url, b"x", Authorization=basic("alice")).status == 201
    assert web.script().ask("DELETE", "/TeaPage", Authorization=basic("alice")).status == 200
    told = stream.event()
    assert (told["revision"], told["there"]) == (1, False)


def test_a_form_of_a_new_page_learns_that_somebody_has_made_it(web: Web, streams: list[Stream]) -> None:
    stream = opened(web, streams, "/live/New%20Page")
    assert stream.event()["there"] is False
    put(web, "/New%20Page", "x")
    assert stream.event()["revision"] == 1


def test_the_page_and_its_form_say_where_news_come_from_and_an_older_revision_does_not(web: Web) -> None:
    alice = web.browser("alice")
    save(alice, path="WikiHome", data="x", base="1")
    page = alice.get("/WikiHome").text
    assert 'data-live="/live/WikiHome"' in page
    assert 'data-revision="2"' in page
    form = alice.get("/edit/WikiHome").text
    assert 'data-live="/live/WikiHome" data-editing' in form
    assert "live.js" in form
    assert "data-live" not in alice.get("/WikiHome?revision=1").text


@MEMBERS
def test_a_wiki_of_members_tells_strangers_nothing(web: Web) -> None:
    assert web.browser().get("/live/WikiHome").status == 303
    assert web.script().get("/live/WikiHome").status == 401


def test_pages_and_rooms_share_one_bound_and_a_reader_who_leaves_is_forgotten(web: Web, streams: list[Stream]) -> None:
    for _ in range(MOST_OF_ONE):
        opened(web, streams)
    assert web.browser().get("/live/OtherPage").status == 503
    assert web.browser("alice").ask("HEAD", "/live/WikiHome").status == 200
    assert web.parts.live.readers == MOST_OF_ONE
    for stream in streams:
        stream.close()
    eventually(lambda: web.parts.live.readers == 0, "the readers gone")
    opened(web, streams)


def test_many_open_pages_cost_little_and_all_are_told(web: Web, streams: list[Stream]) -> None:
    """A thousand at 30 KB each is what one process is made for; here are 120, with their own ends in this process."""
    before = _resident()
    for name in ("alice", "bob", "root", "gus"):
        cookies = web.browser(name).cookies
        for _ in range(MOST_OF_ONE):
            streams.append(Stream(web.port, "/live/WikiHome", cookies))
            streams[-1].until(b"data: ")
    each = (_resident() - before) / len(streams)
    put(web, "/WikiHome", "Tea.")
    for stream in streams:
        stream.until(b'"revision":2')
    assert each < 60_000, each


def test_a_name_in_an_event_is_one_line_whatever_it_is(web: Web, streams: list[Stream]) -> None:
    web.transaction.execute("UPDATE account SET full_name = %s WHERE name = 'bob'", ("B\u2028\u00fc \U0001f375",))
    web.transaction.commit()
    stream = opened(web, streams)
    stream.event()
    put(web, "/WikiHome", "Tea.", "bob")
    stream.until(b"data: ")
    line = stream.until(b"\n")
    assert line.isascii()
    assert json.loads(line)["by"] == "B\u2028\u00fc \U0001f375"


class TestWithoutRedis:
    """The bus wakes those who watch once in each poll interval."""

    @pytest.fixture
    def bus(self) -> Iterator[Bus]:
        async def start() -> Bus:
            return Bus(running_reactor(), "redis://127.0.0.1:9/0", timedelta(seconds=0.3))

        made = wait_for(start)
        yield made
        wait_for(made.close)

    def test_an_open_page_is_told_one_poll_interval_later(self, web: Web, streams: list[Stream]) -> None:
        stream = opened(web, streams)
        assert stream.event()["revision"] == 1
        put(web, "/WikiHome", "Tea.")
        assert stream.event()["revision"] == 2


def _resident() -> int:
    """Octets of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
