"""An article ready for POST: made of what a person typed, or completed where it lacks what this client was told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, make_msgid, parseaddr

from shared.command_line.news.client.errors import NewsError
from shared.command_line.terminal.printable import printable
from shared.messages.line_ends import is_proper, made_proper

_LONGEST_LINE_OCTETS = 990  # RFC 5322 §2.1.1: 998; longer ones are encoded
_FOLDED = rb"[ \t]*((?:[^\r\n]|\r\n[ \t])*)"
_NEWSGROUPS = re.compile(rb"^Newsgroups:" + _FOLDED, re.MULTILINE | re.IGNORECASE)
_MESSAGE_ID = re.compile(rb"^Message-ID:" + _FOLDED, re.MULTILINE | re.IGNORECASE)
_NOBODYS_DOMAIN = "news.invalid"  # RFC 2606: for a Message-ID where no domain is known


@dataclass(frozen=True, slots=True)
class WrittenArticle:
    """Proper lines, and the Message-ID among them."""

    message_id: str
    octets: bytes


def compose(author: str, groups: Sequence[str], subject: str, text: str) -> WrittenArticle:
    """An article of plain text in UTF-8. Raises NewsError for an author or subject that no header can hold."""
    message = EmailMessage(SMTP)
    message_id = make_msgid(domain=_domain(author))
    try:
        message["From"] = author
        message["Subject"] = subject
        message["Date"] = localtime()
        message["Message-ID"] = message_id
        is_long = any(len(line.encode("utf-8", "replace")) > _LONGEST_LINE_OCTETS for line in text.split("\n"))
        message.set_content(text, cte="quoted-printable" if is_long else "8bit")
        # By hand: the email package would encode a long list as words.
        top = f"Newsgroups: {','.join(groups)}\r\n".encode("utf-8", "surrogateescape")
        return WrittenArticle(message_id, top + message.as_bytes())
    except (ValueError, MessageError) as error:
        raise NewsError(f"this cannot be in an article's header: {error}") from None


def complete(octets: bytes, groups: Sequence[str]) -> WrittenArticle:
    """A whole article, with CR LF everywhere, and Newsgroups and Message-ID put on top where it has none.

    Raises NewsError for one that is empty, or for other groups.
    """
    if not octets.strip():
        raise NewsError("the article is empty")
    article = octets if is_proper(octets) else b"".join(made_proper(octets))
    if not article.endswith(b"\r\n"):
        article += b"\r\n"
    header = article.partition(b"\r\n\r\n")[0]
    if (named := _NEWSGROUPS.search(header)) is None:
        article = f"Newsgroups: {','.join(groups)}\r\n".encode("utf-8", "surrogateescape") + article
    elif {name.strip() for name in named[1].decode("utf-8", "surrogateescape").split(",")} != set(groups):
        shown = printable(named[1].decode("utf-8", "replace"))
        raise NewsError(f"the article's own Newsgroups has other groups: {shown}")
    if (found := _MESSAGE_ID.search(header)) is not None:
        return WrittenArticle(printable(found[1].decode("utf-8", "replace").strip()), article)
    message_id = make_msgid(domain=_NOBODYS_DOMAIN)
    return WrittenArticle(message_id, f"Message-ID: {message_id}\r\n".encode() + article)


def _domain(author: str) -> str:
    try:
        return parseaddr(author)[1].rpartition("@")[2].encode("idna").decode("ascii") or _NOBODYS_DOMAIN
    except UnicodeError:
        return _NOBODYS_DOMAIN
