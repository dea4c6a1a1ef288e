"""The matrix of a room's doors: what is posted or marked behind any of them is the same behind all the others."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.proxy.site import Page, site
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.matrix_doors import MARK, MARKS, POST, READ, TEXT, Marks, identifier_of, read_signed_in
from integration_tests.stories.newsreader import newsreader
from integration_tests.stories.open_room import article, wait_until
from shared.testing.eventually import eventually

PATH = "/matrix.xml"


@pytest.fixture
def fed(stack: Stack) -> Iterator[str]:
    """A room that a feed has filled with one item."""
    name = f"rss.matrix-{secrets.token_hex(4)}"
    with site(stack.here, {}) as made:
        made.pages[PATH] = _feed(name)
        assert stack.agora("feed", "add", made.url(PATH), "--room", name, "--read", "everyone").returncode == 0
        wait_until(stack, name, "n")
        with newsreader(stack) as news:
            eventually(lambda: news.say(f"GROUP {name}", "211").startswith("211 1 1 1 "), "the item is an article")
        yield name


def _feed(text: str) -> Page:
    item = f"<item><title>Beans</title><guid>https://beans.example/{text}</guid><description>{_text(9)}</description>"
    document = f"<rss version='2.0'><channel><title>{text}</title>{item}</item></channel></rss>"
    return Page(document.encode(), "application/rss+xml")


def _text(number: int) -> str:
    return f"{TEXT.decode()}{number}-{secrets.token_hex(4)}"


@pytest.mark.local_only  # `agora news get` writes a file here
def test_what_is_posted_by_any_door_is_the_same_behind_all_of_them(
    stack: Stack, member: Member, room: str, fed: str, tmp_path: Path
) -> None:
    """The same octets, the same Message-ID, the same number."""
    texts = {door: _text(number) for number, door in enumerate(POST, 1)}
    for door, text in texts.items():
        POST[door](member, room, text)
    for name, count in ((room, len(POST)), (fed, 1)):
        by_door = {door: read(member, name, tmp_path) for door, read in READ.items()}
        first = by_door["NNTP"]
        assert list(first) == list(range(1, count + 1))
        assert {door: articles == first for door, articles in by_door.items()} == dict.fromkeys(READ, True)
        assert len({identifier_of(octets) for octets in first.values()}) == count
    for number, (door, text) in enumerate(texts.items(), 1):
        octets = by_number(stack, room, number)
        assert octets.endswith(f"\r\n\r\n{text}\r\n".encode()), door
        if f"<{text}@example.org>".encode() in octets:
            assert identifier_of(octets) == f"<{text}@example.org>".encode()


def by_number(stack: Stack, room: str, number: int) -> bytes:
    with newsreader(stack) as news:
        news.say(f"GROUP {room}", "211")
        return news.article(number)


@pytest.fixture
def filled(stack: Stack, room: str) -> str:
    """A room with three articles that a stranger has read, which marks nothing."""
    with newsreader(stack) as news:
        for number in (1, 2, 3):
            news.post(article(room, _text(number)))
        news.say(f"GROUP {room}", "211 3 1 3 ")
        news.article(3)
    return room


def are_everywhere(member: Member, room: str, marks: Marks) -> None:
    for door, read in MARKS.items():
        eventually(lambda read=read: read(member, room) == marks, f"{door} has {marks}")  # type: ignore[misc]


@pytest.mark.parametrize("door", MARK)
def test_marks_that_are_set_behind_one_door_are_seen_behind_all_others(
    stack: Stack, member: Member, filled: str, door: str
) -> None:
    MARK[door](member, filled, 2, "seen", True)
    MARK[door](member, filled, 3, "flagged", True)
    are_everywhere(member, filled, Marks(frozenset({2}), frozenset({3})))
    MARK[door](member, filled, 2, "seen", False)
    MARK[door](member, filled, 3, "flagged", False)
    are_everywhere(member, filled, Marks())
    other = stack.new_member()
    assert {name: read(other, filled) for name, read in MARKS.items()} == dict.fromkeys(MARKS, Marks())


def test_nntp_marks_what_a_member_reads_and_nothing_else(member: Member, filled: str) -> None:
    for number, command in ((1, "ARTICLE"), (2, "BODY"), (3, "HEAD"), (3, "STAT")):
        read_signed_in(member, filled, number, command)
    are_everywhere(member, filled, Marks(frozenset({1, 2})))
