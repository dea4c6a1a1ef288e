"""The matrix of a room's doors: what is posted by any of them, and what a moderator cancels by any of them."""

from __future__ import annotations

import json
import re
import secrets
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from integration_tests.proxy.site import Page, Site, site
from integration_tests.stack.member import TIMEOUT_SECONDS, Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.newsreader import newsreader
from integration_tests.stories.test_rooms import article, octets, wait_until
from integration_tests.test_news_command import fetched
from shared.testing.eventually import eventually

IDENTIFIER = re.compile(rb"^Message-ID: (<[^>]+>)\r$", re.MULTILINE | re.IGNORECASE)
PATH = "/matrix.xml"


@pytest.fixture
def room(stack: Stack) -> str:
    """A room that only this test knows, open to everyone."""
    name = f"local.matrix-{secrets.token_hex(4)}"
    added = stack.agora("room", "add", name, "--read", "everyone", "--post", "everyone")
    assert added.returncode == 0, added.stderr
    wait_until(stack, name, "y")
    return name


@pytest.fixture
def feeds(stack: Stack) -> Iterator[Site]:
    with site(stack.here, {}) as made:
        yield made


def by_command_line(stack: Stack, room: str, file: Path) -> list[bytes]:
    """All articles of the room, by `agora news get`."""
    done = stack.agora("news", "get", room, str(file))
    assert done.returncode == 0, done.stderr
    return fetched(file)


def identifier_of(message: bytes) -> bytes:
    found = IDENTIFIER.search(message)
    assert found is not None
    return found[1]


def posts_by_every_door(stack: Stack, member: Member, room: str) -> list[bytes]:
    """By NNTP, by a stranger's and a member's mail, by APPEND, at the command line: what was posted, in order."""
    address = f"{room}@{stack.domain}"
    posted = [article(room, f"by door {number}") for number in range(5)]
    mailed = [each.replace(f"Newsgroups: {room}\r\n".encode(), b"") for each in posted]
    with newsreader(stack) as news, member.imap() as session, member.submission() as submission:
        news.post(posted[0])
        with smtplib.SMTP(*stack.smtp, timeout=TIMEOUT_SECONDS) as relay:
            relay.sendmail("stranger@example.org", [address], mailed[1])
        submission.sendmail(member.address, [address], mailed[2])
        assert session.append(f'"Rooms/{room}"', "", "", mailed[3])[0] == "OK"
    done = stack.agora("news", "post", room, input=mailed[4].decode().replace("\r\n", "\n"))
    assert done.returncode == 0, done.stderr
    return posted


@pytest.mark.local_only  # `agora news get` writes a file here
def test_what_is_posted_by_any_door_is_the_same_behind_all_of_them(
    stack: Stack, member: Member, room: str, feeds: Site, tmp_path: Path
) -> None:
    posted = posts_by_every_door(stack, member, room)
    fed = f"rss.matrix-{secrets.token_hex(4)}"
    item = "<item><title>Beans</title><guid>https://beans.example/1</guid></item>"
    feeds.pages[PATH] = Page(
        f"<rss version='2.0'><channel><title>{fed}</title>{item}</channel></rss>".encode(), "application/rss+xml"
    )
    assert stack.agora("feed", "add", feeds.url(PATH), "--room", fed, "--read", "everyone").returncode == 0
    wait_until(stack, fed, "n")
    with newsreader(stack) as news:
        eventually(lambda: news.say(f"GROUP {fed}", "211").startswith("211 1 1 1 "), "the item is an article")
        for name, count in ((room, len(posted)), (fed, 1)):
            assert news.say(f"GROUP {name}", "211") == f"211 {count} 1 {count} {name}"
            by_file = by_command_line(stack, name, tmp_path / name)
            assert len(by_file) == count
            for number in range(1, count + 1):
                by_news = news.article(number)
                assert by_news == octets(member, name, number) == by_file[number - 1]
                identifier = identifier_of(by_news).decode()
                assert news.say(f"STAT {number}", "223").split()[:3] == ["223", str(number), identifier]
        news.say(f"GROUP {room}", "211")
        for number, came in enumerate(posted, 1):
            assert identifier_of(news.article(number)) == identifier_of(came)


def test_marks_that_are_set_behind_one_door_are_seen_behind_the_other(stack: Stack, member: Member, room: str) -> None:
    """NNTP sets marks by reading, signed in; IMAP sets and shows them."""
    with newsreader(stack) as news:
        for number in (1, 2, 3):
            news.post(article(room, f"number {number}"))
        news.say(f"GROUP {room}", "211 3 1 3 ")
        news.article(3)  # a stranger's reading marks nothing
    with member.imap(f"Rooms/{room}") as session:
        session.store("2", "+FLAGS", r"(\Seen \Flagged)")
        read_signed_in(stack, member, room, 1)

        def unseen() -> bool:
            session.noop()
            return bool(session.search(None, "UNSEEN") == ("OK", [b"3"]))

        eventually(unseen, "1 is read by NNTP, 2 by IMAP, and 3 by nobody")
        assert session.search(None, "FLAGGED") == ("OK", [b"2"])


