"""Comments below a page: replies in agora.wiki.changes, by any door, are shown there, and the room takes only those."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from services.wiki.changes_poster import start_poster
from services.wiki.tests.test_pages import put
from services.wiki.tests.web import Browser, Web, basic
from shared.rooms.find_room import find_room
from shared.testing.eventually import eventually
from shared.testing.reactor import running_reactor, wait_for
from shared.wiki.changes_room.poster import ChangesPoster

ROOM = "/rooms/agora.wiki.changes"


@pytest.fixture
def posting(web: Web) -> Iterator[None]:
    """The poster works."""
    frame: Any = SimpleNamespace(
        database=web.parts.database, bus=web.parts.bus, reactor=running_reactor(), settings=web.parts.settings,
        before_closing=[],
    )  # fmt: skip

    async def start() -> ChangesPoster:
        return start_poster(frame, web.parts)

    poster = wait_for(start)
    yield
    wait_for(poster.close)


def comment_on(browser: Browser, page: str, text: str) -> None:
    got = browser.get(f"/comments{page}")
    assert got.status == 303, got
    form = got.fields["location"]
    shown = browser.get(form).text
    fields = dict(re.findall(r'name="(csrf|token|subject)" value="([^"]*)"', shown))
    posted = browser.post(form, {**fields, "text": text})
    assert posted.status == 303, posted.text


@pytest.mark.usefixtures("posting")
def test_a_comment_is_shown_below_its_page_and_is_a_message_of_the_room(web: Web) -> None:
    put(web, "/TeaPage", "# Tea\n")
    put(web, "/CoffeePage", "# Coffee\n")
    eventually(lambda: web.browser().get(f"{ROOM}/2").status == 200, "the changes are posted")
    stranger, bob = web.browser(), web.browser("bob")
    before = stranger.get("/TeaPage").fields["etag"]
    assert "Comment on this page" in stranger.get("/TeaPage").text
    comment_on(bob, "/TeaPage", "> quoted\nAt <four>, not five.\n-- \nBob\n")
    shown = eventually(
        lambda: page if "At &lt;four&gt;, not five." in (page := stranger.get("/TeaPage").text) else None,
        "the comment is shown",
    )
    assert "Bob Fern" in shown
    assert "quoted" not in shown
    assert f'href="{ROOM}/threads/3#m3"' in shown
    assert stranger.get("/TeaPage").fields["etag"] != before
    assert bob.get(f"{ROOM}/threads/3").status == 200
    assert '<h2 id="comments">' not in stranger.get("/CoffeePage").text
    thread = bob.get(f"{ROOM}/threads/1").text
    assert "At &lt;four&gt;, not five." in thread
    bob.post(f"{ROOM}/3/cancel", {"csrf": bob.csrf()})
    eventually(lambda: "not five" not in stranger.get("/TeaPage").text, "the comment is gone from the page")


def test_a_page_from_before_the_room_can_be_commented_on(web: Web) -> None:
    bob = web.browser("bob")
    comment_on(bob, "/WikiHome", "Nice.\n")
    assert "Welcome" in bob.get(f"{ROOM}/1").text
    assert web.browser().get("/comments/WikiHome").status in (302, 303, 401)  # to the form for signing in
    assert bob.get("/comments/NoPage").status == 404


@pytest.mark.usefixtures("posting")
def test_the_rooms_page_has_no_new_thread_and_says_why_none_is_taken(web: Web) -> None:
    put(web, "/TeaPage", "# Tea\n")
    eventually(lambda: web.browser().get(f"{ROOM}/1").status == 200, "the change is posted")
    alice = web.browser("alice")
    page = alice.get(ROOM).text
    assert f'href="{ROOM}/new"' not in page
    assert "replies are welcome" in page
    assert f'href="{ROOM}/1/reply"' in alice.get(f"{ROOM}/threads/1").text
    sentence = "takes replies only: answer one of its messages"
    got = alice.get(f"{ROOM}/new")
    assert (got.status, sentence in got.text) == (403, True)
    fields = {"subject": "x", "text": "y", "csrf": alice.csrf()}
    got = alice.post(f"{ROOM}/new", fields)
    assert (got.status, sentence in got.text) == (403, True)


@pytest.mark.usefixtures("posting")
def test_changes_are_unread_in_their_room_and_not_in_the_number_of_the_header(web: Web) -> None:
    put(web, "/TeaPage", "# Tea\n")
    eventually(lambda: web.browser().get(f"{ROOM}/1").status == 200, "the change is posted")
    assert "agora.wiki.changes" in web.browser("bob").get("/rooms/").text
    assert wait_for(lambda: web.parts.unread.of(web.accounts["bob"])) == 0


@pytest.mark.usefixtures("posting")
@pytest.mark.parametrize("web", [{"wiki_read": "members"}], indirect=True)
def test_where_members_read_the_wiki_strangers_do_not_read_its_changes(web: Web) -> None:
    put(web, "/TeaPage", "# Tea\n")
    eventually(lambda: web.script().get(f"{ROOM}/1", Authorization=basic("alice")).status == 200, "it is posted")
    assert web.script().get(f"{ROOM}/1").status == 401


@pytest.mark.usefixtures("posting")
@pytest.mark.parametrize("web", [{"wiki_changes": "off"}], indirect=True)
def test_a_setting_leaves_out_the_room_and_comments(web: Web) -> None:
    put(web, "/TeaPage", "# Tea\n")
    assert "Comment on this page" not in web.browser().get("/TeaPage").text
    assert web.browser("alice").get("/comments/TeaPage").status == 404
    with pytest.raises(Exception, match="agora"):
        find_room(web.transaction, "agora.wiki.changes")
