"""Rooms that are not for everybody, as strangers, guests and members see them."""

from __future__ import annotations

import pytest

from services.news_gateway.nntp.command_table import COMMANDS
from services.news_gateway.nntp.doors import LIMITS
from services.news_gateway.nntp.session import NntpSession
from services.news_gateway.nntp.tests.conftest import News, an_article
from shared.conversation.factory import ConversationFactory
from shared.rooms.room import Posters, Readers
from shared.testing.player import play
from shared.testing.reactor import running_reactor
from shared.testing.serving import serving
from shared.testing.transcript import parse

READING = (
    "GROUP local.members", "LISTGROUP local.members", "LISTGROUP", "ARTICLE 1", "ARTICLE <6@example.test>", "HEAD",
    "BODY", "STAT", "NEXT", "LAST", "OVER 1-", "XOVER 1-", "HDR Subject 1-", "XHDR Subject 1-", "XPAT Subject 1- *",
    "LIST", "LIST ACTIVE", "LIST NEWSGROUPS", "LIST COUNTS", "LIST ACTIVE.TIMES", "LIST SUBSCRIPTIONS",
    "LIST MODERATORS", "NEWGROUPS 20200101 000000", "NEWNEWS * 20200101 000000", "GROUP local.nothing",
)  # fmt: skip
GREETING = "S: 200 Agora NNTP ready, posting allowed\n"


def signed_in(name: str) -> str:
    return f"{GREETING}C: AUTHINFO USER {name}\nS~ 381 *\nC: AUTHINFO PASS correct horse\nS~ 281 *\n"


def say(news: News, told: str) -> None:
    play(parse(told), "127.0.0.1", news.port)


@pytest.mark.parametrize("command", READING)
def test_with_no_public_room_every_reading_command_asks_to_sign_in(empty: News, command: str) -> None:
    empty.make("local.members", reading=Readers.MEMBERS, posting=Posters.MEMBERS)
    empty.put(an_article(6), rooms=("local.members",))
    say(empty, f"{GREETING}C: {command}\nS: 480 sign in first\n")


def test_there_may_be_no_room_at_all(empty: News) -> None:
    say(empty, f"{GREETING}C: LIST\nS: 480 sign in first\nC: POST\nS~ 440 *\n")
    say(empty, f"{signed_in('alice')}C: LIST\nS~ 215 *\nS: .\nC: GROUP x\nS: 411 no such group\nC: POST\nS~ 440 *\n")


def test_where_nothing_may_be_posted_to_it_is_said_before_the_article(empty: News) -> None:
    empty.make("local.news", posting=Posters.NOBODY)
    empty.make("local.talk", posting=Posters.MEMBERS)
    say(empty, f"{GREETING}C: POST\nS: 440 posting is not permitted before you sign in\nC: DATE\nS~ 111 *\n")
    say(empty, f"{signed_in('gus')}C: POST\nS: 440 posting is not permitted\nC: MODE READER\nS~ 201 *\n")
    say(empty, f"{signed_in('alice')}C: MODE READER\nS~ 200 *\nC: POST\nS: 340 send the article\nC: .\nS~ 441 *\n")


def test_status_of_a_group_is_that_for_whoever_asks(empty: News) -> None:
    empty.make("local.closed", posting=Posters.NOBODY)
    empty.make("local.held", moderated=True)
    empty.make("local.members", reading=Readers.MEMBERS, posting=Posters.MEMBERS)
    empty.make("local.talk", posting=Posters.MEMBERS)
    empty.make("rss.feed", fed=True)
    lists = {
        "": "closed n, held m, talk n, feed n",
        "gus": "closed n, held m, talk n, feed n",
        "alice": "closed n, held m, members y, talk y, feed n",
        "root": "closed n, held y, members y, talk y, feed n",
    }
    for name, status in lists.items():
        told = signed_in(name) if name else GREETING
        lines = [each.split() for each in status.split(", ")]
        lines = [[("rss." if room == "feed" else "local.") + room, flag] for room, flag in lines]
        expected = "".join(f"S: {room} 0 1 {flag}\n" for room, flag in lines)
        say(empty, f"{told}C: LIST\nS~ 215 *\n{expected}S: .\n")


def test_a_guest_is_told_that_a_group_is_for_members(news: News) -> None:
    say(news, f"{signed_in('gus')}C: GROUP local.members\nS: 502 that group is for members\n")
    say(news, f"{signed_in('gus')}C: ARTICLE <6@example.test>\nS: 502 that group is for members\n")


