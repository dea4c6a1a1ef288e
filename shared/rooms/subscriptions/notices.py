"""The mails about subscriptions: what has become of a request, how to ask, and the question whether it is one's own.

They say that a program wrote them (RFC 3834 §5), so that no program answers; what answers all the same is not obeyed.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime

# By the verb: a subject, and a sentence with the room's name.
NEWS: Mapping[str, tuple[str, str]] = {
    "subscribe": ("Subscription", "You are sent the posts of {} by mail, as they come."),
    "digest": ("Daily digest", "You are sent the posts of {} by mail, once a day in a digest."),
    "unsubscribe": ("End of subscription", "You are sent no more posts of {} by mail."),
}


def help_text(room: str, mail_domain: str) -> str:
    """What can be asked of the room, and where."""
    return (
        "A message to one of these addresses is enough; what it says does not matter.\r\n\r\n"
        f"    each post by mail:       {room}+subscribe@{mail_domain}\r\n"
        f"    a digest once a day:     {room}+digest@{mail_domain}\r\n"
        f"    no mail any more:        {room}+unsubscribe@{mail_domain}\r\n"
        f"    this text:               {room}+help@{mail_domain}\r\n\r\n"
        f"Posts go to {room}@{mail_domain}.\r\n"
    )


def notice(room: str, to: str, subject: str, text: str, mail_domain: str, now: datetime) -> bytes:
    """A mail with `text`; a reply to it asks for help."""
    return _mail(room, f"{room}+help@{mail_domain}", to, subject, text, mail_domain, now)


def question(room: str, to: str, subject: str, confirm: str, mail_domain: str, now: datetime) -> bytes:
    """The question whether a request is the account's own; a reply to it confirms it."""
    text = (
        f"Somebody who gave your address asks for this of {room}: {subject.lower()}.\r\n\r\n"
        "If it was you, reply to this message, or write within three days to\r\n"
        f"    {confirm}\r\n"
        "If it was not, do nothing.\r\n"
    )
    return _mail(room, confirm, to, f"To be confirmed: {subject.lower()}", text, mail_domain, now)


def _mail(room: str, sender: str, to: str, subject: str, text: str, mail_domain: str, now: datetime) -> bytes:
    return (
        f"Return-Path: <>\r\nFrom: {room} <{sender}>\r\nTo: {to}\r\nSubject: {subject}: {room}\r\n"
        f"Date: {format_datetime(now.replace(microsecond=0))}\r\n"
        f"Message-ID: <{secrets.token_hex(12)}@{mail_domain}>\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"{text}"
    ).encode()
