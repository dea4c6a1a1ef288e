"""Every error of the domain that a session can meet has a reply, and temporary ones the temporary kind."""

from __future__ import annotations

import pytest

from services.news_gateway.nntp import errors, replies
from services.news_gateway.nntp.post_refusals import REFUSALS, refusal
from shared.accounts import errors as accounts
from shared.conversation import errors as conversation
from shared.database import errors as database
from shared.errors import DomainError
from shared.folders import errors as folders
from shared.rooms import errors as rooms
from shared.testing.error_replies import temporary, without_reply

MODULES = (accounts, conversation, database, errors, folders, rooms)
# Facts of administration and of other doors; rooms are folders without owner, flags or names of their own.
ELSEWHERE = (
    accounts.AccountExists, accounts.AppPasswordNotFound, accounts.LastAdmin, accounts.SignInFailed,
    accounts.UnknownProtocol, accounts.UnusableFullName,
    accounts.UnusableName, accounts.UnusablePassword, accounts.WeakPassword,
    folders.BadFolderName, folders.BadKeyword, folders.ChangesForgotten, folders.FolderExists,
    folders.FolderHasInferiors, folders.FolderIsPermanent,
    folders.NameIsShared, folders.QuotaExceeded, folders.TooManyFolders,
    folders.TooManyKeywords, folders.TooManySubscriptions, rooms.AlreadyDecided, rooms.BadRoomName,
    rooms.ModeratorNotFound, rooms.NotAModerator, rooms.NotHeld, rooms.RoomAddressNotFound, rooms.RoomAddressTaken,
    rooms.RoomExists,
)  # fmt: skip


def test_every_error_has_a_reply_unless_it_belongs_elsewhere() -> None:
    assert without_reply({**replies.REPLIES, **REFUSALS}, MODULES, ELSEWHERE) == set()


@pytest.mark.parametrize("error", temporary(replies.REPLIES))
def test_temporary_errors_have_temporary_replies(error: type[DomainError]) -> None:
    assert replies.REPLIES[error].startswith(b"4")  # RFC 3977 §3.2: could not be performed now


@pytest.mark.parametrize("reply", [*replies.REPLIES.values(), *replies.ENDINGS.values()])
def test_a_reply_is_a_line_with_a_code(reply: bytes) -> None:
    assert reply[:3].isdigit()
    assert reply[3:4] == b" "
    assert reply.endswith(b"\r\n")
    assert len(reply) <= 512


def test_a_bug_tells_nothing_and_may_pass() -> None:
    assert replies.reply_to(ZeroDivisionError("secret")) == b"403 internal error, try again\r\n"


def test_what_the_client_wrote_cannot_make_a_second_line() -> None:
    _, sentence = refusal(rooms.RoomNotFound("x\r\n240 posted\0" + "é" * 1000)) or ("", "")
    line = replies.line(441, sentence)
    assert line.startswith(b"441 there is no group x  240 posted ")
    assert line.count(b"\n") == 1
    assert line.endswith(b"\r\n")
    assert len(line) <= 1024


def test_a_store_that_is_away_is_no_refusal_of_the_article() -> None:
    assert refusal(database.StoreUnavailable()) is None
    assert refusal(rooms.TooManyRooms("more than 20 newsgroups")) == ("malformed", "more than 20 newsgroups")
