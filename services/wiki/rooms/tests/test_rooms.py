"""Rooms on the web: what is there for whom, reading, posting, marks, moderators."""

from __future__ import annotations

import re

import pytest

from services.wiki.tests.web import Browser, Got, Web, basic
from shared.folders.bodies import load_bodies
from shared.folders.flags import FLAGGED, SEEN
from shared.folders.packed import unsigned_32
from shared.messages.reading import read_message
from shared.rooms.marks.marks_of import marks_of
from shared.rooms.marks.set_marks import set_marks
from shared.rooms.moderators import add_moderator
from shared.rooms.posts.hold import hold_post
from shared.rooms.reading.articles import by_number
from shared.rooms.room import Posters, Readers, Room
from shared.rooms.tests.build import a_post, an_article, an_open_room, posted


def a_room(web: Web, name: str = "local.garden", **policy: object) -> Room:
    room = an_open_room(web.transaction, name, **policy)
    web.transaction.commit()
    return room


def an_article_in(web: Web, room: Room, octets: bytes | None = None) -> None:
    posted(web.transaction, a_post(room, octets=octets))
    web.transaction.commit()


def flags(web: Web, name: str, room: Room, uid: int) -> int:
    web.transaction.commit()
    marks = marks_of(web.transaction, web.accounts[name].id, room.folder_id)
    return marks.flags_of(unsigned_32(uid.to_bytes(4, "big")))[0]


def write(browser: Browser, path: str, subject: str, text: str, **more: str) -> Got:
    page = browser.get(path).text
    fields = dict(re.findall(r'name="(csrf|token)" value="(\w*)"', page))
    return browser.post(path, {**fields, "subject": subject, "text": text, **more})


def test_rooms_of_members_are_for_members_and_others_are_not_told_more_than_by_nntp(web: Web) -> None:
    a_room(web, "local.open")
    a_room(web, "local.members", reading=Readers.MEMBERS)
    stranger, alice, guest = web.browser(), web.browser("alice"), web.browser("gus")

    assert "local.open" in stranger.get("/rooms/").text
    assert "local.members" not in stranger.get("/rooms/").text
    assert "local.members" in alice.get("/rooms/").text
    for path in ("/rooms/local.members", "/rooms/local.members/1", "/rooms/local.members/live"):
        assert (stranger.get(path).status, stranger.get(path).text) == (303, "")  # to the form for signing in
        assert guest.get(path).status == 404
    assert alice.get("/rooms/local.members").status == 200
    assert alice.get("/rooms/local.none").status == 404
    assert web.script().get("/rooms/local.members", Authorization=basic("alice")).status == 200


def test_what_is_posted_is_an_article_with_the_full_name_and_its_number(web: Web) -> None:
    room = a_room(web)
    alice = web.browser("alice")
    got = write(alice, "/rooms/local.garden/new", "Seed swap <b>", "Beans & peas\nand > more")
    assert (got.status, got.fields["location"]) == (303, "/rooms/local.garden/threads/1#m1")
    web.transaction.commit()
    article = by_number(web.transaction, room.folder_id, 1)
    ((_, octets),) = load_bodies(web.transaction, [article.message_id])
    message = read_message(octets)
    assert message.author == ("Alice Fern", f"alice@{web.parts.names.mail_domain}")
    assert (message.subject, message.texts[0].text) == ("Seed swap <b>", "Beans & peas\nand > more\n")
    page = alice.get("/rooms/local.garden/threads/1").text
    assert "Seed swap &lt;b&gt;" in page
    assert "Beans &amp; peas" in page
    assert alice.get("/rooms/local.garden/1/raw").body == octets


def test_an_answer_is_in_the_thread_and_quotes(web: Web) -> None:
    a_room(web)
    alice, bob = web.browser("alice"), web.browser("bob")
    write(alice, "/rooms/local.garden/new", "Seeds", "Who brings what?")
    form = bob.get("/rooms/local.garden/1/reply?quote").text
    assert "Alice Fern wrote:\n&gt; Who brings what?" in form
    assert 'value="Re: Seeds"' in form
    got = write(bob, "/rooms/local.garden/1/reply", "Re: Seeds", "> Who brings what?\n\nI do.")
    assert got.fields["location"] == "/rooms/local.garden/threads/2#m2"
    thread = bob.get("/rooms/local.garden/threads/2").text
    assert thread.index('id="m1"') < thread.index('id="m2"')
    assert "2 messages" in bob.get("/rooms/local.garden").text


