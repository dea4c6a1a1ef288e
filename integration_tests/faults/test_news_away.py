"""PostgreSQL or Redis away in the middle of POST, and an article of 100 MB: answered, and nothing half stored."""

from __future__ import annotations

import secrets

from integration_tests.clients.newsgroup import Newsgroup, new_newsgroup
from integration_tests.faults.doors import enter
from integration_tests.faults.memory import MIB, grows_by_less_than
from integration_tests.faults.test_store_away import TOLD_WITHIN_SECONDS
from integration_tests.stack.idler import Idler
from integration_tests.stack.stack import Stack
from integration_tests.stack.wire import Wire
from shared.testing.eventually import eventually

LINES = 1_600_000  # of 64 octets: 100 MB


def begin(wire: Wire, article: bytes) -> bytes:
    """The first half of POST; what is left to be sent."""
    assert say(wire, b"POST").startswith(b"340 ")
    half = len(article) // 2
    wire.send(article[:half])
    return article[half:].replace(b"\r\n.", b"\r\n..") + b".\r\n"


def end(wire: Wire, rest: bytes) -> bytes:
    wire.send(rest)
    return wire.line()


def say(wire: Wire, command: bytes) -> bytes:
    wire.send(command + b"\r\n")
    return wire.line()


def an_article(group: Newsgroup) -> tuple[bytes, bytes]:
    """One whose first half has its header and some of its body; and its Message-ID."""
    identifier = f"<{secrets.token_hex(8)}@example.org>".encode()
    head = f"From: Ann <ann@example.org>\r\nNewsgroups: {group.name}\r\nSubject: half\r\n".encode()
    return head + b"Message-ID: " + identifier + b"\r\n\r\n" + b"as long as it is\r\n" * 40, identifier


def test_while_postgresql_is_away_a_post_is_put_off_and_then_taken_once(mortal: Stack) -> None:
    group = new_newsgroup(mortal)
    article, identifier = an_article(group)
    with enter(mortal, "nntp", timeout=TOLD_WITHIN_SECONDS) as wire:
        assert say(wire, b"GROUP " + group.name.encode()).startswith(b"211 0 ")
        rest = begin(wire, article)
        with mortal.without("postgres"):
            assert end(wire, rest).startswith(b"403 ")
            assert say(wire, b"GROUP " + group.name.encode()).startswith(b"403 ")
            assert end(wire, b"DATE\r\n").startswith(b"111 ")
        assert say(wire, b"GROUP " + group.name.encode()).startswith(b"211 0 1 0 ")
        assert end(wire, begin(wire, article)).startswith(b"240 " + identifier)
        assert end(wire, begin(wire, article)).startswith(b"441 " + identifier)
    assert [each.endswith(article) for each in group.articles()] == [True]


def test_while_redis_is_away_a_post_is_taken_and_told_within_the_poll_interval(mortal: Stack) -> None:
    group, member = new_newsgroup(mortal), mortal.new_member()
    article, identifier = an_article(group)
    with enter(mortal, "nntp") as wire, Idler(member, f"Rooms/{group.name}") as idler:
        rest = begin(wire, article)
        with mortal.without("redis"):
            assert end(wire, rest).startswith(b"240 " + identifier)
            idler.seconds_until_arrival()
            assert say(wire, b"GROUP " + group.name.encode()).startswith(b"211 1 1 1 ")
            eventually(lambda: say(wire, b"STAT 1").startswith(b"223 "), "it is read")
    assert [each.endswith(article) for each in group.articles()] == [True]


def test_an_article_of_100_mb_is_read_to_its_end_and_refused(stack: Stack) -> None:
    group = new_newsgroup(stack)
    article, _ = an_article(group)
    piece = b"x" * 62 + b"\r\n"
    with enter(stack, "nntp") as wire, grows_by_less_than(stack, "news_gateway", 60 * MIB):
        assert say(wire, b"POST").startswith(b"340 ")
        wire.send(article)
        for _ in range(LINES // 16_000):
            wire.send(piece * 16_000)
        assert end(wire, b".\r\n").startswith(b"441 the article is too large")
        assert say(wire, b"GROUP " + group.name.encode()).startswith(b"211 0 1 0 ")
