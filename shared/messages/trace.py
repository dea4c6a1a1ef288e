"""The header fields put on top of every accepted message (RFC 5321 §4.4, RFC 6409 §8)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from email.utils import format_datetime

from shared.messages.header_fields import HeaderFields

MOST_HOPS = 100  # RFC 5321 §6.3: a loop is cut at no fewer than 100 Received fields

_UNSAFE = re.compile(r"[^!-~]")


@dataclass(frozen=True, slots=True)
class Client:
    """The client that handed the message over, as Received names it; made once for all messages of a client."""

    greeting: str  # what HELO, EHLO or LHLO claimed
    host: str
    protocol: str  # RFC 3848: ESMTP, ESMTPS, ESMTPSA, LMTP …
    tls: str  # version and cipher; empty without TLS
    _from: str = field(init=False, repr=False, compare=False)
    _with: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        address = f"IPv6:{self.host}" if ":" in self.host else self.host
        tls = f" ({self.tls})" if self.tls else ""
        object.__setattr__(self, "_from", f"Received: from {_UNSAFE.sub('?', self.greeting)} ([{address}])\r\n\tby ")
        object.__setattr__(self, "_with", f" with {self.protocol}{tls} id ")

    def received(self, hostname: str, queue_id: str, *, hidden: bool = False) -> str:
        """The beginning of Received: from, by, with and id; from nowhere where it is `hidden`."""
        return f"{'Received: by ' if hidden else self._from}{hostname}{self._with}{queue_id}"


def trace_fields(
    client: Client,
    hostname: str,
    sender: str,
    recipient: str,
    queue_id: str,
    now: datetime,
    results: str = "",
    *,
    hidden: bool = False,
) -> bytes:
    """Return-Path, `results`, which are other fields of ours, and Received.

    A `recipient` is given only if there is one alone: others stay undisclosed.

    `hidden`: nothing is said of where the client is, and what it calls itself.
    """
    whom = f"\r\n\tfor <{recipient}>" if recipient else ""
    return (
        f"Return-Path: <{sender}>\r\n{results}"
        f"{client.received(hostname, queue_id, hidden=hidden)}{whom};\r\n"
        f"\t{date_text(now)}\r\n"
    ).encode()


_shown: tuple[float, tzinfo | None, str] = (-1.0, None, "")  # a second, its zone, and its Date


def date_text(now: datetime) -> str:
    """The Date of RFC 5322 §3.3; worked out once a second, which messages come faster than."""
    global _shown
    second, zone = now.timestamp() // 1, now.tzinfo
    if second != _shown[0] or zone is not _shown[1]:
        _shown = (second, zone, format_datetime(now))
    return _shown[2]


def missing_fields(header: HeaderFields, hostname: str, queue_id: str, now: datetime) -> bytes:
    """Date and Message-ID, each only if it is not there (RFC 6409 §8.1, §8.3)."""
    missing = ""
    if not header.count(b"date"):
        missing += f"Date: {date_text(now)}\r\n"
    if not header.count(b"message-id"):
        missing += f"Message-ID: <{queue_id}.{int(now.timestamp())}@{hostname}>\r\n"
    return missing.encode()