def test_a_form_that_is_sent_twice_is_one_message(web: Web) -> None:
    a_room(web)
    alice = web.browser("alice")
    page = alice.get("/rooms/local.garden/new").text
    fields = dict(re.findall(r'name="(csrf|token)" value="(\w*)"', page))
    got = [alice.post("/rooms/local.garden/new", {**fields, "subject": "x", "text": "y"}) for _ in range(2)]
    assert [(each.status, each.fields["location"]) for each in got] == [(303, "/rooms/local.garden/threads/1#m1")] * 2
    assert alice.get("/rooms/local.garden/2").status == 404


def test_reading_marks_as_read_and_the_marks_are_those_of_imap(web: Web) -> None:
    room = a_room(web)
    an_article_in(web, room)
    an_article_in(web, room)
    alice = web.browser("alice")
    assert '<span class="count">2<' in alice.get("/rooms/").text
    assert alice.ask("HEAD", "/rooms/local.garden/1").status == 200
    alice.get("/rooms/local.garden/1", Sec_Purpose="prefetch")
    assert flags(web, "alice", room, 1) == 0
    assert 'class="message unread"' in alice.get("/rooms/local.garden/1").text
    assert flags(web, "alice", room, 1) == SEEN
    assert 'class="message unread"' not in alice.get("/rooms/local.garden/1").text
    set_marks(web.transaction, web.accounts["alice"].id, room.folder_id, [2], "add", SEEN)  # as IMAP does
    web.transaction.commit()
    assert '<span class="count">' not in alice.get("/rooms/").text
    assert '<span class="count">2<' in web.browser("bob").get("/rooms/").text
    web.browser().get("/rooms/local.garden/1")  # a stranger's reading marks nothing


def test_marks_are_set_and_taken_off(web: Web) -> None:
    room = a_room(web)
    an_article_in(web, room)
    alice = web.browser("alice")
    csrf = alice.csrf("/rooms/local.garden/1")
    for mark, expected in (("flagged", SEEN | FLAGGED), ("unseen", FLAGGED), ("unflagged", 0), ("seen", SEEN)):
        assert alice.post("/rooms/local.garden/1/mark", {"csrf": csrf, "mark": mark}).status == 303
        assert flags(web, "alice", room, 1) == expected
    assert alice.post("/rooms/local.garden/1/mark", {"csrf": csrf, "mark": "deleted"}).status == 400
    assert alice.post("/rooms/local.garden/1/mark", {"csrf": csrf}).status == 400
    assert alice.post("/rooms/local.garden/1/mark", {"mark": "seen"}).status == 403
    assert web.browser().post("/rooms/local.garden/1/mark", {"mark": "seen"}).status == 403


def test_all_are_marked_up_to_what_the_page_knew(web: Web) -> None:
    room = a_room(web)
    for _ in range(3):
        an_article_in(web, room)
    alice = web.browser("alice")
    got = alice.post("/rooms/local.garden/read", {"csrf": alice.csrf("/rooms/local.garden"), "high": "2"})
    assert got.status == 303
    assert [flags(web, "alice", room, uid) for uid in (1, 2, 3)] == [SEEN, SEEN, 0]


def test_a_cancelled_message_can_be_put_back(web: Web) -> None:
    a_room(web)
    alice, bob = web.browser("alice"), web.browser("bob")
    write(alice, "/rooms/local.garden/new", "Seeds", "text")
    assert "/rooms/local.garden/1/cancel" in alice.get("/rooms/local.garden/threads/1").text
    assert "/rooms/local.garden/1/cancel" in alice.get("/rooms/local.garden/1").text
    for path in ("/rooms/local.garden/threads/1", "/rooms/local.garden/1"):
        assert "/rooms/local.garden/1/cancel" not in bob.get(path).text
    refused = bob.post("/rooms/local.garden/1/cancel", {"csrf": bob.csrf("/rooms/local.garden/1")})
    assert refused.status == 403
    csrf = alice.csrf("/rooms/local.garden/1")
    got = alice.post("/rooms/local.garden/1/cancel", {"csrf": csrf})
    assert got.fields["location"] == "/rooms/local.garden?cancelled=1"
    assert alice.get("/rooms/local.garden/1").status == 404
    assert "/rooms/local.garden/1/undo" in alice.get("/rooms/local.garden?cancelled=1").text
    assert alice.post("/rooms/local.garden/1/undo", {"csrf": csrf}).status == 303
    assert alice.get("/rooms/local.garden/1").status == 200


def test_who_posted_a_message_is_offered_to_cancel_it_whatever_its_from_says(web: Web) -> None:
    room = a_room(web)
    octets = an_article().replace(b"alice@example.org", b"bob@elsewhere.test")
    posted(web.transaction, a_post(room, octets=octets, account_id=web.accounts["alice"].id))
    web.transaction.commit()
    for path in ("/rooms/local.garden/threads/1", "/rooms/local.garden/1"):
        assert "/rooms/local.garden/1/cancel" in web.browser("alice").get(path).text
        assert "/rooms/local.garden/1/cancel" not in web.browser("bob").get(path).text


