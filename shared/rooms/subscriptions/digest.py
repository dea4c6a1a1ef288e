"""A digest: a message with a table of contents, and the posts as messages that can be replied to (RFC 2046 §5.1.5)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime

from shared.messages.encoded_words import decode_words
from shared.messages.overview import overview_fields
from shared.rooms.room import Room
from shared.rooms.subscriptions.list_copy import list_copy, room_fields
from shared.rooms.subscriptions.list_names import ListNames
from shared.rooms.subscriptions.posts_to_send import SentPost

_CHARACTERS = 200  # of a subject or an author in the table of contents
_RETURN_PATH = b"Return-Path: <>\r\n"


def digest_of(
    posts: Sequence[SentPost], room: Room, names: ListNames, now: datetime, *, unsubscribe: bool = True
) -> bytes:
    """The digest of these posts."""
    token = secrets.token_hex(12)
    mixed, digest = f"agora-{token}-all", f"agora-{token}-posts"
    address = f"{room.name}@{names.mail_domain}"
    count = "1 post" if len(posts) == 1 else f"{len(posts)} posts"
    text = f"{count} in {room.name}:\r\n\r\n{''.join(map(_line, posts))}"
    parts = [list_copy(post, room, names).removeprefix(_RETURN_PATH) for post in posts]
    encodings = ["7bit" if part.isascii() else "8bit" for part in parts]
    encoding = "8bit" if "8bit" in encodings or not text.isascii() else "7bit"
    head = (
        f'From: "{room.name}" <{address}>\r\nTo: {address}\r\nDate: {format_datetime(now.replace(microsecond=0))}\r\n'
        f"Subject: Digest of {room.name}: {count}\r\nMessage-ID: <digest.{token}@{names.hostname}>\r\n"
        "Auto-Submitted: auto-generated\r\nPrecedence: bulk\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/mixed; boundary="{mixed}"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
        f"--{mixed}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{text}"
        f'\r\n--{mixed}\r\nContent-Type: multipart/digest; boundary="{digest}"\r\n'
        f"Content-Transfer-Encoding: {encoding}\r\n"
    )
    pieces = [_RETURN_PATH, room_fields(room, names, unsubscribe=unsubscribe), head.encode()]
    for part, own_encoding in zip(parts, encodings, strict=True):
        begin = f"\r\n--{digest}\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: {own_encoding}\r\n\r\n"
        pieces += [begin.encode(), part]
    pieces.append(f"\r\n--{digest}--\r\n\r\n--{mixed}--\r\n".encode())
    return b"".join(pieces)


def _line(post: SentPost) -> str:
    fields = overview_fields(post.octets)
    return f"{post.uid}: {_shown(fields.subject)}\r\n    {_shown(fields.from_)}\r\n"


def _shown(value: bytes) -> str:
    text = "".join(each if each.isprintable() else " " for each in decode_words(value))
    return text if len(text) <= _CHARACTERS else text[: _CHARACTERS - 1] + "…"