def read_signed_in(stack: Stack, member: Member, room: str, number: int) -> None:
    """ARTICLE over TLS."""
    host, port = stack.nntps
    context: ssl.SSLContext = stack.tls_context()
    with (
        socket.create_connection((host, port), TIMEOUT_SECONDS) as connection,
        context.wrap_socket(connection, server_hostname=host) as secured,
        secured.makefile("rwb") as file,
    ):
        file.readline()
        for command in (
            f"AUTHINFO USER {member.name}", f"AUTHINFO PASS {member.password}", f"GROUP {room}", f"ARTICLE {number}",
        ):  # fmt: skip
            file.write(f"{command}\r\n".encode())
            file.flush()
            reply = file.readline()
            assert reply[:1] in b"23", reply
        while file.readline() != b".\r\n":
            pass
        file.write(b"QUIT\r\n")
        file.flush()
        file.readline()


def cancel_by_news(stack: Stack, moderator: Member, room: str, number: int, identifier: str) -> None:
    host, port = stack.nntps
    context: ssl.SSLContext = stack.tls_context()
    with (
        socket.create_connection((host, port), TIMEOUT_SECONDS) as connection,
        context.wrap_socket(connection, server_hostname=host) as secured,
        secured.makefile("rwb") as file,
    ):
        file.readline()
        for command in (f"AUTHINFO USER {moderator.name}", f"AUTHINFO PASS {moderator.password}", "POST"):
            file.write(f"{command}\r\n".encode())
            file.flush()
            reply = file.readline()
            assert reply[:1] in b"23", reply
        file.write(control(moderator, room, identifier) + b".\r\n")
        file.flush()
        reply = file.readline()
        assert reply.startswith(b"240 "), reply


def cancel_by_imap(stack: Stack, moderator: Member, room: str, number: int, identifier: str) -> None:
    with moderator.imap(f"Rooms/{room}") as session:
        eventually(lambda: b"e" in session.myrights(f"Rooms/{room}")[1][0].split()[-1], "IMAP knows the moderator")
        session.uid("STORE", str(number), "+FLAGS", r"(\Deleted)")
        assert session.expunge()[0] == "OK"


def cancel_by_mail(stack: Stack, moderator: Member, room: str, number: int, identifier: str) -> None:
    with moderator.submission() as submission:
        submission.sendmail(moderator.address, [f"{room}@{stack.domain}"], control(moderator, room, identifier))


def cancel_at_command_line(stack: Stack, moderator: Member, room: str, number: int, identifier: str) -> None:
    assert stack.agora("room", "cancel", f"{room}:{number}").returncode == 0


def control(moderator: Member, room: str, identifier: str) -> bytes:
    return (
        f"From: {moderator.address}\r\nNewsgroups: {room}\r\nSubject: cmsg cancel {identifier}\r\n"
        f"Control: cancel {identifier}\r\n\r\nNot here.\r\n"
    ).encode()


Cancel = Callable[[Stack, Member, str, int, str], None]


@pytest.mark.parametrize("cancel", [cancel_by_news, cancel_by_imap, cancel_by_mail, cancel_at_command_line])
def test_a_moderator_cancels_by_each_door_and_the_article_comes_back_under_its_number(
    stack: Stack, member: Member, room: str, cancel: Cancel
) -> None:
    assert stack.agora("room", "members", room, "--add", member.name).returncode == 0
    reader = stack.new_member()
    with newsreader(stack) as news:
        for number in (1, 2, 3):
            news.post(article(room, f"number {number}"))
        news.say(f"GROUP {room}", "211 3 1 3 ")
        before = news.article(2)
        with reader.imap(f"Rooms/{room}") as waiting:
            cancel(stack, member, room, 2, identifier_of(before).decode())
            eventually(lambda: news.say("STAT 2", "").startswith("423"), "the news door has heard of it")
            news.say("ARTICLE 2", "423")
            news.say(f"GROUP {room}", "211 2 1 3 ")

            def is_gone() -> bool:
                waiting.noop()
                found: Any = waiting.uid("SEARCH", "ALL")
                return bool(found == ("OK", [b"1 3"]))

            eventually(is_gone, "the change log tells a session that had it")
            assert stack.agora("room", "undo", f"{room}:2").returncode == 0
            assert news.article(2) == before
            assert octets(reader, room, 2) == before
    shown = json.loads(stack.agora("room", "show", room, "--json").stdout)
    assert (shown["first"], shown["last"], shown["articles"]) == (1, 3, 3)
