"""The limits of a conversation: how much, how long and how slowly a client may talk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one conversation; a session replaces `self.limits` once the client has signed in.

    Time is looked at once a second, so that each limit may be overrun by that much.
    """

    # A line with its end. 998 octets and CRLF is the longest line of a message (RFC 5322 §2.1.1), more than any
    # command before login needs; IMAP sessions ask for more.
    line_octets: int = 1000
    # From the moment a line is asked for until its last octet is here. 5 minutes: RFC 5321 §4.5.3.2.7.
    idle: timedelta = timedelta(minutes=5)
    # In all, however busy the client is: for the time before login, so that a stranger cannot keep a place for ever.
    in_all: timedelta | None = None
    # The time for a block or literal, and for a reply that the client takes, however short it is.
    transfer: timedelta = timedelta(minutes=5)
    # Each so many octets add a second to `transfer`: a slow telephone line gives 1,000 and more. A sender never has
    # more time than `transfer` ahead of it (pace.py).
    slowest_octets_per_second: int = 512
    # The most time for one message, however fast it comes: 50 MiB in an hour are 15 KB a second, what EDGE gives.
    transfer_in_all: timedelta = timedelta(hours=1)
    # A longer line is read to its end, so that the refusal can be heard, but not for ever.
    swallowed_octets: int = 4 * 1024 * 1024
    # TLS handshakes and PROXY headers are exchanged by programs, at once.
    handshake: timedelta = timedelta(seconds=30)
