"""Newsgroups after everything was killed: the articles are there, under the numbers that they had, the first is 1."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from integration_tests.stack.stack import Stack
from integration_tests.stories.newsreader import newsreader

GROUPS = ("local.programming", "local.programming.python", "local.knitting")
FIRST = (
    b"From: Ann <ann@example.org>\r\nNewsgroups: local.programming\r\nSubject: Generators\r\n"
    b"Message-ID: <first.r1@example.org>\r\n\r\nWhat are they for?\r\n"
)
REPLY = (
    b"From: Bob <bob@example.org>\r\nNewsgroups: local.programming\r\nSubject: Re: Generators\r\n"
    b"Message-ID: <reply.r1@example.org>\r\nReferences: <first.r1@example.org>\r\n\r\nFor files that are too large.\r\n"
)


@pytest.mark.local_only
def test_articles_of_strangers_keep_their_numbers_when_everything_is_killed(
    mortal: Stack, revive: Callable[[], None]
) -> None:
    for group in GROUPS:
        done = mortal.agora("room", "add", group, "--read", "everyone", "--post", "everyone")
        assert done.returncode == 0, done.stderr
    with newsreader(mortal) as ann, newsreader(mortal) as bob:
        assert [reader.flag(group) for reader in (ann, bob) for group in GROUPS] == ["y"] * 6
        ann.post(FIRST)
        assert bob.say("GROUP local.programming", "211") == "211 1 1 1 local.programming"
        stored = bob.article(1)
        today = datetime.now(UTC).strftime("%b %Y")
        added = stored.removesuffix(FIRST).decode().replace("\r\n\t", " ").split("\r\n")[:-1]
        assert [line.partition(": ")[0] for line in added] == ["Path", "Date", "Injection-Date", "Injection-Info"]
        assert today in added[1]
        assert bob.offer(FIRST).startswith("441 <first.r1@example.org> ")
        bob.post(REPLY)
        before = _everything(mortal)
    revive()
    mortal.wait_until_ready()
    assert _everything(mortal) == before
    overview = before[1].split(b"\r\n")
    assert [line.split(b"\t")[0] for line in overview[:2]] == [b"1", b"2"]
    assert overview[1].split(b"\t")[5] == b"<first.r1@example.org>"


def _everything(stack: Stack) -> tuple[str, bytes, bytes, bytes]:
    """What GROUP, OVER and ARTICLE say."""
    with newsreader(stack) as reader:
        status = reader.say("GROUP local.programming", "211")
        reader.say("OVER 1-", "224")
        return status, reader.block(), reader.article(1), reader.article(2)
