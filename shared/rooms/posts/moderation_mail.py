"""The mail to moderators about a held post, with the post attached; and the one to its author when it is rejected."""

from __future__ import annotations

import secrets
from datetime import datetime
from email.utils import format_datetime

from shared.rooms.posts.post import Post

APPROVE, REJECT = "approve", "reject"  # the local parts, before "+" and the token
_SUBJECT_OCTETS = 300


def moderation_mail(post: Post, token: str, mail_domain: str, now: datetime) -> bytes:
    """A reply to it approves the post."""
    approve, reject = (f"{verb}+{token}@{mail_domain}" for verb in (APPROVE, REJECT))
    names = ", ".join(post.rooms.values())
    text = (
        f"A post to {names} waits for a moderator. It is attached.\r\n\r\n"
        f"To approve it, reply to this message, or write to\r\n    {approve}\r\n"
        f"To reject it, write to\r\n    {reject}\r\n"
        "What you write there is the reason, and goes to the author.\r\n\r\n"
        f"On the command line: agora room approve {token}\r\n"
    )
    boundary = f"agora-{secrets.token_hex(12)}"
    head = (
        f"From: Moderation <{approve}>\r\nTo: Moderators of {names.replace(', ', ' and ')}:;\r\n"
        f"Date: {format_datetime(now)}\r\nMessage-ID: <{token}@{mail_domain}>\r\nAuto-Submitted: auto-generated\r\n"
        f'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="{boundary}"\r\nSubject: To be approved: '
    ).encode()
    return b"".join(
        (
            head,
            post.overview.subject[:_SUBJECT_OCTETS],
            f"\r\n\r\n--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode(),
            f"--{boundary}\r\n".encode(),
            b"Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n",
            post.message.octets[:],
            f"\r\n--{boundary}--\r\n".encode(),
        )
    )


def rejection_mail(subject: bytes, names: str, reason: str, mail_domain: str, now: datetime) -> bytes:
    """To the author, with the reason in the moderator's words."""
    said = reason.strip().replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    text = f"Your post to {names} was not approved.\r\n" + (f"\r\n{said}\r\n" if said else "")
    head = (
        f"From: Moderation <postmaster@{mail_domain}>\r\nTo: The author:;\r\nDate: {format_datetime(now)}\r\n"
        f"Message-ID: <{secrets.token_hex(12)}@{mail_domain}>\r\nAuto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nSubject: Not approved: "
    ).encode()
    return head + subject[:_SUBJECT_OCTETS] + b"\r\n\r\n" + text.encode()
