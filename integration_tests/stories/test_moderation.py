"""Posts to a moderated room are held whatever door they came by, and decided about once, by any door that may."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from email import message_from_bytes
from email.message import Message

import pytest

from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.matrix_doors import POST
from integration_tests.stories.newsreader import newsreader
from integration_tests.stories.open_room import wait_until
from integration_tests.stories.web_client import browser, rest
from shared.testing.eventually import eventually

REASON = "Not here. Try the other room."
HELD = "/rooms/~held"


def post_by_web_form(member: Member, room: str, text: str) -> None:
    with browser(member) as site:
        sent = site.send(f"/rooms/{room}/new", {"subject": text, "text": text})
        assert (sent.status, sent.location) == (303, f"/rooms/{room}?held")


def post_by_rest(member: Member, room: str, text: str) -> None:
    posted = rest(member, "POST", f"/rooms/{room}/messages", {"subject": text, "text": text})
    assert (posted["held"], posted["number"]) == (True, None)


POST_TO_BE_HELD = {**POST, "web form": post_by_web_form, "REST": post_by_rest}


def by_mail(moderator: Member, token: str, verb: str) -> None:
    text = "Yes." if verb == "approve" else REASON
    with moderator.submission() as session:
        address = f"{verb}+{token}@{moderator.stack.domain}"
        session.sendmail(moderator.address, [address], f"From: {moderator.address}\r\nSubject: Re: x\r\n\r\n{text}\r\n")


def by_web(moderator: Member, token: str, verb: str) -> None:
    with browser(moderator) as site:
        sent = site.send(f"{HELD}/{token}", {"decision": verb, "reason": REASON})
        assert (sent.status, sent.location) == (303, f"{HELD}?done={'approved' if verb == 'approve' else 'rejected'}")


def at_command_line(moderator: Member, token: str, verb: str) -> None:
    reason = ["--reason", REASON] if verb == "reject" else []
    done = moderator.stack.agora("room", verb, token, *reason)
    assert done.returncode == 0, done.stderr


DECIDE: Mapping[str, Callable[[Member, str, str], None]] = {
    "mail": by_mail,
    "web": by_web,
    "command line": at_command_line,
}


@pytest.fixture
def moderated(stack: Stack, member: Member, room: str) -> str:
    """A room whose posts wait for `member`."""
    assert stack.agora("room", "set", room, "--moderated").returncode == 0
    assert stack.agora("room", "members", room, "--add", member.name).returncode == 0
    wait_until(stack, room, "m")
    return room


def held(stack: Stack, room: str) -> dict[str, str]:
    """Tokens by subject."""
    told = json.loads(stack.agora("room", "held", "--json").stdout)
    return {line["subject"]: line["token"] for line in told if room in line["rooms"]}


def inbox(member: Member) -> list[Message]:
    with member.imap("INBOX") as session:
        _, found = session.fetch("1:*", "(BODY.PEEK[])")
    return [message_from_bytes(part[1]) for part in found if isinstance(part, tuple)]


@pytest.mark.parametrize("door", DECIDE)
def test_posts_by_every_door_are_held_and_decided_about_once(
    stack: Stack, member: Member, moderated: str, door: str
) -> None:
    author = stack.new_member()
    with browser(member) as site:  # the web has heard of the moderator, too
        eventually(lambda: site.ask("GET", HELD).status == 200, "the list of what waits")
    doors = {name: post for name, post in POST_TO_BE_HELD.items() if stack.kind == "local" or name != "command line"}
    texts = {name: f"{name.replace(' ', '-')}-{secrets.token_hex(4)}" for name in doors}
    for name, post in doors.items():
        post(author, moderated, texts[name])
    waiting = held(stack, moderated)
    assert list(waiting) == list(texts.values())
    attached = [part["Subject"] for mail in inbox(member) for part in mail.walk() if part["Newsgroups"] is not None]
    assert attached == list(waiting)
    with newsreader(stack) as news:
        assert news.say(f"GROUP {moderated}", "211") == f"211 0 1 0 {moderated}"
        rejected = waiting.pop(texts["submission"])
        for token in waiting.values():
            DECIDE[door](member, token, "approve")
        DECIDE[door](member, rejected, "reject")
        count = len(waiting)
        assert news.say(f"GROUP {moderated}", "211") == f"211 {count} 1 {count} {moderated}"
        for number, subject in enumerate(waiting, 1):
            octets = news.article(number)
            assert octets.startswith(b"Approved: ")
            assert octets.endswith(f"\r\n\r\n{subject}\r\n".encode())
    (told,) = inbox(author)
    assert REASON in told.get_payload()
    for token in (rejected, *list(waiting.values())[:1]):
        assert stack.agora("room", "approve", token).returncode == 1
    assert held(stack, moderated) == {}
