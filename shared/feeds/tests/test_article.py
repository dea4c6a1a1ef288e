"""Items as messages: what a newsreader and a mail client find in them."""

from __future__ import annotations

import email
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from shared.feeds.article import Source, article_octets
from shared.feeds.feed import Enclosure, Item
from shared.rooms.article_header import read_article

NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
SOURCE = Source("Allotment news", "rss.allotment", "localhost")
ITEM = Item("a-1", "https://allotment.example/1", "Broad beans", "Vera Lund", "<p>Sow <b>now</b>.</p>", "", None, None)


def article(item: Item, source: Source = SOURCE) -> EmailMessage:
    octets = article_octets(item, source, "<0a1b@localhost>", NOW)
    assert octets.count(b"\n") == octets.count(b"\r\n")
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    return email.message_from_bytes(octets, policy=policy.default)


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_an_item_has_a_text_with_its_link_beside_its_html() -> None:
    message = article(ITEM)
    assert message["From"] == "Vera Lund <rss.allotment@localhost>"
    assert message["Newsgroups"] == "rss.allotment"
    assert message["Subject"] == "Broad beans"
    assert message["Message-ID"] == "<0a1b@localhost>"
    assert message.get_content_type() == "multipart/alternative"
    assert body(message, "plain") == "Sow now.\n\nhttps://allotment.example/1\n"
    assert '<a href="https://allotment.example/1">' in body(message, "html")


def test_the_same_item_has_the_same_octets() -> None:
    assert article_octets(ITEM, SOURCE, "<a@b>", NOW) == article_octets(ITEM, SOURCE, "<a@b>", NOW)


def test_without_an_author_it_is_from_the_feed() -> None:
    assert article(replaced(author=""))["From"] == "Allotment news <rss.allotment@localhost>"


def test_without_a_title_the_subject_is_the_first_60_characters_of_the_text() -> None:
    subject = article(replaced(title="", html="<p>" + "word " * 40 + "</p>"))["Subject"]
    assert subject == ("word " * 40)[:60].strip()


def test_the_date_is_the_items_unless_it_has_none_or_lies_in_the_future() -> None:
    then = NOW - timedelta(days=3)
    assert parsedate_to_datetime(article(replaced(published=then))["Date"]) == then
    assert parsedate_to_datetime(article(replaced(updated=then))["Date"]) == then
    assert parsedate_to_datetime(article(replaced())["Date"]) == NOW
    assert parsedate_to_datetime(article(replaced(published=NOW + timedelta(days=2)))["Date"]) == NOW


def test_enclosures_are_links() -> None:
    message = article(replaced(enclosures=(Enclosure("https://allotment.example/e.mp3", "audio/mpeg", 9),)))
    assert "https://allotment.example/e.mp3 (audio/mpeg)" in body(message, "plain")
    assert '<a href="https://allotment.example/e.mp3">' in body(message, "html")


@pytest.mark.parametrize(
    "title", ['Quotes " and \\', "new\nline: injected", "Ünïcödé " * 20, "a" * 400, "\x00\x07", "=?utf-8?q?x?="]
)
def test_no_title_breaks_a_header(title: str) -> None:
    message = article(replaced(title=title, author=title), SOURCE._replace(title=title))
    assert message["injected"] is None
    assert message["Newsgroups"] == "rss.allotment"


def replaced(**fields: Any) -> Item:
    return replace(ITEM, **fields)


def test_long_names_and_addresses_are_written_as_they_are() -> None:
    room, domain = f"rss.{'a' * 76}", "news.a-community-with-a-long-name.example"
    link = f"https://allotment.example/{'b' * 900}"
    octets = article_octets(
        replaced(link=link), Source("T", room, domain), f"<{'0' * 40}.3@{domain}>", NOW, f"<{'0' * 40}.2@{domain}>"
    )
    header = read_article(octets, NOW)
    assert (header.groups, header.identifier) == ([room], f"<{'0' * 40}.3@{domain}>".encode())
    assert header.supersedes == f"<{'0' * 40}.2@{domain}>".encode()
    assert header.value(b"archived-at").strip() == f"<{link}>".encode()


@pytest.mark.parametrize("link", ["https://a.example/<x>", "https://a.example/b c", "https://\u00fc.example/", ""])
def test_what_is_no_address_in_a_header_is_in_none(link: str) -> None:
    assert article(replaced(link=link))["Archived-At"] is None
