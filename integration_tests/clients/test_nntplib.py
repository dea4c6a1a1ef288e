"""Python's nntplib, as 3.11 and 3.12 have it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integration_tests.clients.newsgroup import Newsgroup, new_newsgroup
from integration_tests.stack.member import TIMEOUT_SECONDS, Member
from integration_tests.stack.stack import Stack

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    nntplib: Any = pytest.importorskip("nntplib")

SUBJECTS = ("one", "two", "three")


@pytest.fixture(scope="module")
def group(stack: Stack) -> Newsgroup:
    """With three articles, of which the second and third answer the first."""
    made = new_newsgroup(stack)
    first = made.article(SUBJECTS[0])
    identifier = first.partition(b"Message-ID: ")[2].partition(b"\r\n")[0].decode()
    for article in (first, *(made.article(subject, References=identifier) for subject in SUBJECTS[1:])):
        assert made.post(article).startswith(b"240 ")
    return made


@pytest.fixture
def session(stack: Stack) -> Iterator[Any]:
    """A stranger's."""
    host, port = stack.nntp
    with nntplib.NNTP(host, port, readermode=True, timeout=TIMEOUT_SECONDS) as opened:
        yield opened


def test_what_is_announced(group: Newsgroup, session: Any) -> None:
    assert session.nntp_version == 2
    assert session.nntp_implementation == "Agora"
    assert {"READER", "OVER", "HDR", "POST", "NEWNEWS", "LIST"} <= set(session.getcapabilities())
    assert "posting allowed" in session.getwelcome()


def test_groups_are_listed(session: Any, group: Newsgroup) -> None:
    assert session.list(group.name)[1] == [(group.name, "3", "1", "y")]
    assert group.name in session.descriptions(group.name)[1]
    assert session.description(group.name) == "No description."
    assert session.group(group.name)[1:] == (3, 1, 3, group.name)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert group.name in [found.group for found in session.newgroups(yesterday)[1]]


def test_articles_are_read(session: Any, group: Newsgroup) -> None:
    session.group(group.name)
    stored = group.articles()
    for number, octets in enumerate(stored, 1):
        _, info = session.article(number)
        assert info.number == number
        assert b"".join(line + b"\r\n" for line in info.lines) == octets
        header, body = octets.split(b"\r\n\r\n", 1)
        assert b"\r\n".join(session.head(number)[1].lines) == header
        assert b"".join(line + b"\r\n" for line in session.body(number)[1].lines) == body
        assert session.stat(info.message_id)[2] == info.message_id
    assert session.stat(1)[1] == 1
    assert session.next()[1] == 2
    assert session.last()[1] == 1
    with pytest.raises(nntplib.NNTPTemporaryError, match="422"):
        session.last()
    with pytest.raises(nntplib.NNTPTemporaryError, match="423"):
        session.article(4)
    with pytest.raises(nntplib.NNTPTemporaryError, match="411"):
        session.group("test.nothing")
    assert session.stat()[1] == 1


def test_overviews_and_fields(session: Any, group: Newsgroup) -> None:
    session.group(group.name)
    _, overviews = session.over((1, None))
    assert [(number, fields["subject"]) for number, fields in overviews] == list(enumerate(SUBJECTS, 1))
    stored = group.articles()
    for (number, fields), octets in zip(overviews, stored, strict=True):
        assert int(fields[":bytes"]) == len(octets)
        assert int(fields[":lines"]) == octets.partition(b"\r\n\r\n")[2].count(b"\n")
        assert fields["xref"].endswith(f" {group.name}:{number}")
    first = overviews[0][1]["message-id"]
    assert [fields["references"] for _, fields in overviews] == ["", first, first]
    assert session.xhdr("subject", "1-3")[1] == [(str(number), each) for number, each in enumerate(SUBJECTS, 1)]
    assert session.over(first)[1][0][1]["subject"] == SUBJECTS[0]
    since = datetime.now(UTC) - timedelta(hours=1)
    assert session.newnews(group.name, since)[1] == [fields["message-id"] for _, fields in overviews]
    assert abs(session.date()[1] - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=1)


def test_an_article_is_posted_once(session: Any, stack: Stack) -> None:
    group = new_newsgroup(stack)
    article = group.article("posted")
    assert session.post(article).startswith("240 ")
    with pytest.raises(nntplib.NNTPTemporaryError, match=r"441 <.*@example.org> has come before"):
        session.post(article)
    (stored,) = group.articles()
    assert stored.endswith(article)
    added = stored.removesuffix(article).decode().split("\r\n")
    assert [line.partition(":")[0] for line in added if line and line[0] not in " \t"] == [
        "Path", "Date", "Injection-Date", "Injection-Info",
    ]  # fmt: skip
    assert session.group(group.name)[1:] == (1, 1, 1, group.name)


@pytest.mark.parametrize("tls", ["STARTTLS", "implicit TLS"])
def test_members_sign_in_and_read_what_is_theirs(stack: Stack, member: Member, tls: str) -> None:
    group = new_newsgroup(stack, read="members", post="members")
    context = stack.tls_context()
    if tls == "STARTTLS":
        session = nntplib.NNTP(*stack.nntp, timeout=TIMEOUT_SECONDS)
        assert "STARTTLS" in session.getcapabilities()
        session.starttls(context)
    else:
        session = nntplib.NNTP_SSL(*stack.nntps, ssl_context=context, timeout=TIMEOUT_SECONDS)
    with session:
        assert session.list(group.name)[1] == []
        with pytest.raises(nntplib.NNTPTemporaryError, match="480"):
            session.group(group.name)
        with pytest.raises(nntplib.NNTPTemporaryError, match="481"):
            session.login(member.name, "wrong", usenetrc=False)
        session.login(member.name, member.password, usenetrc=False)
        assert "AUTHINFO" not in session.getcapabilities()
        assert session.list(group.name)[1] == [(group.name, "0", "1", "y")]
        assert session.group(group.name)[1:] == (0, 1, 0, group.name)
        assert session.post(group.article("for members")).startswith("240 ")


def test_a_stranger_may_not_relay(session: Any) -> None:
    with pytest.raises(nntplib.NNTPTemporaryError, match="480"):
        session.ihave("<new@example.org>", b"")
