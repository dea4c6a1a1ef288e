"""SMTP's replies, and the reply to each of the domain's errors."""

from __future__ import annotations

from collections.abc import Mapping

from shared.accounts.errors import (
    AccountDisabled,
    BadCredentials,
    LockedOut,
    NotBase64,
    SaslProtocolError,
    TooManySignIns,
)
from shared.conversation.ending import Ending
from shared.conversation.errors import BareLineFeed, BlockTooLarge, LineTooLong, SpoolFull
from shared.database.errors import StatementTimedOut, StoreFull, StoreUnavailable
from shared.errors import DomainError, nearest
from shared.folders.errors import FolderNotFound, MessageTooLarge, QuotaExceeded
from shared.mail.errors import (
    AddressNotFound,
    BadAddress,
    DomainNotLocal,
    RecipientDisabled,
    ReportsOnly,
    ReturnAddressExpired,
    ReturnAddressForged,
)
from shared.outbound.errors import SendingHeld


class Reply:
    """A code of RFC 5321 §4.2, a status of RFC 3463 ("" where the reply has none), and words. Never changes.

    One is made for each message, in a third of the time that a frozen dataclass would take.
    """

    __slots__ = ("code", "line", "status", "text")

    def __init__(self, code: int, status: str, text: str) -> None:
        self.code = code
        self.status = status
        self.text = text
        self.line = f"{code} {status} {text}\r\n".encode() if status else f"{code} {text}\r\n".encode()


MAILBOX_FULL = Reply(452, "4.2.2", "mailbox full")
NO_ROOM_NOW = Reply(452, "4.3.1", "no room for the message, try later")

REPLIES: dict[type[DomainError], Reply] = {
    AddressNotFound: Reply(550, "5.1.1", "no such mailbox here"),
    BadAddress: Reply(553, "5.1.3", "not a valid recipient address"),
    RecipientDisabled: Reply(550, "5.2.1", "that mailbox is disabled"),
    DomainNotLocal: Reply(550, "5.7.1", "no relaying: not a domain of this server"),
    ReportsOnly: Reply(550, "5.7.1", "this return address takes bounces only, which have no sender"),
    ReturnAddressExpired: Reply(550, "5.7.1", "this return address is too old"),
    ReturnAddressForged: Reply(550, "5.7.1", "this return address was not made here"),
    FolderNotFound: Reply(450, "4.2.1", "that mailbox is changing, try again"),
    QuotaExceeded: MAILBOX_FULL,
    MessageTooLarge: Reply(552, "5.3.4", "message too large"),
    StoreUnavailable: Reply(451, "4.3.0", "storage is away, try again"),
    StoreFull: Reply(452, "4.3.1", "storage is full, try later"),
    StatementTimedOut: Reply(451, "4.3.0", "storage is slow, try again"),
    BadCredentials: Reply(535, "5.7.8", "these credentials are not valid"),
    AccountDisabled: Reply(535, "5.7.8", "these credentials are not valid"),
    LockedOut: Reply(454, "4.7.0", "too many failed attempts, try again later"),
    TooManySignIns: Reply(454, "4.7.0", "too many sign-ins at once, try again"),
    SaslProtocolError: Reply(501, "5.5.2", "that is no answer to the challenge"),
    NotBase64: Reply(501, "5.5.2", "that is not base64"),
    LineTooLong: Reply(500, "5.5.2", "line too long"),
    BlockTooLarge: Reply(552, "5.3.4", "message too large"),
    BareLineFeed: Reply(550, "5.6.0", "lines must end with CR LF"),
    SpoolFull: NO_ROOM_NOW,
    SendingHeld: Reply(450, "4.7.1", "this account has sent too much, an administrator has to release it"),
}
OF_ONE_MAILBOX = frozenset({REPLIES[FolderNotFound], MAILBOX_FULL})  # others may get the message
BROKEN = Reply(421, "4.3.0", "internal error, try again later")
UNEXPECTED = Reply(451, "4.3.0", "internal error, try again")  # a bug of ours must not bounce a stranger's mail


def reply_to(error: BaseException) -> Reply:
    """The reply to `error`, or to the nearest kind of error above it; UNEXPECTED if it is not the domain's."""
    return nearest(REPLIES, error, UNEXPECTED)


