"""Posting to a room by a program: a subject and a text become an article of the account's.

With a key the Message-ID is made of the account, the room and the key: the same request again is a duplicate, and has
the answer of the first one, whichever process it comes to.
"""

from __future__ import annotations

import hashlib
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, make_msgid
from typing import NamedTuple

from services.wiki.calls.caller import Caller
from services.wiki.calls.errors import SignInWanted, WrongArguments
from shared.accounts.account import Account
from shared.database.transaction import Transaction
from shared.rooms.article_header import is_identifier
from shared.rooms.errors import ArticleNotFound, DuplicateArticle, RoomNotFound
from shared.rooms.policy import may_read
from shared.rooms.posts.posting import Origin
from shared.rooms.reading.articles import by_identifier
from shared.rooms.room import Room

LONGEST_SUBJECT = 255  # characters
LONGEST_LINE_OCTETS = 990  # RFC 5322 §2.1.1 has 998; texts with longer ones are written as quoted-printable


class PostedArticle(NamedTuple):
    """Where an article is. `number` is null while it is held for the moderators; `again`: it was posted before."""

    room: str
    number: int | None
    message_id: str
    held: bool
    again: bool


async def post_article(
    caller: Caller, room_name: str, subject: str, text: str, answers: str | None = None, key: str | None = None
) -> PostedArticle:
    """Post to a room; committed when this returns. `answers`: the Message-ID of what is answered, with its brackets.

    Raises SignInWanted, WrongArguments, RoomNotFound, and what Posting.post raises.
    """
    account = caller.account
    if account is None:
        raise SignInWanted
    known = await caller.parts.directory.rooms(room_name)
    reader = known.reader(account)
    room = known.named(room_name)
    if not may_read(room, reader):
        raise RoomNotFound(room_name)
    identifier = _identifier(caller, account, room, key)
    octets = _article(caller, account, room, subject, text, answers, identifier)
    try:
        posted = await caller.parts.posting.post(octets, reader, Origin(caller.door, caller.host), [room])
    except DuplicateArticle:
        if key is None:
            raise
        return await _posted_before(caller, room, identifier)
    number = posted.places[0].uid if posted.places else None
    return PostedArticle(room.name, number, posted.identifier.decode(), posted.held, False)


def _identifier(caller: Caller, account: Account, room: Room, key: str | None) -> str:
    domain = caller.parts.mail_domain
    if key is None:
        return make_msgid(domain=domain)
    digest = hashlib.sha256(f"{account.id}\0{room.folder_id}\0{key}".encode()).hexdigest()
    return f"<key.{digest}@{domain}>"


async def _posted_before(caller: Caller, room: Room, identifier: str) -> PostedArticle:
    """Where the article of a key is; a held one, and one that is cancelled by now, has no number."""
    found = await caller.parts.database.read(_number_in, identifier.encode(), room.folder_id)
    return PostedArticle(room.name, found, identifier, found is None, True)


def _number_in(tx: Transaction, identifier: bytes, folder_id: int) -> int | None:
    try:
        articles = by_identifier(tx, identifier)
    except ArticleNotFound:
        return None
    return next((each.uid for each in articles if each.folder_id == folder_id), None)


def _article(
    caller: Caller, account: Account, room: Room, subject: str, text: str, answers: str | None, identifier: str
) -> bytes:
    """The article, in UTF-8. Raises WrongArguments for what no header can hold."""
    if not subject.strip() or len(subject) > LONGEST_SUBJECT or not subject.isprintable():
        raise WrongArguments(f"a subject has 1 to {LONGEST_SUBJECT} characters, in one line")
    if not text.strip():
        raise WrongArguments("the text is empty")
    if answers is not None and not is_identifier(answers.encode("utf-8", "replace")):
        raise WrongArguments("answers must be a Message-ID with its angle brackets")
    message = EmailMessage(SMTP)
    try:
        name = getattr(account, "full_name", None) or account.name
        message["From"] = formataddr((name, f"{account.name}@{caller.parts.mail_domain}"))
        message["Subject"] = subject
        message["Date"] = format_datetime(caller.parts.now())
        is_long = any(len(line.encode()) > LONGEST_LINE_OCTETS for line in text.splitlines())
        message.set_content(text, cte="quoted-printable" if is_long else "8bit")
        octets = message.as_bytes()
    except (ValueError, MessageError, UnicodeError):
        raise WrongArguments("the subject or the text cannot be in a message") from None
    # Put on top as they are: `email` folds and encodes what is longer than a line.
    references = b"" if answers is None else b"References: %b\r\n" % answers.encode()
    return b"Newsgroups: %b\r\nMessage-ID: %b\r\n%b%b" % (room.name.encode(), identifier.encode(), references, octets)
