"""The replies to the domain's errors, in IMAP's words (RFC 3501 §7.1, response codes of RFC 5530)."""

from __future__ import annotations

from collections.abc import Mapping

from services.mail_access.imap.grammar.bad_syntax import BadSyntax, ImpossibleName, UnsupportedCharset
from services.mail_access.imap.response import Reply, bad, no
from shared.accounts import errors as accounts
from shared.conversation.ending import Ending
from shared.conversation.errors import LineTooLong, SpoolFull
from shared.database import errors as database
from shared.errors import DomainError, nearest
from shared.folders import errors as folders
from shared.rooms import errors as rooms

_WRONG_PASSWORD = no(b"wrong name or password", code=b"AUTHENTICATIONFAILED")
_STORE_AWAY = no(b"storage is away, try again", code=b"UNAVAILABLE")

REPLIES: dict[type[DomainError], Reply] = {
    folders.FolderNotFound: no(b"no such mailbox", code=b"NONEXISTENT"),
    folders.FolderNotSelectable: no(b"the name only holds other mailboxes", code=b"NONEXISTENT"),
    folders.FolderExists: no(b"there is such a mailbox already", code=b"ALREADYEXISTS"),
    folders.FolderHasInferiors: no(b"the name holds other mailboxes", code=b"HASCHILDREN"),
    folders.FolderIsPermanent: no(b"INBOX cannot be deleted", code=b"CANNOT"),
    folders.BadFolderName: no(b"no mailbox can have that name", code=b"CANNOT"),
    folders.TooManyFolders: no(b"there are as many mailboxes as an account may have", code=b"LIMIT"),
    folders.TooManySubscriptions: no(b"there are as many subscriptions as an account may have", code=b"LIMIT"),
    folders.TooManyKeywords: no(b"the mailbox has as many keywords as it can hold", code=b"LIMIT"),
    folders.BadKeyword: no(b"not a keyword", code=b"CANNOT"),
    folders.QuotaExceeded: no(b"mailbox full", code=b"OVERQUOTA"),
    folders.MessageTooLarge: no(b"message too large", code=b"TOOBIG"),
    folders.MessageNotFound: no(b"some of the messages no longer exist", code=b"EXPUNGEISSUED"),
    folders.ChangesForgotten: no(b"the mailbox has changed too much, select it again", code=b"INUSE"),
    folders.NameIsShared: no(b"rooms are made and named by an administrator", code=b"NOPERM"),
    rooms.RoomNotFound: no(b"no such mailbox", code=b"NONEXISTENT"),
    rooms.MayNotRead: no(b"no such mailbox", code=b"NONEXISTENT"),
    rooms.MayNotPost: no(b"the room takes no posts from you", code=b"NOPERM"),
    rooms.ArticleUnfit: no(b"this cannot be posted", code=b"CANNOT"),
    rooms.DuplicateArticle: no(b"an article with that Message-ID has come before", code=b"ALREADYEXISTS"),
    rooms.TooManyPosts: no(b"too many posts for now, try again later", code=b"UNAVAILABLE"),
    rooms.TooManyHeld: no(b"too many posts wait for the moderators, try again later", code=b"UNAVAILABLE"),
    rooms.ArticleNotFound: no(b"some of the messages no longer exist", code=b"EXPUNGEISSUED"),
    rooms.NotTheAuthor: no(b"only moderators remove messages from a room", code=b"NOPERM"),
    accounts.BadCredentials: _WRONG_PASSWORD,
    accounts.WrongProtocol: _WRONG_PASSWORD,
    accounts.AccountNotFound: no(b"the account is deleted", code=b"CONTACTADMIN"),
    accounts.AccountDisabled: no(b"the account is disabled", code=b"CONTACTADMIN"),
    accounts.LockedOut: no(b"too many failures, try again later", code=b"UNAVAILABLE"),
    accounts.TooManySignIns: no(b"too many sign-ins at once, try again", code=b"UNAVAILABLE"),
    accounts.SaslProtocolError: Reply(b"BAD", b"not a response of that mechanism"),
    accounts.NotBase64: Reply(b"BAD", b"not base64"),
    accounts.SignInFailed: _WRONG_PASSWORD,
    database.StoreUnavailable: _STORE_AWAY,
    database.StoreFull: no(b"storage is full, reading and deleting go on", code=b"UNAVAILABLE"),
    database.CommitUnknown: no(b"storage is away, the command may have been done or not", code=b"UNAVAILABLE"),
    database.StatementTimedOut: no(b"storage is too busy, try again", code=b"UNAVAILABLE"),
    LineTooLong: bad(b"line too long"),  # where AUTHENTICATE or IDLE waited for one
    SpoolFull: no(b"no room for the message, try again later", code=b"UNAVAILABLE"),
}
_WITH_REASONS = (rooms.MayNotPost, rooms.ArticleUnfit)  # their message is a sentence for whoever posts
_MOST_REASON_CHARACTERS = 400
UNEXPECTED = no(b"internal error, try again later", code=b"SERVERBUG")
BAD_CHARSET = no(b"SEARCH supports US-ASCII and UTF-8", code=b"BADCHARSET (US-ASCII UTF-8)")
IMPOSSIBLE_NAME = no(b"no mailbox can have that name: names are in modified UTF-7", code=b"CANNOT")
TRY_CREATE = no(b"no such mailbox", code=b"TRYCREATE")
SHUT_OUT = b"* BYE the account is disabled or deleted\r\n"

ENDINGS: Mapping[Ending, bytes] = {
    Ending.IDLE: b"* BYE autologout, you were silent for too long\r\n",
    Ending.SHUTDOWN: b"* BYE the server is shutting down, connect again\r\n",
    Ending.LINE_TOO_LONG: b"* BYE line too long\r\n",
    Ending.HTTP: b"* BYE this is not HTTP\r\n",
    Ending.INTERNAL_ERROR: b"* BYE internal error\r\n",
    Ending.TOO_MANY: b"* BYE too many connections\r\n",
}


def reply_to(error: DomainError) -> Reply:
    """The reply to the error, or to the nearest kind of error that there is one for."""
    reply = nearest(REPLIES, error, UNEXPECTED)
    if isinstance(error, _WITH_REASONS) and error.args:
        return Reply(reply.condition, _one_line(str(error)), reply.code)
    return reply


def _one_line(reason: str) -> bytes:
    """It may be the client's in part: whatever it holds, it is one line of bounded length."""
    text = reason[:_MOST_REASON_CHARACTERS].encode("ascii", "replace")
    return bytes(octet if 32 <= octet < 127 else 63 for octet in text)


def reply_to_fault(fault: BadSyntax | UnsupportedCharset | ImpossibleName) -> Reply:
    """The reply to a command that cannot be understood."""
    if isinstance(fault, BadSyntax):
        return bad(fault.text.encode("ascii"), fault.code)
    return IMPOSSIBLE_NAME if isinstance(fault, ImpossibleName) else BAD_CHARSET


def reply_about_target(error: DomainError) -> Reply:
    """The same for a mailbox that messages go into: where it does not exist, creating it may help (RFC 3501 §7.1)."""
    return TRY_CREATE if isinstance(error, folders.FolderNotFound) else reply_to(error)
