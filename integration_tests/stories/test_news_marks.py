"""What a member reads by NNTP is read behind IMAP, too, unless the account does not want that."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from integration_tests.clients.newsgroup import Newsgroup, new_newsgroup
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.newsreader import Newsreader, newsreader
from shared.testing.eventually import eventually


@pytest.fixture
def group(stack: Stack) -> Newsgroup:
    """With four articles."""
    made = new_newsgroup(stack)
    for _ in range(4):
        assert made.post(made.article(secrets.token_hex(4))).startswith(b"240 ")
    return made


@pytest.fixture
def reader(stack: Stack, group: Newsgroup) -> Iterator[Newsreader]:
    if stack.kind != "local":
        pytest.skip("outside this host nobody signs in without TLS")
    with newsreader(stack) as opened:
        yield opened


def read(reader: Newsreader, member: Member, group: Newsgroup) -> None:
    """Two of them; of the others the header, and whether they are there."""
    reader.say(f"AUTHINFO USER {member.name}", "381")
    reader.say(f"AUTHINFO PASS {member.password}", "281")
    reader.say(f"GROUP {group.name}", "211 4 1 4 ")
    reader.article(2)
    reader.say("HEAD 3", "221")
    reader.block()
    reader.say("STAT 1", "223")
    reader.say("OVER 1-", "224")
    reader.block()
    reader.say("BODY 4", "222")
    reader.block()


def seen(member: Member, group: Newsgroup) -> list[bytes]:
    with member.imap(f"Rooms/{group.name}") as session:
        numbers: list[bytes] = session.uid("SEARCH", "SEEN")[1][0].split()
        return numbers


def test_articles_read_by_nntp_are_seen_in_imap(
    stack: Stack, member: Member, group: Newsgroup, reader: Newsreader
) -> None:
    read(reader, member, group)
    eventually(lambda: seen(member, group) == [b"2", b"4"], "what was read is seen")
    assert seen(stack.new_member(), group) == []


def test_an_account_may_keep_its_marks_to_itself(
    stack: Stack, member: Member, group: Newsgroup, reader: Newsreader
) -> None:
    done = stack.agora("user", "set", member.name, "--news-marks", "off")
    assert done.returncode == 0, done.stderr
    read(reader, member, group)
    other = stack.new_member()
    with newsreader(stack) as others:
        read(others, other, group)
    eventually(lambda: seen(other, group) == [b"2", b"4"], "the other's are marked")
    assert seen(member, group) == []
