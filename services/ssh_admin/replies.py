"""The sentences for those who sign in, and the exit status of each error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from shared.accounts.errors import BadCredentials, LockedOut, SignInFailed, TooManySignIns
from shared.database.errors import StatementTimedOut, StoreUnavailable
from shared.errors import DomainError, nearest

FAILED = 1
USAGE = 2
NOT_FOUND = 127  # as shells say it
INTERRUPTED = 130  # 128 + SIGINT, as shells say it
TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h


class SshReply(NamedTuple):
    """A sentence, and the exit status of a command that ends with it."""

    sentence: str
    status: int


REPLIES: Mapping[type[DomainError], SshReply] = {
    BadCredentials: SshReply("these credentials are not valid", FAILED),
    SignInFailed: SshReply("these credentials are not valid", FAILED),
    LockedOut: SshReply("too many failed attempts, try again later", TRY_AGAIN),
    TooManySignIns: SshReply("too many sign-ins at once, try again", TRY_AGAIN),
    StoreUnavailable: SshReply("PostgreSQL does not answer: try again later", TRY_AGAIN),
    StatementTimedOut: SshReply("PostgreSQL is too slow at the moment: try again later", TRY_AGAIN),
}
UNEXPECTED = SshReply("internal error, try again", FAILED)


def reply_to(error: BaseException) -> SshReply:
    """The reply to `error`, or to the nearest kind of error above it; UNEXPECTED if it is not the domain's."""
    return nearest(REPLIES, error, UNEXPECTED)
