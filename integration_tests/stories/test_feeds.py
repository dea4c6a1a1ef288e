"""A feed fills a room: its items are articles behind every door, and nobody else posts there."""

from __future__ import annotations

import json
import secrets
import smtplib
from collections.abc import Iterator
from typing import Any

import pytest

from integration_tests.clients.newsgroup import new_newsgroup
from integration_tests.proxy.site import Page, Site, site
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.newsreader import Newsreader, newsreader
from integration_tests.stories.web_client import browser, csrf_of
from shared.testing.eventually import eventually

PATH = "/feed.xml"


@pytest.fixture
def feeds(stack: Stack) -> Iterator[Site]:
    with site(stack.here, {}) as made:
        yield made


def a_feed(*items: tuple[str, str]) -> Page:
    """Of items with a guid and a text."""
    told = "".join(
        f"<item><title>Item {guid}</title><guid isPermaLink='false'>{guid}</guid>"
        f"<description>{text}</description></item>"
        for guid, text in items
    )
    document = f"<rss version='2.0'><channel><title>Beans</title>{told}</channel></rss>"
    return Page(document.encode(), "application/rss+xml")


def agora(stack: Stack, *arguments: str) -> Any:
    done = stack.agora(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def has(news: Newsreader, room: str, articles: int) -> bool:
    return news.say(f"GROUP {room}", "211").split()[1] == str(articles)


def test_items_are_articles_behind_every_door_and_edited_ones_supersede_theirs(
    stack: Stack, member: Member, feeds: Site
) -> None:
    room, own = f"rss.story-{secrets.token_hex(4)}", secrets.token_hex(8)
    feeds.pages[PATH] = a_feed((f"{own}-1", "first"), (f"{own}-2", "second"))
    agora(stack, "feed", "add", feeds.url(PATH), "--room", room, "--read", "everyone")
    with newsreader(stack) as news:
        eventually(lambda: news.flag(room) == "n", f"{room} is there, and nobody posts to it")
        eventually(lambda: has(news, room, 2), "both items are articles")
        octets = news.article(1)
        assert b"\r\nfirst\r\n" in octets
        with member.imap(f"Rooms/{room}") as session:
            _, found = session.uid("FETCH", "1", "(BODY.PEEK[])")
            assert isinstance(found[0], tuple)
            assert found[0][1] == octets
        feeds.pages[PATH] = a_feed((f"{own}-1", "edited"), (f"{own}-2", "second"))
        agora(stack, "feed", "refresh", room)
        eventually(
            lambda: news.say(f"GROUP {room}", "211").startswith("211 2 1 3 "), "the edited item has a new article"
        )
        assert b"\r\nedited\r\n" in news.article(3)
        news.say("ARTICLE 1", "423")
    [line] = [each for each in agora(stack, "feed", "list") if each["room"] == room]
    assert (line["title"], line["error"]) == ("Beans", None)


def test_nobody_else_posts_to_it_by_any_door(stack: Stack, member: Member, feeds: Site) -> None:
    room = f"rss.story-{secrets.token_hex(4)}"
    feeds.pages[PATH] = a_feed()
    agora(stack, "feed", "add", feeds.url(PATH), "--room", room, "--read", "everyone")
    article = f"From: {member.address}\r\nNewsgroups: {room}\r\nSubject: mine\r\n\r\nHello.\r\n"
    with newsreader(stack) as news:
        eventually(lambda: news.flag(room) == "n", f"{room} is there, and nobody posts to it")
        said = news.offer(article.encode())
        assert said.startswith("44")
        assert "feed" in said or "not permitted" in said  # before the article, if there is no room to post to
    with member.imap("INBOX") as session:
        session.append("INBOX", "", "", article.encode())
        for status, answer in (
            session.append(f'"Rooms/{room}"', "", "", article.encode()),
            session.uid("COPY", "1", f'"Rooms/{room}"'),
        ):
            assert (status, answer[0][:8]) == ("NO", b"[NOPERM]")
            assert b"feed" in answer[0]
    with member.submission() as submission, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        submission.sendmail(member.address, [f"{room}@{stack.domain}"], article)
    code, text = refused.value.recipients[f"{room}@{stack.domain}"]
    assert (code, text[:6]) == (550, b"5.7.1 ")
    assert b"feed" in text
    with browser(member) as web:
        typed = {"csrf": csrf_of(web.get("/account")), "subject": "mine", "text": "Hello."}
        for method, fields in (("GET", None), ("POST", typed)):
            answered = web.ask(method, f"/rooms/{room}/new", fields)
            assert (answered.status, "feed fills" in answered.text) == (403, True), answered.text


def test_a_feed_that_fails_says_so_and_is_asked_again(stack: Stack, feeds: Site) -> None:
    room = f"rss.story-{secrets.token_hex(4)}"
    feeds.pages[PATH] = Page(b"", status=503)
    agora(stack, "feed", "add", feeds.url(PATH), "--room", room)

    def line() -> dict[str, Any]:
        [found] = [each for each in agora(stack, "feed", "list") if each["room"] == room]
        return dict(found)

    eventually(lambda: line()["error"] == "the server answers with status 503", "the failure is shown")
    feeds.pages[PATH] = a_feed((secrets.token_hex(8), "text"))
    agora(stack, "feed", "refresh", room)
    eventually(lambda: line()["error"] is None and line()["answered"], "all is well again")


@pytest.mark.local_only  # the web door is at another address inside a container
def test_a_room_follows_the_feed_of_another_of_the_same_server(stack: Stack) -> None:
    group = new_newsgroup(stack)
    for subject in ("Beans & <peas>", "Marrows"):
        assert group.post(group.article(subject)).startswith(b"240 ")
    room = f"rss.own-{secrets.token_hex(4)}"
    host, port = stack.web
    agora(stack, "feed", "add", f"http://{host}:{port}/rooms/{group.name}/atom", "--room", room, "--read", "everyone")
    with newsreader(stack) as news:
        eventually(lambda: news.flag(room) == "n", f"{room} is there")
        eventually(lambda: has(news, room, 2), "both messages are articles")
        subjects = {line for number in (1, 2) for line in news.article(number).splitlines() if line[:8] == b"Subject:"}
    assert subjects == {b"Subject: Beans & <peas>", b"Subject: Marrows"}
