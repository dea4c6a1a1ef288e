"""The events of the log: what happened, with the fields that each has.

Tuples rather than dataclasses: a message may take 0.4 ms in all, and a frozen dataclass of twelve fields 1.3 µs of it.
An empty field ("" or None) is left out of the line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, TypeAlias

MOST_RECIPIENTS_SHOWN = 20  # of one message; a line stays below 8 KiB


class Outcome(StrEnum):
    """The outcome of a message."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # for good: a reply 5xx, NO
    DEFERRED = "deferred"  # a reply 4xx: the client may try again
    ABANDONED = "abandoned"  # the client took it back, or left in the middle


ACCEPTED, REFUSED, DEFERRED, ABANDONED = Outcome  # Python 3.11 looks a member up in 75 ns


class SignInOutcome(StrEnum):
    """The outcome of an attempt to sign in."""

    SIGNED_IN = "signed_in"
    BAD_CREDENTIALS = "bad_credentials"
    WRONG_PROTOCOL = "wrong_protocol"  # a right app password at a door that it is not made for
    ACCOUNT_DISABLED = "account_disabled"
    LOCKED_OUT = "locked_out"
    TOO_MANY = "too_many"  # more passwords wait to be proved than this process can prove soon
    STORE_AWAY = "store_away"
    REFUSED = "refused"  # anything else


class RecipientReply(NamedTuple):
    """One recipient of a message, and the code that its RCPT, else the message, was answered with."""

    address: str
    code: int

    def __str__(self) -> str:
        return f"{self.address}:{self.code}"


class Message(NamedTuple):
    """One transaction of SMTP, submission or LMTP, from MAIL to its end."""

    id: str  # as in `250 … taken as ID`
    outcome: Outcome
    door: str
    peer: str
    account: str
    helo: str
    sender: str
    to: Sequence[RecipientReply]  # MOST_RECIPIENTS_SHOWN at most
    recipients: int  # how many were named in all
    refused: int  # how many of these were refused by RCPT, or by LMTP after the message
    octets: int  # as the client sent them
    code: int | None  # of the last reply that counts
    status: str  # RFC 3463
    ms: int  # from MAIL to the reply
    auth: str = ""  # pass, fail or none: whether the domain of From is proved; "" where that is not checked


class Append(NamedTuple):
    """One APPEND of IMAP."""

    outcome: Outcome
    door: str
    peer: str
    account: str
    mailbox: str
    uid: int | None
    octets: int
    code: str  # OK, NO or BAD
    status: str  # the response code, such as OVERQUOTA
    ms: int


class SignInAttempt(NamedTuple):
    """An attempt to sign in has ended."""

    outcome: SignInOutcome
    door: str
    peer: str
    account: str  # that was named; "" if what was typed cannot be an account's name: it may be a password
    method: str  # PLAIN, LOGIN, SCRAM-SHA-256, APOP, password, basic, bearer


class Session(NamedTuple):
    """A session has ended."""

    ending: str  # closed, client_left, idle, shutdown, …
    door: str
    peer: str
    account: str
    seconds: float
    octets_in: int  # after TLS and decompression were taken off
    octets_out: int
    commands: int  # lines that were read as commands
    unlogged: int | None = None  # transactions and APPENDs that came to no message and have no line of their own


class Command(NamedTuple):
    """An administrative command that changes something was run."""

    outcome: str  # done, failed
    user: str  # the user of the operating system, and who that was before sudo
    command: str  # as it was typed; passwords are never arguments
    reason: str  # why it failed


class Attempt(NamedTuple):
    """An attempt to send a message to recipients at another server has ended; those with one reply are one event."""

    id: str  # the queue id, as in `250 … taken as ID`
    outcome: str  # delivered, deferred, failed
    host: str  # the server that replied; "" where none did
    account: str  # who sends it; "" where this server does
    sender: str
    to: Sequence[RecipientReply]  # MOST_RECIPIENTS_SHOWN at most; the code is 0 where no server replied
    recipients: int
    attempt: int  # how many have been made with this one
    status: str  # RFC 3463
    reply: str  # the server's words, or the reason
    ms: int


class Report(NamedTuple):
    """A report to the sender of a message (RFC 3464) was made."""

    id: str  # the queue id of the message
    outcome: str  # failed, delayed, relayed
    account: str
    sender: str  # of the message, to whom the report goes
    recipients: int  # that it tells of
    report: str  # its own queue id
    fate: str  # delivered, queued, dropped


Event: TypeAlias = Message | Append | SignInAttempt | Session | Command | Attempt | Report
KINDS: Mapping[type, str] = {
    Message: "message",
    Append: "append",
    SignInAttempt: "sign_in",
    Session: "session",
    Command: "command",
    Attempt: "attempt",
    Report: "report",
}
# The names in a line, in the order of the tuple.
FIELDS: Mapping[type, Sequence[str]] = {
    kind: tuple("from" if name == "sender" else name for name in kind.__annotations__) for kind in KINDS
}
