"""An item as a message of its room (RFC 5322): plain text, and the same as HTML where the feed has HTML."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import NamedTuple

from shared.feeds.feed import Item
from shared.feeds.html_to_text import html_to_text
from shared.feeds.limits import line
from shared.rooms.article_header import MOST_LINE_OCTETS

SUBJECT_CHARACTERS = 60  # of the text, for an item without a title
MOST_SUBJECT_CHARACTERS = 250
_ADDRESS = re.compile(r"[!-;=?-~]+")  # RFC 5064 §2.1: without blanks and angle brackets
MOST_AHEAD = timedelta(hours=24)  # a date further in the future is not the item's (RFC 5537 §3.5)


class Source(NamedTuple):
    """The feed as its articles name it."""

    title: str
    room: str  # newsgroup name
    domain: str  # of the room's address


def article_octets(
    item: Item, source: Source, message_id: str, first_seen: datetime, supersedes: str | None = None
) -> bytes:
    """The article, lines ended by CRLF: the same octets for the same item, seen for the first time at the same time."""
    text = item.text.strip() or html_to_text(item.html)
    message = EmailMessage(policy=SMTP)
    name = line(item.author or source.title or source.room)
    message["From"] = Address(display_name=name, username=source.room, domain=source.domain)
    message["Subject"] = _subject(item, text)
    message["Date"] = format_datetime(_date(item, first_seen))
    message.set_content(_plain(text, item), cte="quoted-printable")
    if item.html:
        message.add_alternative(_html(item), subtype="html", cte="quoted-printable")
        message.set_boundary(f"=_{message_id.strip('<>').partition('@')[0]}")
    return _top(item, source, message_id, supersedes) + bytes(message)


def _top(item: Item, source: Source, message_id: str, supersedes: str | None) -> bytes:
    """Fields that are written as they are: the email package would encode long names and addresses as words."""
    lines = [f"Newsgroups: {source.room}", f"Message-ID: {message_id}"]
    if supersedes is not None:
        lines.append(f"Supersedes: {supersedes}")  # RFC 5536 §3.2.12
    archived = f"Archived-At: <{item.link}>"
    if _ADDRESS.fullmatch(item.link) and len(archived) <= MOST_LINE_OCTETS:
        lines.append(archived)
    return "".join(f"{each}\r\n" for each in lines).encode("ascii")


def _subject(item: Item, text: str) -> str:
    subject = line(item.title) or line(text)[:SUBJECT_CHARACTERS].rstrip() or item.link or "(no title)"
    return subject[:MOST_SUBJECT_CHARACTERS]


def _date(item: Item, first_seen: datetime) -> datetime:
    date = item.published or item.updated
    return first_seen if date is None or date > first_seen + MOST_AHEAD else date


def _plain(text: str, item: Item) -> str:
    parts = [text] if text else []
    if item.link:
        parts.append(item.link)
    parts.extend(each.url if not each.media_type else f"{each.url} ({each.media_type})" for each in item.enclosures)
    return "\n\n".join(parts) + "\n"


def _html(item: Item) -> str:
    links = [item.link] if item.link else []
    links.extend(each.url for each in item.enclosures)
    anchors = "".join(f'<p><a href="{escape(link)}">{escape(link)}</a></p>\n' for link in links)
    return f"{item.html}\n{anchors}"