OK = Reply(250, "2.0.0", "ok")
RESET = Reply(250, "2.0.0", "transaction reset")
SENDER_OK = Reply(250, "2.1.0", "ok")
RECIPIENT_OK = Reply(250, "2.1.5", "ok")
GO_AHEAD = Reply(354, "", "go ahead, end with a dot on a line of its own")
READY_FOR_TLS = Reply(220, "2.0.0", "ready for TLS")
SIGNED_IN = Reply(235, "2.7.0", "signed in")
GOODBYE = Reply(221, "2.0.0", "goodbye")
CANNOT_VERIFY = Reply(252, "2.5.0", "send mail and see")
HELP = Reply(214, "2.0.0", "see RFC 5321")

NOT_HTTP = Reply(500, "5.5.1", "this is not HTTP")
UNKNOWN_COMMAND = Reply(500, "5.5.1", "unknown command")
LINE_TOO_LONG = Reply(500, "5.5.2", "line too long")
SYNTAX = Reply(501, "5.5.4", "syntax error in the arguments")
BAD_SENDER = Reply(553, "5.1.7", "not a valid sender address")
BAD_RECIPIENT = Reply(553, "5.1.3", "not a valid recipient address")
UNKNOWN_PARAMETER = Reply(555, "5.5.4", "unknown parameter")
BAD_SEQUENCE = Reply(503, "5.5.1", "wrong order of commands")
NO_RECIPIENTS = Reply(554, "5.5.1", "no valid recipients")
NEEDS_GREETING = Reply(503, "5.5.1", "send EHLO first")
NOT_HERE = Reply(502, "5.5.1", "not offered here")
NO_TLS = Reply(454, "4.7.0", "TLS is not available")
ALREADY_TLS = Reply(503, "5.5.1", "TLS is on already")
TLS_FIRST = Reply(530, "5.7.0", "say STARTTLS first")
SIGN_IN_FIRST = Reply(530, "5.7.0", "sign in first")
ALREADY_SIGNED_IN = Reply(503, "5.5.1", "signed in already")
MECHANISM_UNKNOWN = Reply(504, "5.5.4", "unknown mechanism")
CANNOT_SIGN_IN = Reply(454, "4.7.0", "signing in is not possible just now, try again")  # RFC 4954 §6
AUTH_CANCELLED = Reply(501, "5.7.0", "sign-in cancelled")
NOT_YOUR_ADDRESS = Reply(553, "5.7.1", "that sender's address is not yours")
SENDER_BLOCKED = Reply(550, "5.7.1", "mail from this sender is not taken here")
NETWORK_BLOCKED = Reply(550, "5.7.1", "mail from your network is not taken here")
NOT_YOUR_FROM = Reply(550, "5.7.1", "the address in From is not yours")
REMOTE_RECIPIENT = Reply(550, "5.7.1", "mail to other hosts is not sent from here")
TOO_MANY_RECIPIENTS = Reply(452, "4.5.3", "too many recipients, send the rest in another transaction")
MESSAGE_TOO_LARGE = Reply(552, "5.3.4", "message too large")
BARE_LINE_FEED = Reply(550, "5.6.0", "lines must end with CR LF")
NUL_OCTET = Reply(550, "5.6.0", "the message has a NUL octet")  # RFC 5322 §4; IMAP could not serve it (RFC 3501 §9)
SPF_FAILED = Reply(
    550, "5.7.23", "the sender's domain says that your host does not send its mail (SPF)"
)  # RFC 7372 §3.2
DMARC_FAILED = Reply(550, "5.7.26", "the author's domain asks to refuse mail that it has not signed or sent (DMARC)")
HEADER_TOO_LARGE = Reply(552, "5.3.4", "message header too large")
ROUTING_LOOP = Reply(554, "5.4.6", "too many hops: the message is in a loop")
FORWARDING_LOOP = Reply(554, "5.4.6", "the message is in a loop: it was forwarded from this address before")
TOO_MANY_ERRORS = Reply(421, "4.7.0", "too many errors, goodbye")
IDLE_TOO_LONG = Reply(421, "4.4.2", "you were silent for too long, goodbye")
SHUTTING_DOWN = Reply(421, "4.3.2", "shutting down, try again soon")
TOO_MANY_CONNECTIONS = Reply(421, "4.7.0", "too many connections, try later")

ENDINGS: Mapping[Ending, bytes] = {
    Ending.IDLE: IDLE_TOO_LONG.line,
    Ending.SHUTDOWN: SHUTTING_DOWN.line,
    Ending.LINE_TOO_LONG: LINE_TOO_LONG.line,
    Ending.HTTP: NOT_HTTP.line,
    Ending.INTERNAL_ERROR: BROKEN.line,
    Ending.TOO_MANY: TOO_MANY_CONNECTIONS.line,
}
