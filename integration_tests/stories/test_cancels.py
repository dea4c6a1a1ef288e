"""A moderator cancels an article by any door: it is gone behind all of them, and can come back under its number."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stories.matrix_doors import identifier_of
from integration_tests.stories.newsreader import Newsreader, newsreader, signed_in
from integration_tests.stories.open_room import article, octets
from integration_tests.stories.web_client import browser, rest_status
from shared.testing.eventually import eventually


def cancel_by_news(moderator: Member, room: str, number: int, identifier: str) -> None:
    with signed_in(moderator) as news:
        news.post(control(moderator, room, identifier))


def cancel_by_imap(moderator: Member, room: str, number: int, identifier: str) -> None:
    with moderator.imap(f"Rooms/{room}") as session:
        eventually(lambda: b"e" in session.myrights(f"Rooms/{room}")[1][0].split()[-1], "IMAP knows the moderator")
        session.uid("STORE", str(number), "+FLAGS", r"(\Deleted)")
        assert session.expunge()[0] == "OK"


def cancel_by_mail(moderator: Member, room: str, number: int, identifier: str) -> None:
    with moderator.submission() as submission:
        address = f"{room}@{moderator.stack.domain}"
        submission.sendmail(moderator.address, [address], control(moderator, room, identifier))


def cancel_by_web(moderator: Member, room: str, number: int, identifier: str) -> None:
    page = f"/rooms/{room}/{number}"
    with browser(moderator) as site:
        sent = site.send(page, {}, f"{page}/cancel")
        assert (sent.status, sent.location) == (303, f"/rooms/{room}?cancelled={number}")


def cancel_at_command_line(moderator: Member, room: str, number: int, identifier: str) -> None:
    assert moderator.stack.agora("room", "cancel", f"{room}:{number}").returncode == 0


def control(moderator: Member, room: str, identifier: str) -> bytes:
    return (
        f"From: {moderator.address}\r\nNewsgroups: {room}\r\nSubject: cmsg cancel {identifier}\r\n"
        f"Control: cancel {identifier}\r\n\r\nNot here.\r\n"
    ).encode()


def undo_at_command_line(moderator: Member, room: str, number: int) -> None:
    assert moderator.stack.agora("room", "undo", f"{room}:{number}").returncode == 0


def undo_by_web(moderator: Member, room: str, number: int) -> None:
    with browser(moderator) as site:
        sent = site.send(f"/rooms/{room}?cancelled={number}", {}, f"/rooms/{room}/{number}/undo")
        assert (sent.status, sent.location) == (303, f"/rooms/{room}/threads/{number}#m{number}")


CANCEL: Mapping[str, Callable[[Member, str, int, str], None]] = {
    "NNTP": cancel_by_news,
    "IMAP": cancel_by_imap,
    "SMTP": cancel_by_mail,
    "web": cancel_by_web,
    "command line": cancel_at_command_line,
}
UNDO: Mapping[str, Callable[[Member, str, int], None]] = {"web": undo_by_web}  # others have none: the command line


def is_gone_everywhere(reader: Member, news: Newsreader, room: str, number: int, identifier: str) -> None:
    eventually(lambda: news.say(f"STAT {number}", "").startswith("423"), "the news door has heard of it")
    news.say(f"ARTICLE {number}", "423")
    news.say(f"ARTICLE {identifier}", "430")
    path = f"/rooms/{room}/messages/{number}/raw"
    eventually(lambda: rest_status(reader, path) == 404, "REST has it no more")
    with browser(reader) as site:
        for page in (f"/rooms/{room}/{number}", f"/rooms/{room}/{number}/raw"):
            assert site.ask("GET", page).status == 404, page
        assert f"/threads/{number}" not in site.get(f"/rooms/{room}").text


@pytest.mark.parametrize("door", CANCEL)
def test_a_moderator_cancels_by_each_door_and_the_article_comes_back_under_its_number(
    stack: Stack, member: Member, room: str, door: str
) -> None:
    assert stack.agora("room", "members", room, "--add", member.name).returncode == 0
    reader = stack.new_member()
    with newsreader(stack) as news:
        for number in (1, 2, 3):
            news.post(article(room, f"number {number}"))
        news.say(f"GROUP {room}", "211 3 1 3 ")
        before = news.article(2)
        identifier = identifier_of(before).decode()
        with reader.imap(f"Rooms/{room}") as waiting:
            CANCEL[door](member, room, 2, identifier)

            def has(numbers: bytes) -> bool:
                waiting.noop()
                found: Any = waiting.uid("SEARCH", "ALL")
                return bool(found == ("OK", [numbers]))

            is_gone_everywhere(reader, news, room, 2, identifier)
            news.say(f"GROUP {room}", "211 2 1 3 ")
            eventually(lambda: has(b"1 3"), "the change log tells a session that had it")
            UNDO.get(door, undo_at_command_line)(member, room, 2)
            eventually(lambda: news.say("STAT 2", "").startswith("223"), "it is back")
            assert news.article(2) == before
            assert octets(reader, room, 2) == before
            with browser(reader) as site:
                assert site.get(f"/rooms/{room}/2/raw").octets == before
    shown = json.loads(stack.agora("room", "show", room, "--json").stdout)
    assert (shown["first"], shown["last"], shown["articles"]) == (1, 3, 3)
