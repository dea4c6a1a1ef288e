"""The mails about a member's own forwards: the question to an address elsewhere, and news for the account's owner.

They say that a program wrote them (RFC 3834 §5), so that no program answers; what answers all the same is not obeyed.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from email.utils import format_datetime
from typing import NamedTuple

CONFIRM_PATH = "/account/forward/confirm"


class ForwardChange(NamedTuple):
    """Who changes a forward from where, in words; and the names of this server in the mails about it."""

    by: str  # "alice, by the web from 192.0.2.1"
    mail_domain: str
    now: datetime
    web_url: str = ""  # of the site, without a slash at its end; "" where it is not known


def question(account: str, target: str, token: str, change: ForwardChange) -> bytes:
    """Whether mail for the account may be sent on; a reply confirms it, and so does the page behind the link."""
    own, confirm = f"{account}@{change.mail_domain}", f"confirm+{token}@{change.mail_domain}"
    link = f"open this page and press its button,\r\n    {change.web_url}{CONFIRM_PATH}/{token}\r\n"
    ways = f"{link}reply to this message, or write" if change.web_url else "reply to this message, or write"
    text = (
        f"The owner of {own} wants all mail for that address sent on to {target}.\r\n\r\n"
        f"If you want that, {ways} within three days to\r\n    {confirm}\r\n\r\n"
        "If you do not, or do not know who that is, do nothing: no mail is sent on.\r\n"
    )
    return _mail(confirm, target, f"To be confirmed: mail for {own} is sent on to you", text, change)


def news(account: str, sentence: str, state: str, change: ForwardChange) -> bytes:
    """What has changed, how it is now, who did it, and how to end it."""
    own = f"{account}@{change.mail_domain}"
    where = f"on the page {change.web_url}/account, or " if change.web_url else "on your account page of the web, or "
    text = (
        f"{sentence}\r\n{state}\r\n\r\nChanged by {change.by}.\r\n\r\n"
        "If that was not you, somebody else can act for your account: change your password, and delete the forward,"
        f"\r\n{where}over SSH with `user forward delete {account} ADDRESS`.\r\n"
    )
    return _mail(f"postmaster@{change.mail_domain}", own, "Where your mail is sent on to has changed", text, change)


def _mail(sender: str, to: str, subject: str, text: str, change: ForwardChange) -> bytes:
    return (
        f"Return-Path: <>\r\nFrom: Mail forwarding <{sender}>\r\nTo: {to}\r\nSubject: {subject}\r\n"
        f"Date: {format_datetime(change.now.replace(microsecond=0))}\r\n"
        f"Message-ID: <{secrets.token_hex(12)}@{change.mail_domain}>\r\n"
        "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"{text}"
    ).encode()
