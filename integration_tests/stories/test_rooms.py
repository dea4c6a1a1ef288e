"""A room is a newsgroup and a mailbox: what is posted behind one door is read behind the other."""

from __future__ import annotations

import json
import secrets
import smtplib
from email.utils import parseaddr

import pytest

from integration_tests.stack.member import TIMEOUT_SECONDS, Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.idle import idling
from integration_tests.stories.newsreader import newsreader
from shared.testing.eventually import eventually


@pytest.fixture
def room(stack: Stack) -> str:
    """A room that only this test knows, open to everyone."""
    name = f"local.story-{secrets.token_hex(4)}"
    added = stack.agora("room", "add", name, "--read", "everyone", "--post", "everyone")
    assert added.returncode == 0, added.stderr
    wait_until(stack, name, "y")
    return name


def wait_until(stack: Stack, room: str, flag: str) -> None:
    """Return when the news gateway knows who may post to the room."""
    with newsreader(stack) as news:
        eventually(lambda: news.flag(room) == flag, f"{room} has the flag {flag}")


def article(room: str, subject: str) -> bytes:
    return (
        f"From: A Stranger <stranger@example.org>\r\nNewsgroups: {room}\r\nSubject: {subject}\r\n"
        f"Message-ID: <{secrets.token_hex(8)}@example.org>\r\n\r\nHello.\r\n"
    ).encode()


def octets(member: Member, room: str, number: int) -> bytes:
    """A message of the room by IMAP."""
    with member.imap(f"Rooms/{room}") as session:
        _, found = session.uid("FETCH", str(number), "(BODY.PEEK[])")
        assert isinstance(found[0], tuple)
        return bytes(found[0][1])


def test_posts_by_nntp_are_heard_in_imap_with_the_same_octets_and_number(
    stack: Stack, member: Member, room: str
) -> None:
    with newsreader(stack) as news, idling(member, f"Rooms/{room}") as waiting:
        for number in (1, 2):
            news.post(article(room, f"number {number}"))
            assert waiting.wait_for("EXISTS") == f"* {number} EXISTS"
        waiting.stop()
        assert news.say(f"GROUP {room}", "211") == f"211 2 1 2 {room}"
        for number in (1, 2):
            assert octets(member, room, number) == news.article(number)


def test_message_appended_to_a_room_is_an_article(stack: Stack, member: Member, room: str) -> None:
    with member.imap() as session, newsreader(stack) as news:
        message = f"From: {member.address}\r\nSubject: by IMAP\r\n\r\nHello.\r\n".encode()
        status, answer = session.append(f'"Rooms/{room}"', r"(\Seen)", "", message)
        assert status == "OK"
        assert b"APPENDUID" in answer[0]
        news.say(f"GROUP {room}", "211 1 1 1 ")
        assert news.article(1).endswith(message)
    assert octets(member, room, 1).endswith(message)


def test_what_is_read_in_one_session_is_read_in_the_accounts_others_and_in_nobody_elses(
    stack: Stack, member: Member, room: str
) -> None:
    other = stack.new_member()
    with newsreader(stack) as news:
        news.post(article(room, "to read"))
        news.post(article(room, "not to read"))
    with idling(member, f"Rooms/{room}") as waiting, member.imap(f"Rooms/{room}") as reading:
        reading.fetch("1", "(BODY[TEXT])")
        assert waiting.wait_for("FETCH") == r"* 1 FETCH (UID 1 FLAGS (\Seen))"
    for account, unseen in ((member, [b"2"]), (other, [b"1 2"])):
        with account.imap(f"Rooms/{room}") as session:
            assert session.search(None, "UNSEEN") == ("OK", unseen)


def test_marks_survive_the_end_of_every_program(stack: Stack, member: Member, room: str) -> None:
    with newsreader(stack) as news:
        news.post(article(room, "flagged"))
    with member.imap(f"Rooms/{room}") as session:
        session.store("1", "+FLAGS", r"(\Flagged)")
    stack.kill("mail_access")
    stack.kill("postgres")
    stack.wait_until_ready()
    with member.imap(f"Rooms/{room}") as session:
        assert session.search(None, "FLAGGED") == ("OK", [b"1"])


def test_posts_by_each_door_have_the_same_octets_and_number_behind_the_others(
    stack: Stack, member: Member, room: str
) -> None:
    """By NNTP, by mail from a stranger, by mail from a member, by IMAP's APPEND."""
    address = f"{room}@{stack.domain}"
    posted = [article(room, f"by door {number}") for number in range(4)]
    mailed = [octets.replace(f"Newsgroups: {room}\r\n".encode(), b"") for octets in posted]
    with newsreader(stack) as news, member.imap() as session, member.submission() as submission:
        news.post(posted[0])
        with smtplib.SMTP(*stack.smtp, timeout=TIMEOUT_SECONDS) as relay:
            relay.sendmail("stranger@example.org", [address], mailed[1])
        submission.sendmail(member.address, [address], mailed[2])
        assert session.append(f'"Rooms/{room}"', "", "", mailed[3])[0] == "OK"
        assert news.say(f"GROUP {room}", "211") == f"211 4 1 4 {room}"
        for number, came in enumerate(posted, 1):
            kept = news.article(number)
            assert kept == octets(member, room, number)
            assert came.partition(b"Subject:")[2] in kept
    shown = json.loads(stack.agora("room", "show", room, "--json").stdout)
    assert (shown["first"], shown["last"], shown["articles"]) == (1, 4, 4)


def test_a_cancelled_article_is_gone_behind_every_door_and_comes_back_under_its_number(
    stack: Stack, member: Member, room: str
) -> None:
    with newsreader(stack) as news:
        for number in (1, 2, 3):
            news.post(article(room, f"number {number}"))
        news.say(f"GROUP {room}", "211 3 1 3 ")
        before = news.article(2)
        assert stack.agora("room", "cancel", f"{room}:2").returncode == 0
        news.say("ARTICLE 2", "423")
        news.say(f"GROUP {room}", "211 2 1 3 ")
        with member.imap(f"Rooms/{room}") as session:
            assert session.uid("SEARCH", "ALL") == ("OK", [b"1 3"])
        assert stack.agora("room", "undo", f"{room}:2").returncode == 0
        assert news.article(2) == before
        assert octets(member, room, 2) == before


def test_a_moderator_approves_by_replying_to_the_mail_about_a_held_post(
    stack: Stack, member: Member, room: str
) -> None:
    assert stack.agora("room", "set", room, "--moderated").returncode == 0
    assert stack.agora("room", "members", room, "--add", member.name).returncode == 0
    wait_until(stack, room, "m")
    with newsreader(stack) as news:
        news.post(article(room, "to be approved"))
        news.say(f"GROUP {room}", "211 0 1 0 ")
        with member.imap("INBOX") as session:
            _, found = session.fetch("1", "(BODY.PEEK[HEADER.FIELDS (FROM)])")
            assert isinstance(found[0], tuple)
            approve = parseaddr(found[0][1].decode())[1]
        assert approve.startswith("approve+")
        with member.submission() as submission:
            submission.sendmail(
                member.address, [approve], f"From: {member.address}\r\nSubject: Re: yes\r\n\r\nYes.\r\n"
            )
        news.say(f"GROUP {room}", "211 1 1 1 ")
        assert news.article(1).startswith(f"Approved: {member.name}@".encode())
