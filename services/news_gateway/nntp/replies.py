"""The replies to the domain's errors and to the client's, in NNTP's words (RFC 3977 §3.2, RFC 4642, RFC 4643)."""

from __future__ import annotations

from collections.abc import Mapping

from services.news_gateway.nntp import errors
from shared.accounts.errors import (
    AccountDisabled,
    AccountNotFound,
    BadCredentials,
    LockedOut,
    NotBase64,
    SaslProtocolError,
    TooManySignIns,
)
from shared.conversation.ending import Ending
from shared.conversation.errors import LineTooLong
from shared.database.errors import StatementTimedOut, StoreUnavailable
from shared.errors import DomainError, nearest
from shared.folders.errors import FolderNotFound, MessageNotFound
from shared.rooms.errors import ArticleNotFound, MayNotRead, RoomNotFound

REPLIES: dict[type[DomainError], bytes] = {
    BadCredentials: b"481 these credentials are not valid\r\n",
    AccountNotFound: b"481 these credentials are not valid\r\n",  # deleted while it signed in
    AccountDisabled: b"481 these credentials are not valid\r\n",
    LockedOut: b"481 too many failed attempts, try again later\r\n",
    TooManySignIns: b"403 too many sign-ins at once, try again\r\n",
    SaslProtocolError: b"482 that is no answer to the challenge\r\n",
    NotBase64: b"504 that is not base64\r\n",  # RFC 4643 §2.4.1
    StoreUnavailable: b"403 storage is away, try again\r\n",
    StatementTimedOut: b"403 storage is slow, try again\r\n",
    FolderNotFound: b"411 no such group\r\n",  # deleted just now
    RoomNotFound: b"411 no such group\r\n",
    MayNotRead: b"502 that group is for members\r\n",
    ArticleNotFound: b"430 no such article\r\n",
    MessageNotFound: b"430 no such article\r\n",  # purged just now
    LineTooLong: b"501 line too long\r\n",
    errors.SignInFirst: b"480 sign in first\r\n",
    errors.NoGroupSelected: b"412 no group is selected\r\n",
    errors.NoCurrentArticle: b"420 there is no current article\r\n",
    errors.NoSuchNumber: b"423 no article with that number\r\n",
    errors.NoNextArticle: b"421 no next article\r\n",
    errors.NoPreviousArticle: b"422 no previous article\r\n",
    errors.BadArguments: b"501 syntax error in the arguments\r\n",
}
INTERNAL = 403  # RFC 3977 §3.2.1: something here keeps the command from being obeyed
UNEXPECTED = b"403 internal error, try again\r\n"


def reply_to(error: BaseException) -> bytes:
    """The line for `error`, or for the nearest kind of error above it; UNEXPECTED if it is not the domain's."""
    return nearest(REPLIES, error, UNEXPECTED)


def line(code: int, words: str) -> bytes:
    """A reply that may repeat words of the client's: it is one line of bounded length, whatever these are."""
    told = "".join(each if each.isprintable() else " " for each in words[:MOST_CHARACTERS])
    return f"{code} {told}\r\n".encode("utf-8", "replace")


MOST_CHARACTERS = 400  # RFC 3977 §3.1: a line of a response has 512 octets with its end

READY = b"200 Agora NNTP ready, posting allowed\r\n"
READY_TO_READ = b"201 Agora NNTP ready, posting not allowed\r\n"
SYNTAX = REPLIES[errors.BadArguments]
UNKNOWN_COMMAND = b"500 unknown command\r\n"
UNKNOWN_VARIANT = b"501 unknown variant of the command\r\n"
NOT_SUPPORTED = b"503 not supported\r\n"
TLS_FIRST = b"483 say STARTTLS first\r\n"
NO_TLS = b"580 TLS is not available\r\n"
TLS_ALREADY = b"502 the connection is encrypted already\r\n"
TLS_GO_AHEAD = b"382 begin the TLS handshake\r\n"
COMPRESSED_ALREADY = b"502 the connection is compressed already\r\n"
SIGNED_IN_ALREADY = b"502 signed in already\r\n"
SIGNED_IN = b"281 signed in\r\n"
PASSWORD_REQUIRED = b"381 now AUTHINFO PASS\r\n"
USER_FIRST = b"482 say AUTHINFO USER first\r\n"
CANCELLED = b"481 sign-in cancelled\r\n"
MECHANISM_UNKNOWN = b"503 unknown mechanism\r\n"
GOODBYE = b"205 goodbye\r\n"
TOO_MANY_ERRORS = b"400 too many errors, goodbye\r\n"
SHUT_OUT = b"400 the account is disabled or deleted\r\n"
END = b".\r\n"

ENDINGS: Mapping[Ending, bytes] = {
    Ending.IDLE: b"400 you were silent for too long, goodbye\r\n",
    Ending.SHUTDOWN: b"400 shutting down, try again soon\r\n",
    Ending.LINE_TOO_LONG: REPLIES[LineTooLong],
    Ending.HTTP: b"500 this is not HTTP\r\n",
    Ending.INTERNAL_ERROR: b"400 internal error, try again\r\n",
    Ending.TOO_MANY: b"400 too many connections, try later\r\n",
}