def test_posts_to_a_moderated_room_are_decided_about_once(web: Web) -> None:
    a_room(web, moderated=True)
    alice, root = web.browser("alice"), web.browser("root")
    got = write(alice, "/rooms/local.garden/new", "First", "one")
    assert got.fields["location"] == "/rooms/local.garden?held"
    assert "waits for a moderator" in alice.get("/rooms/local.garden?held").text
    write(alice, "/rooms/local.garden/new", "Second", "two")
    assert alice.get("/rooms/~held").status == 404
    tokens = re.findall(r'href="(/rooms/~held/[\w-]+)"', root.get("/rooms/~held").text)
    assert len(tokens) == 2
    assert "one" in root.get(tokens[0]).text
    csrf = root.csrf("/rooms/~held")
    assert (
        root.post(tokens[0], {"csrf": csrf, "decision": "approve"}).fields["location"] == "/rooms/~held?done=approved"
    )
    assert root.post(tokens[0], {"csrf": csrf, "decision": "approve"}).status == 409
    done = root.post(tokens[1], {"csrf": csrf, "decision": "reject", "reason": "no"})
    assert done.fields["location"] == "/rooms/~held?done=rejected"
    assert root.get("/rooms/local.garden/1").status == 200
    assert root.get("/rooms/local.garden/2").status == 404
    assert "Nothing waits" in root.get("/rooms/~held").text


def test_the_page_of_a_room_says_how_many_posts_wait_to_those_who_decide_about_them(web: Web) -> None:
    garden, tea = a_room(web, moderated=True), a_room(web, "local.tea", moderated=True)
    add_moderator(web.transaction, garden, web.accounts["bob"])
    web.transaction.commit()
    alice, bob, root = web.browser("alice"), web.browser("bob"), web.browser("root")
    assert "for a moderator</a>" not in bob.get("/rooms/local.garden").text
    write(alice, "/rooms/local.garden/new", "First", "one")
    assert '<a href="/rooms/~held">1 post waits for a moderator</a>' in bob.get("/rooms/local.garden").text
    write(alice, "/rooms/local.garden/new", "Second", "two")
    hold_post(web.transaction, a_post(garden, tea), "example.org", web.parts.now())
    web.transaction.commit()
    assert "2 posts wait for a moderator</a>" in bob.get("/rooms/local.garden").text  # the third is for both rooms
    assert "3 posts wait for a moderator</a>" in root.get("/rooms/local.garden").text
    assert "for a moderator</a>" not in bob.get("/rooms/local.tea").text
    for browser in (alice, web.browser()):
        assert "for a moderator</a>" not in browser.get("/rooms/local.garden").text


def test_who_may_not_post_is_told_why(web: Web) -> None:
    a_room(web, "local.news", posting=Posters.MODERATORS)
    a_room(web, "rss.feed", fed=True)
    alice = web.browser("alice")
    for path, why in (("/rooms/local.news/new", "moderators post"), ("/rooms/rss.feed/new", "feed fills")):
        assert alice.get(path).status == 403
        got = alice.post(path, {"csrf": alice.csrf(), "subject": "x", "text": "y"})
        assert got.status == 403
        assert why in got.text
        assert f'href="{path}"' not in alice.get(path.removesuffix("/new")).text
    assert web.browser().get("/rooms/local.news/new").fields["location"] == "/sign-in?then=/rooms/local.news/new"


def test_a_text_that_cannot_be_posted_stays_in_the_form(web: Web) -> None:
    a_room(web)
    alice = web.browser("alice")
    got = write(alice, "/rooms/local.garden/new", " ", "what I <typed>")
    assert got.status == 422
    assert "what I &lt;typed&gt;" in got.text
    assert "The subject is empty" in got.text
    assert 'aria-invalid="true"' in got.text


@pytest.mark.parametrize("path", ["/rooms/x/99999999999", "/rooms/local.garden/0", "/rooms/local.garden/2147483648",
    "/rooms/local.garden?before=x", "/rooms/local.garden/threads/5", "/rooms/local.garden/1/part/999999"])  # fmt: skip
def test_numbers_that_are_none_are_no_bug(web: Web, path: str) -> None:
    room = a_room(web)
    an_article_in(web, room)
    assert web.browser().get(path).status in (400, 404)


def test_the_page_of_a_stranger_offers_no_forms(web: Web) -> None:
    room = a_room(web)
    an_article_in(web, room, an_article("hello"))
    page = web.browser().get("/rooms/local.garden/1").text
    assert "hello" in page
    assert "/mark" not in page
    assert "/cancel" not in page
