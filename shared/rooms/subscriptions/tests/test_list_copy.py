"""What subscribers are sent: the fields of a list on top, and otherwise the article's own octets."""

from __future__ import annotations

import pytest

from shared.messages.header_fields import HeaderFields
from shared.rooms.posts.list_mail import is_loop, list_fields
from shared.rooms.room import Posters, Readers, Room
from shared.rooms.subscriptions.list_copy import list_copy
from shared.rooms.subscriptions.list_names import ListNames
from shared.rooms.subscriptions.posts_to_send import SentPost
from shared.rooms.subscriptions.tests.build import NAMES
from shared.rooms.tests.build import NOW, an_article

ON_TOP = (
    b"Return-Path: <>\r\n"
    b"List-Id: <a.b.example.org>\r\n"
    b"List-Help: <mailto:a.b+help@example.org>\r\n"
    b"List-Subscribe: <mailto:a.b+subscribe@example.org>\r\n"
    b"List-Unsubscribe: <mailto:a.b+unsubscribe@example.org>\r\n"
    b"List-Post: <mailto:a.b@example.org>\r\n"
    b"List-Archive: <nntp://news.example.org/a.b>\r\n"
    b"Archived-At: <nntp://news.example.org/a.b/12>\r\n"
)


def a_room(posting: Posters = Posters.MEMBERS, *, fed: bool = False) -> Room:
    return Room(7, "a.b", "", Readers.MEMBERS, posting, False, fed, None, NOW)  # type: ignore[arg-type]


def test_the_fields_of_a_list_are_on_top_and_the_rest_is_the_article() -> None:
    octets = an_article(body="Blue.\r\n\r\nList-Id: <in the body>\r\n\xe4")
    assert list_copy(SentPost(12, octets), a_room(), NAMES) == ON_TOP + octets


def test_fields_that_ours_replace_are_left_out_and_other_archives_stay() -> None:
    octets = an_article()
    came = (
        b"Return-Path: <alice@example.org>\r\n"
        + list_fields(["a.b"], "example.org")
        + b"Archived-At: <https://elsewhere.example/1>\r\nList-Unsubscribe:\r\n <mailto:x@elsewhere.example>\r\n"
        + octets
    )
    sent = list_copy(SentPost(12, came), a_room(), NAMES)
    assert sent == ON_TOP + b"Archived-At: <https://elsewhere.example/1>\r\n" + octets


@pytest.mark.parametrize(
    ("names", "archive"),
    [
        (ListNames("news.example.org", "example.org"), b"nntp://news.example.org/a.b"),
        (ListNames("news.example.org", "example.org", 2119), b"nntp://news.example.org:2119/a.b"),
        (ListNames("2001:db8::1", "example.org", 2119), b"nntp://[2001:db8::1]:2119/a.b"),
    ],
)
def test_archives_name_the_port_where_it_is_not_the_standard_one(names: ListNames, archive: bytes) -> None:
    sent = HeaderFields(list_copy(SentPost(12, an_article()), a_room(), names))
    [all_of_it], [this] = sent.find(b"list-archive"), sent.find(b"archived-at")
    assert (sent.value(all_of_it).strip(), sent.value(this).strip()) == (b"<%b>" % archive, b"<%b/12>" % archive)


def test_a_room_that_nobody_posts_to_says_so() -> None:
    for room in (a_room(Posters.NOBODY), a_room(fed=True)):
        assert b"\r\nList-Post: NO\r\n" in list_copy(SentPost(1, an_article()), room, NAMES)


def test_a_copy_that_comes_back_is_known_as_a_loop() -> None:
    sent = list_copy(SentPost(1, an_article()), a_room(), NAMES)
    assert is_loop(HeaderFields(sent), ["a.b"], "example.org")


def test_results_with_our_name_stay_in_what_came_by_mail_alone() -> None:
    ours = b"Authentication-Results: News.example.org; dmarc=pass\r\n"
    others = b"Authentication-Results: mx.example.net; dmarc=fail\r\n"
    post = SentPost(12, ours + others + an_article())
    assert list_copy(post, a_room(), NAMES) == ON_TOP + post.octets.removeprefix(ours)
    assert list_copy(post._replace(by_mail=True), a_room(), NAMES) == ON_TOP + post.octets
