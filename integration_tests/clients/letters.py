"""Letters to send, each unlike any other, with all that protocols must take care of in them."""

from __future__ import annotations

import secrets

# Dots that SMTP and POP3 must double, what looks like an end, an mbox's separator, trailing blanks, 8 bit, a long line.
_AWKWARD = (
    "At four?\r\n.\r\n..\r\n.hidden\r\n\r\nFrom here on\r\n>From there on\r\nblanks  \t \r\n"
    "Grüße, 你好, こんにちは, مرحبا\r\n" + "x" * 990 + "\r\n\r\n\r\n"
)


def letter(subject: str, sender: str = "stranger@example.org", to: str = "somebody@example.org") -> bytes:
    """A message with a Message-ID of its own; nothing in it needs to be added or mended by a server."""
    return (
        f"From: Somebody <{sender}>\r\nTo: <{to}>\r\nSubject: {subject}\r\n"
        f"Date: Mon, 15 Jan 2024 09:30:00 +0000\r\nMessage-ID: <{secrets.token_hex(8)}@example.org>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
        f"\r\n{_AWKWARD}"
    ).encode()
