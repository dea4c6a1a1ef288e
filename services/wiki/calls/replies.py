"""The replies of calls: every error as a status and a sentence, the same for all protocols here.

The statuses are HTTP's, which a fault of XML-RPC, a fault of SOAP and a failure of Perspective Broker bear, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from services.wiki.calls.errors import NoSuchMethod, SignInWanted, Unreadable, WrongArguments
from services.wiki.site import replies as site
from shared.accounts.errors import AccountDisabled, AccountNotFound, LockedOut, SignInFailed, TooManySignIns
from shared.conversation.errors import SpoolFull
from shared.database.errors import StatementTimedOut, StoreFull, StoreUnavailable
from shared.errors import DomainError, nearest
from shared.folders.errors import MessageTooLarge
from shared.rooms import errors as rooms
from shared.wiki import errors as wiki

OK, CREATED = 200, 201
BAD, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT, PRECONDITION = 400, 401, 403, 404, 409, 412
TOO_LARGE, TOO_MANY, INTERNAL, AWAY = 413, 429, 500, 503


class Reply(NamedTuple):
    """`diff` and `revision` are told of a conflict: the diff is from the newest revision to what was sent.

    `retry_seconds`: after how long the same may succeed, if that is known.
    """

    status: int
    sentence: str
    diff: str = ""
    revision: int | None = None
    retry_seconds: int | None = None


UNEXPECTED = Reply(INTERNAL, "internal error; the server's log says more")
STORE_AWAY = Reply(AWAY, "the store is away, try again", retry_seconds=10)
# The sentence of these is the error's own, written for those who ask.
_WITH_SENTENCE: Mapping[type[DomainError], int] = {
    WrongArguments: BAD,
    Unreadable: BAD,
    wiki.BadPageName: BAD,
    wiki.MayNotWrite: FORBIDDEN,
    wiki.PageTooLarge: TOO_LARGE,
    wiki.BadFileName: BAD,
    wiki.AttachmentTooLarge: TOO_LARGE,
    wiki.TooManyAttachments: CONFLICT,
    rooms.MayNotPost: FORBIDDEN,
    rooms.ArticleUnfit: BAD,
}
REPLIES: Mapping[type[DomainError], Reply] = {
    SignInWanted: Reply(UNAUTHORIZED, "sign in first: this is for members"),
    NoSuchMethod: Reply(NOT_FOUND, "there is no such method"),
    SignInFailed: Reply(UNAUTHORIZED, "name and password do not fit"),
    AccountDisabled: Reply(FORBIDDEN, "the account is disabled"),
    TooManySignIns: Reply(AWAY, "too many are signing in, try again", retry_seconds=5),
    AccountNotFound: Reply(UNAUTHORIZED, "the account is gone"),
    wiki.MayNotReadPages: Reply(UNAUTHORIZED, "sign in first: members read here"),
    wiki.PageNotFound: Reply(NOT_FOUND, "there is no such page"),
    wiki.RevisionNotFound: Reply(NOT_FOUND, "the page has no such revision"),
    wiki.AttachmentNotFound: Reply(NOT_FOUND, "there is no such file"),
    wiki.PageTaken: Reply(CONFLICT, "another page has that name"),
    wiki.BadSource: Reply(BAD, "the text has half of a surrogate pair, which UTF-8 cannot carry"),
    wiki.TooManySaves: Reply(TOO_MANY, "too many changes in the last hour, try again later", retry_seconds=600),
    wiki.TooMuchToFormat: Reply(422, "the page takes too long to format; its source can be read"),
    rooms.RoomNotFound: Reply(NOT_FOUND, "there is no such room"),
    rooms.MayNotRead: Reply(NOT_FOUND, "there is no such room"),
    rooms.ArticleNotFound: Reply(NOT_FOUND, "there is no such message"),
    rooms.DuplicateArticle: Reply(CONFLICT, "the message has been posted before"),
    rooms.TooManyPosts: Reply(TOO_MANY, "too many posts in the last hour, try again later", retry_seconds=600),
    rooms.TooManyHeld: Reply(TOO_MANY, "too many posts wait for the moderators", retry_seconds=3600),
    rooms.NotTheAuthor: Reply(FORBIDDEN, "only its author and moderators may do this"),
    MessageTooLarge: Reply(TOO_LARGE, "the message is too large"),
    StoreUnavailable: STORE_AWAY,
    StatementTimedOut: STORE_AWAY,
    StoreFull: Reply(507, "the disk is full; reading goes on"),
    SpoolFull: Reply(AWAY, "too much is under way, try again", retry_seconds=10),
}


def reply_to(error: DomainError) -> Reply:
    """The reply to an error; one that is not foreseen is a bug, and gets UNEXPECTED."""
    match error:
        case wiki.EditConflict():
            revision = error.current.revision
            sentence = f"others have changed the same lines: the newest revision is {revision}"
            return Reply(CONFLICT, sentence, error.diff, revision)
        case wiki.StaleEdit():
            revision = error.current.revision
            return Reply(PRECONDITION, f"the newest revision is {revision}", error.diff, revision)
        case wiki.PageMoved():
            return Reply(NOT_FOUND, f"the page is called {error.to} now")
        case wiki.MayNotWrite() | rooms.MayNotPost() if error.sign_in_helps:
            return Reply(UNAUTHORIZED, f"{error}: sign in first")
        case LockedOut():
            seconds = max(1, round(error.retry_after.total_seconds()))
            return Reply(TOO_MANY, f"too many failures: try again in {seconds} s", retry_seconds=seconds)
    status = nearest(_WITH_SENTENCE, error, None)
    if status is not None:
        return Reply(status, str(error))
    reply = nearest(REPLIES, error, None)
    if reply is not None:
        return reply
    if nearest(site.REPLIES, error, None) is None:
        return UNEXPECTED
    refusal = site.refusal_of(error)
    return Reply(refusal.status, refusal.sentence, retry_seconds=refusal.retry_after)
