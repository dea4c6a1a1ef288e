"""The replies to the domain's errors and to the client's, in POP3's words (RFC 2449 §8, RFC 3206)."""

from __future__ import annotations

from collections.abc import Mapping

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
from shared.mail.errors import MaildropInUse

REPLIES: dict[type[DomainError], bytes] = {
    BadCredentials: b"-ERR [AUTH] these credentials are not valid\r\n",
    AccountNotFound: b"-ERR [AUTH] these credentials are not valid\r\n",  # deleted while it signed in
    AccountDisabled: b"-ERR [AUTH] these credentials are not valid\r\n",
    LockedOut: b"-ERR [SYS/TEMP] too many failed attempts, try again later\r\n",
    TooManySignIns: b"-ERR [SYS/TEMP] too many sign-ins at once, try again\r\n",
    SaslProtocolError: b"-ERR that is no answer to the challenge\r\n",
    NotBase64: b"-ERR that is not base64\r\n",
    MaildropInUse: b"-ERR [IN-USE] another session holds this maildrop\r\n",
    StoreUnavailable: b"-ERR [SYS/TEMP] storage is away, try again\r\n",
    StatementTimedOut: b"-ERR [SYS/TEMP] storage is slow, try again\r\n",
    FolderNotFound: b"-ERR [SYS/PERM] there is no maildrop here\r\n",
    MessageNotFound: b"-ERR that message is gone\r\n",
    LineTooLong: b"-ERR line too long\r\n",
}
UNEXPECTED = b"-ERR [SYS/TEMP] internal error, try again\r\n"


def reply_to(error: BaseException) -> bytes:
    """The line for `error`, or for the nearest kind of error above it; UNEXPECTED if it is not the domain's."""
    return nearest(REPLIES, error, UNEXPECTED)


SYNTAX = b"-ERR syntax error in the arguments\r\n"
UNKNOWN_COMMAND = b"-ERR unknown command\r\n"
NOT_NOW = b"-ERR not now\r\n"
NO_SUCH_MESSAGE = b"-ERR no such message\r\n"
TLS_FIRST = b"-ERR [AUTH] say STLS first\r\n"
NO_TLS = b"-ERR TLS is not available\r\n"
CANCELLED = b"-ERR sign-in cancelled\r\n"
MECHANISM_UNKNOWN = b"-ERR unknown mechanism\r\n"
NO_APOP = b"-ERR APOP is not offered: no app password was made for it\r\n"
NAME_FIRST = b"-ERR say USER first\r\n"
GOODBYE = b"+OK goodbye\r\n"
TOO_MANY_ERRORS = b"-ERR too many errors, goodbye\r\n"
SHUT_OUT = b"-ERR [AUTH] the account is disabled or deleted\r\n"

ENDINGS: Mapping[Ending, bytes] = {
    Ending.IDLE: b"-ERR you were silent for too long, goodbye\r\n",
    Ending.SHUTDOWN: b"-ERR [SYS/TEMP] shutting down, try again soon\r\n",
    Ending.LINE_TOO_LONG: REPLIES[LineTooLong],
    Ending.HTTP: b"-ERR this is not HTTP\r\n",
    Ending.INTERNAL_ERROR: UNEXPECTED,
    Ending.TOO_MANY: b"-ERR [SYS/TEMP] too many connections, try later\r\n",
}
