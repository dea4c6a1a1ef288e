"""The doors of a room as a member has them: how each posts, reads, and marks."""

from __future__ import annotations

import json
import re
import smtplib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from integration_tests.stack.member import TIMEOUT_SECONDS, Member
from integration_tests.stories.newsreader import newsreader, signed_in
from integration_tests.stories.web_client import browser, rest
from integration_tests.test_news_command import fetched

_IDENTIFIER = re.compile(rb"^Message-ID: (<[^>]+>)\r$", re.MULTILINE | re.IGNORECASE)


def identifier_of(message: bytes) -> bytes:
    """Its Message-ID."""
    found = _IDENTIFIER.search(message)
    assert found is not None, message
    return found[1]


TEXT = b"matrix-"  # how the text of each article of these tests begins


# Posting: `text` is one line that is in the article then.


def an_article(sender: str, text: str) -> bytes:
    return f"From: {sender}\r\nSubject: {text}\r\nMessage-ID: <{text}@example.org>\r\n\r\n{text}\r\n".encode()


def post_by_nntp(member: Member, room: str, text: str) -> None:
    with newsreader(member.stack) as news:
        news.post(f"Newsgroups: {room}\r\n".encode() + an_article("stranger@example.org", text))


def post_by_mail(member: Member, room: str, text: str) -> None:
    with smtplib.SMTP(*member.stack.smtp, timeout=TIMEOUT_SECONDS) as relay:
        recipient = f"{room}@{member.stack.domain}"
        relay.sendmail("stranger@example.org", [recipient], an_article("stranger@example.org", text))


def post_by_submission(member: Member, room: str, text: str) -> None:
    with member.submission() as session:
        session.sendmail(member.address, [f"{room}@{member.stack.domain}"], an_article(member.address, text))


def post_by_append(member: Member, room: str, text: str) -> None:
    with member.imap() as session:
        status, answer = session.append(f'"Rooms/{room}"', "", "", an_article(member.address, text))
        assert status == "OK", answer


def post_by_command_line(member: Member, room: str, text: str) -> None:
    article = an_article("stranger@example.org", text).decode().replace("\r\n", "\n")
    done = member.stack.agora("news", "post", room, input=article)
    assert done.returncode == 0, done.stderr


def post_by_web_form(member: Member, room: str, text: str) -> None:
    with browser(member) as site:
        sent = site.send(f"/rooms/{room}/new", {"subject": text, "text": text})
        assert (sent.status, sent.location.partition("#")[0].rpartition("/")[0]) == (303, f"/rooms/{room}/threads")


def post_by_rest(member: Member, room: str, text: str) -> None:
    posted = rest(member, "POST", f"/rooms/{room}/messages", {"subject": text, "text": text})
    assert not posted["held"]


POST: Mapping[str, Callable[[Member, str, str], None]] = {
    "NNTP": post_by_nntp,
    "SMTP": post_by_mail,
    "submission": post_by_submission,
    "IMAP": post_by_append,
    "command line": post_by_command_line,
    "web form": post_by_web_form,
    "REST": post_by_rest,
}


# Reading: all articles of a room by number, their octets as the door gives them.

Articles = Mapping[int, bytes]


def read_by_nntp(member: Member, room: str, folder: Path) -> Articles:
    with newsreader(member.stack) as news:
        _, count, low, high, _ = news.say(f"GROUP {room}", "211").split()
        assert (int(low), int(high)) == (1, int(count))
        found = {number: news.article(number) for number in range(1, int(high) + 1)}
        for number, octets in found.items():
            told = f"{number} {identifier_of(octets).decode()}"
            assert news.say(f"STAT {number}", "223") == f"223 {told}"
        return found


def read_by_imap(member: Member, room: str, folder: Path) -> Articles:
    with member.imap(f"Rooms/{room}") as session:
        _, parts = session.uid("FETCH", "1:*", "(BODY.PEEK[])")
    found = [part for part in parts if isinstance(part, tuple)]
    return {int(told.partition(b"UID ")[2].split()[0]): octets for told, octets in found}


def read_by_command_line(member: Member, room: str, folder: Path) -> Articles:
    file = folder / room
    done = member.stack.agora("news", "get", room, str(file))
    assert done.returncode == 0, done.stderr
    return dict(enumerate(fetched(file), 1))


def read_by_web(member: Member, room: str, folder: Path) -> Articles:
    found: dict[int, bytes] = {}
    with browser(member) as site:
        threads = site.get(f"/rooms/{room}").text
        for number in map(int, re.findall(rf'href="/rooms/{re.escape(room)}/threads/(\d+)"', threads)):
            octets = found[number] = site.get(f"/rooms/{room}/{number}/raw").octets
            assert site.get(f"/rooms/{room}/{number}/eml").octets == octets
            page = site.get(f"/rooms/{room}/{number}", only_looks_ahead=True).text
            assert f'id="m{number}"' in page
            for line in octets.partition(b"\r\n\r\n")[2].split(b"\r\n"):
                assert not line.startswith(TEXT) or line.decode() in page
    return dict(sorted(found.items()))