def test_a_crosspost_tells_strangers_of_no_room_for_members(empty: News) -> None:
    empty.make("local.tea")
    empty.make("local.members", reading=Readers.MEMBERS)
    empty.make("local.more")
    post = an_article(7, group="local.members,local.more,local.tea").decode().replace("\r\n", "\nC: ")
    post = post.replace("C: Path: elsewhere.example!not-for-mail\n", "")
    say(empty, f"{GREETING}C: POST\nS~ 340 *\nC: {post}.\nS~ 240 *\n")
    told, seen = "XHDR Xref", "news.example.test local.more:1 local.tea:1"
    say(empty, f"{GREETING}C: GROUP local.tea\nS~ 211 *\nC: {told} 1\nS~ 221 *\nS: 1 {seen}\nS: .\n"
               f"C: {told} <7@example.test>\nS~ 221 *\nS: <7@example.test> {seen}\nS: .\n"
               "C: OVER <7@example.test>\nS~ 224 *\nS~ *\tXref: news.example.test local.more:1 local.tea:1\nS: .\n"
               "C: XPAT Xref 1- *members*\nS~ 221 *\nS: .\n")  # fmt: skip
    say(empty, f"{signed_in('alice')}C: GROUP local.members\nS~ 211 *\nC: {told} 1\nS~ 221 *\n"
               "S: 1 news.example.test local.members:1 local.more:1 local.tea:1\nS: .\n")  # fmt: skip


def test_a_room_that_is_closed_to_strangers_meanwhile_is_not_read_on(news: News) -> None:
    def close() -> None:
        news.transaction.execute("UPDATE room SET reading = 'members' WHERE name = 'local.tea'")
        news.transaction.commit()
        news.parts.directory._forget()

    told = f"{GREETING}C: GROUP local.tea\nS~ 211 *\nC: STAT 1\nS~ 223 *\nE: it closes\n"
    told += "C: STAT 1\nS: 480 sign in first\nC: OVER 1-\nS: 480 sign in first\n"
    play(parse(told), "127.0.0.1", news.port, events={"it closes": close})


def test_no_password_goes_in_the_clear_from_outside_this_host(news: News) -> None:
    factory = ConversationFactory(
        lambda: NntpSession(news.parts, COMMANDS), name="nntp", clock=running_reactor(), limits=LIMITS,
        trusted_proxies=["127.0.0.1"],
    )  # fmt: skip
    told = f"""C| PROXY TCP4 192.0.2.7 127.0.0.1 40000 119\\r\\n
{GREETING}C: AUTHINFO USER alice
S: 483 say STARTTLS first
C: AUTHINFO PASS correct horse
S: 483 say STARTTLS first
C: AUTHINFO SASL PLAIN AGFsaWNlAGNvcnJlY3QgaG9yc2U=
S: 483 say STARTTLS first
C: CAPABILITIES
S: 101 capabilities
S> POST
S: STARTTLS
S: COMPRESS DEFLATE
S: .
C: STARTTLS
S: 382 begin the TLS handshake
E: the client goes over to TLS
C: AUTHINFO SASL PLAIN AGFsaWNlAGNvcnJlY3QgaG9yc2U=
S: 281 signed in
"""
    with serving(factory) as port:
        play(parse(told), "127.0.0.1", port)


def test_a_post_to_moderators_is_held_and_has_no_number(empty: News) -> None:
    empty.make("local.held", moderated=True)
    article = (
        "C: From: Bob <bob@example.test>\nC: Newsgroups: local.held\nC: Subject: please\n{more}C:\nC: Hello.\nC: .\n"
    )
    held = article.format(more="C: Message-ID: <held@example.test>\n")
    forged = article.format(more="C: Approved: bob@example.test\n")
    told = f"""{GREETING}C: POST
S~ 340 *
{held}S: 240 <held@example.test> is held for the moderators
C: GROUP local.held
S: 211 0 1 0 local.held
C: ARTICLE <held@example.test>
S: 430 no such article
C: POST
S~ 340 *
{held}S: 441 <held@example.test> has come before
C: POST
S~ 340 *
{forged}S: 441 only moderators put Approved into an article
"""
    say(empty, told)
    approved = forged.replace("please", "an announcement")
    told = f"C: POST\nS~ 340 *\n{approved}S~ 240 * is posted\nC: GROUP local.held\nS: 211 1 1 1 local.held\n"
    say(empty, signed_in("root") + told)
