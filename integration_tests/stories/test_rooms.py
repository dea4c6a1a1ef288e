"""A room is a newsgroup and a mailbox: what is posted behind one door is read behind the other."""

from __future__ import annotations

from email.utils import parseaddr

from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.idle import idling
from integration_tests.stories.newsreader import newsreader
from integration_tests.stories.open_room import article, octets, wait_until


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