def read_by_rest(member: Member, room: str, folder: Path) -> Articles:
    found: dict[int, bytes] = {}
    for line in rest(member, "GET", f"/rooms/{room}/messages")["messages"]:
        found[line["number"]] = octets = rest(member, "GET", f"/rooms/{room}/messages/{line['number']}/raw")
        assert (line["message_id"], line["size_octets"]) == (identifier_of(octets).decode(), len(octets))
    return found


READ: Mapping[str, Callable[[Member, str, Path], Articles]] = {
    "NNTP": read_by_nntp,
    "IMAP": read_by_imap,
    "command line": read_by_command_line,
    "web": read_by_web,
    "REST": read_by_rest,
}


# Marks of the member's.


class Marks(NamedTuple):
    """The numbers of what is read, and of what is flagged."""

    seen: frozenset[int] = frozenset()
    flagged: frozenset[int] = frozenset()


def mark_by_imap(member: Member, room: str, number: int, mark: str, put: bool) -> None:
    with member.imap(f"Rooms/{room}") as session:
        assert session.uid("STORE", str(number), "+FLAGS" if put else "-FLAGS", rf"(\{mark})")[0] == "OK"


def mark_by_web(member: Member, room: str, number: int, mark: str, put: bool) -> None:
    with browser(member) as site:
        page = f"/rooms/{room}/{number}"
        assert site.send(page, {"mark": mark if put else f"un{mark}"}, f"{page}/mark").status == 303


def mark_by_rest(member: Member, room: str, number: int, mark: str, put: bool) -> None:
    changed = rest(member, "POST", f"/rooms/{room}/marks", {"flag": mark, "numbers": [number], "put": put})
    assert changed == {"numbers": [number]}


def mark_by_command_line(member: Member, room: str, number: int, mark: str, put: bool) -> None:
    option = f"--{mark if put else f'un{mark}'}"
    done = member.stack.agora("room", "marks", room, member.name, option, str(number))
    assert done.returncode == 0, done.stderr


MARK: Mapping[str, Callable[[Member, str, int, str, bool], None]] = {
    "IMAP": mark_by_imap,
    "web": mark_by_web,
    "REST": mark_by_rest,
    "command line": mark_by_command_line,
}


def read_signed_in(member: Member, room: str, number: int, command: str = "ARTICLE") -> None:
    """The only way in which NNTP marks: ARTICLE or BODY of a session that is signed in."""
    with signed_in(member) as news:
        news.say(f"GROUP {room}", "211")
        news.say(f"{command} {number}", "22")
        if command != "STAT":
            news.block()


def marks_by_imap(member: Member, room: str) -> Marks:
    with member.imap(f"Rooms/{room}") as session:
        seen, flagged = [session.uid("SEARCH", key)[1][0].split() for key in ("SEEN", "FLAGGED")]
    return Marks(frozenset(map(int, seen)), frozenset(map(int, flagged)))


def marks_by_web(member: Member, room: str) -> Marks:
    seen, flagged = set(), set()
    with browser(member) as site:
        unread = site.get(f"/rooms/{room}").text.count('<li class="unread">')
        listed = site.get(f"/rooms/{room}", only_looks_ahead=True).text
        numbers = set(map(int, re.findall(rf'href="/rooms/{re.escape(room)}/threads/(\d+)"', listed)))
        for number in numbers:
            page = site.get(f"/rooms/{room}/{number}", only_looks_ahead=True).text
            if f'<article class="message" id="m{number}"' in page:
                seen.add(number)
            if "<span>flagged</span>" in page:
                flagged.add(number)
    assert len(numbers) - len(seen) == unread  # the list of threads agrees
    return Marks(frozenset(seen), frozenset(flagged))


def marks_by_rest(member: Member, room: str) -> Marks:
    told = rest(member, "GET", f"/rooms/{room}/marks")
    return Marks(*(_numbers([(each["first"], each["last"]) for each in told[mark]]) for mark in Marks._fields))


def marks_by_command_line(member: Member, room: str) -> Marks:
    done = member.stack.agora("room", "marks", room, member.name, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return Marks(*(_numbers(told[mark]) for mark in Marks._fields))


def _numbers(spans: list[tuple[int, int]]) -> frozenset[int]:
    return frozenset(number for first, last in spans for number in range(first, last + 1))


MARKS: Mapping[str, Callable[[Member, str], Marks]] = {
    "IMAP": marks_by_imap,
    "web": marks_by_web,
    "REST": marks_by_rest,
    "command line": marks_by_command_line,
}
